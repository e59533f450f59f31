-- Makes deliveries due now that no retry has postponed but that are due in the future: they were created before the
-- database's clock was set back. In slices, skipping rows that are being recorded.
UPDATE deliveries SET due_at = now() WHERE id IN (
    SELECT id FROM deliveries WHERE attempts_in_cycle = 0 AND due_at > now() + interval '1 second' LIMIT 10000 FOR UPDATE SKIP LOCKED
)
