-- Deletes a rule; its posts stay.
DELETE FROM post_rules WHERE id = $1
