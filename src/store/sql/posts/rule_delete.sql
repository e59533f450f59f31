-- A rule is followed no more; its posts stay.
DELETE FROM post_rules WHERE id = $1
