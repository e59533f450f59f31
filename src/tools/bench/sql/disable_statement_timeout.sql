-- The vacuum that follows has no time limit.
SELECT set_config('statement_timeout', '0', false)
