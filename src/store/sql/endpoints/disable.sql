-- Disables an endpoint at an operator's request, overriding any earlier reason.
UPDATE endpoints SET status = 'disabled', status_reason = 'operator', version = version + 1, updated_at = now()
WHERE id = $1
