-- Every later attempt renders from the data without the buyer.
UPDATE events SET data = $2 WHERE id = $1
