-- Deliveries that no retry has put off, and that are due in the future all the same: they were made before the
-- database's clock was set back. They are due now. In slices; nobody waits for those that are being recorded.
UPDATE deliveries SET due_at = now() WHERE id IN (
    SELECT id FROM deliveries WHERE attempts_in_cycle = 0 AND due_at > now() + interval '1 second' LIMIT 10000 FOR UPDATE SKIP LOCKED
)
