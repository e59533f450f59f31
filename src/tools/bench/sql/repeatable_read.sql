-- One snapshot for the whole transaction: vacuum can remove nothing that it might still see.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ
