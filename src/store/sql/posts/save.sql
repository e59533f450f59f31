-- Saves locked posts.
UPDATE posts p SET state = s.state, reason = s.reason, text = s.text, weighted_length = s.weighted_length,
    template = s.template, card = s.card, rollout = s.rollout, publish = string_to_array(s.publish, ','),
    publications = s.publications, starts_at = s.starts_at, ends_at = s.ends_at, next_at = s.next_at,
    version = s.version, published_at = s.published_at, updated_at = s.updated_at,
    sells_here = s.sells_here
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::bigint[],
            $15::timestamptz[], $16::timestamptz[], $17::boolean[])
    AS s (id, state, reason, text, weighted_length, template, card, rollout, publish, publications, starts_at, ends_at,
          next_at, version, published_at, updated_at, sells_here)
WHERE p.id = s.id
