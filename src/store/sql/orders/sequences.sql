-- How far the events of an order have counted, per partner.
SELECT partner, max(sequence) AS sequence FROM events WHERE order_id = $1 GROUP BY partner
