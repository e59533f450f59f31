-- Reads the last event sequence of an order per partner.
SELECT partner, max(sequence) AS sequence FROM events WHERE order_id = $1 GROUP BY partner
