-- Marks an endpoint as deleted. Its row stays for the shard's owner, which must learn of it, and for its open
-- deliveries, which become dead letters later. Its headers, certificates and proxy are erased
-- at once.
UPDATE endpoints SET deleted_at = now(), headers = NULL, sealed_url = NULL, header_names = '{}', tls = NULL,
    tls_summary = NULL, proxy = NULL, sealed_proxy = NULL, version = version + 1, updated_at = now()
WHERE id = $1
