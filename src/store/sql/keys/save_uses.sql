-- Records when keys were last used, by their age: the database's clock decides, and no node sets a time back.
UPDATE api_keys k SET last_used_at = used.at
FROM (SELECT id, now() - make_interval(secs => age) AS at FROM unnest($1::uuid[], $2::double precision[]) AS u (id, age)) used
WHERE k.id = used.id AND (k.last_used_at IS NULL OR k.last_used_at < used.at)
