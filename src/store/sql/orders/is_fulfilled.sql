-- Whether a partner has reported that anything of the order is on its way.
SELECT EXISTS (
    SELECT 1 FROM order_reports
    WHERE order_id = $1 AND coalesce(report::jsonb -> 'fulfilment' ->> 'state', 'open') <> 'open'
) AS fulfilled
