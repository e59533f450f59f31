-- Enables a disabled endpoint with a closed circuit. An enabled one keeps its state.
UPDATE endpoints SET status = 'enabled', status_reason = NULL, circuit = 'closed', failing_since = NULL,
    version = version + 1, updated_at = now()
WHERE id = $1 AND status = 'disabled'
