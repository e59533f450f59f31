-- One snapshot for the whole transaction: vacuum cannot remove what it might still see.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ
