-- Stores the findings that a run keeps row by row.
INSERT INTO feed_issues (run, n, code, attribute, line, item_id, value)
SELECT $1, i.n, i.code, i.attribute, i.line, i.item_id, i.value
FROM unnest($2::int[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[])
    AS i (n, code, attribute, line, item_id, value)
ON CONFLICT DO NOTHING
