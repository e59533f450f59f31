-- Forgets who had holds that have ended.
DELETE FROM hold_buyers WHERE hold = ANY($1)
