-- Takes the snapshot, and keeps the session from being cut while it does nothing.
SELECT set_config('idle_in_transaction_session_timeout', '0', true)
