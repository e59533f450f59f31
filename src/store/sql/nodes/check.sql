-- The known value, as some master key sealed it.
SELECT sealed FROM master_key_check
