-- Products of one record share its raw hash, and their group: when one of them is no longer what the record says,
-- the record must be read again, or it would be recognised without it. Also for those that are as they were.
UPDATE products p SET raw_hash = NULL
FROM (SELECT DISTINCT old.group_key, old.raw_hash FROM feed_plan plan JOIN products old ON old.id = plan.product
      WHERE plan.action NOT IN ('insert', 'same') AND old.group_key IS NOT NULL AND old.raw_hash IS NOT NULL) touched
WHERE p.partner = $1 AND p.group_key = touched.group_key AND p.raw_hash = touched.raw_hash
    AND NOT EXISTS (SELECT FROM feed_plan own WHERE own.product = p.id AND own.action <> 'same')
