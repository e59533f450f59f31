-- The holds of a checkout, ended ones included, in the order in which stock is locked.
SELECT id, partner, item_id, quantity, state FROM holds WHERE checkout = $1
ORDER BY partner, item_id
