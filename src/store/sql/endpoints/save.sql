-- Saves the changed settings of an endpoint and raises the version that its owner watches.
UPDATE endpoints SET url = $2, sealed_url = $10, url_saved_by = $3, event_types = $4, headers = $5, header_names = $6, retry = $7,
    max_in_flight = $8, rate_per_second = $9, test_orders = $11, tls = $12, tls_summary = $13, proxy = $14, sealed_proxy = $15,
    url_changed_at = CASE WHEN (url, sealed_url) IS DISTINCT FROM ($2, $10) THEN now() ELSE url_changed_at END,
    version = version + 1, updated_at = now()
WHERE id = $1
