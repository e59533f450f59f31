-- Sent to again, with a clean sheet. One that was never disabled keeps what its owner knows of it.
UPDATE endpoints SET status = 'enabled', status_reason = NULL, circuit = 'closed', failing_since = NULL,
    version = version + 1, updated_at = now()
WHERE id = $1 AND status = 'disabled'
