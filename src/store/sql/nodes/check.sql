-- Reads the check value that some master key sealed.
SELECT sealed FROM master_key_check
