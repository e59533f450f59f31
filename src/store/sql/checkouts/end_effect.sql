-- Deletes an effect that has its result.
DELETE FROM checkout_effects WHERE id = $1
