-- Whether anything of a partner is counted: most feeds have nothing to lock.
SELECT EXISTS (SELECT FROM stock WHERE partner = $1) AS any
