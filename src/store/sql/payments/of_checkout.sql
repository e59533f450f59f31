-- The payments of a checkout, in the order of their attempts.
SELECT * FROM payments WHERE checkout = $1 ORDER BY attempt
