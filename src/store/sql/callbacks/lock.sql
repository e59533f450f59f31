-- Locks a callback unless it has been settled in the meantime.
SELECT id FROM callbacks WHERE id = $1 AND due_at IS NOT NULL FOR UPDATE
