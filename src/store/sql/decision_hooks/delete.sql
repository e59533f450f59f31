-- Deletes a decision hook with its secrets.
DELETE FROM decision_hooks WHERE partner = $1
