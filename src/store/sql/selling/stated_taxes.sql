-- Whether a partner sells here, and what states its taxes: what a change must not break.
SELECT EXISTS (SELECT FROM selling_terms WHERE partner = $1 AND kind = 'policy' AND document @> '{"sells_here": true}') AS sells_here,
       EXISTS (SELECT FROM selling_terms WHERE partner = $1 AND kind = 'taxes') AS has_table,
       EXISTS (SELECT FROM decision_hooks WHERE partner = $1) AS has_hook
