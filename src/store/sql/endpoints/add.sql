-- Adds an endpoint.
INSERT INTO endpoints (id, partner, shard, url, url_saved_by, event_types, headers, header_names, retry,
    max_in_flight, rate_per_second, sealed_url, test_orders, tls, tls_summary, proxy, sealed_proxy)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
