-- Reads a pending callback without locking it, to learn its order: orders are locked before callbacks.
SELECT c.partner, p.slug, c.content, c.attempts, c.received_at
FROM callbacks c JOIN partners p ON p.id = c.partner
WHERE c.id = $1 AND c.due_at IS NOT NULL
