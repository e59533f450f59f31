-- Not sent to until somebody enables it. Said by a person, whatever had disabled it before.
UPDATE endpoints SET status = 'disabled', status_reason = 'operator', version = version + 1, updated_at = now()
WHERE id = $1
