-- Take the snapshot, and keep the idle session from being terminated.
SELECT set_config('idle_in_transaction_session_timeout', '0', true)
