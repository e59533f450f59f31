-- A page of the order shows its buyer. The id stays: what the partner reports is found by it.
UPDATE acknowledgements SET number = NULL, permalink = NULL WHERE order_id = $1
