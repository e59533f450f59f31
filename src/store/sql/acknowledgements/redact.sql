-- Removes the order page and number, because the page shows the buyer. The id stays: the partner's reports are
-- matched by it.
UPDATE acknowledgements SET number = NULL, permalink = NULL WHERE order_id = $1
