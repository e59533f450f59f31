-- Rows ever written to the live tables, by PostgreSQL's own count.
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint AS count
FROM pg_stat_user_tables WHERE relname IN ('products', 'posts')
