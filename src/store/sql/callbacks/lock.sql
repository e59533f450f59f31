-- Hold a callback, unless it has been settled meanwhile.
SELECT id FROM callbacks WHERE id = $1 AND due_at IS NOT NULL FOR UPDATE
