-- Reads a partner's adapter, which decides whether it can be sent a redaction.
SELECT adapter, settings FROM partners WHERE id = $1
