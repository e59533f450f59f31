-- A catalog changes under this lock; while a feed has it, others go first.
SELECT version FROM feeds WHERE partner = $1 FOR UPDATE SKIP LOCKED
