-- Whether anything of the partner may be bought: what is read can only differ from that.
SELECT EXISTS (SELECT FROM products WHERE partner = $1 AND removed_at IS NULL) AS has
