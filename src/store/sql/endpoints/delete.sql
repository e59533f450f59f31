-- Gone for everybody but its shard's owner, who must hear of it, and its open deliveries, which are
-- buried later. Its header values go at once.
UPDATE endpoints SET deleted_at = now(), headers = NULL, sealed_url = NULL, header_names = '{}', version = version + 1, updated_at = now()
WHERE id = $1
