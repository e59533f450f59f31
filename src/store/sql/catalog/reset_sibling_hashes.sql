-- Clears the raw hash of products that share a record with a changed one, even if they did not change: otherwise the
-- record would be recognised without the changed product.
UPDATE products p SET raw_hash = NULL
FROM (SELECT DISTINCT old.group_key, old.raw_hash FROM feed_plan plan JOIN products old ON old.id = plan.product
      WHERE plan.action NOT IN ('insert', 'same') AND old.group_key IS NOT NULL AND old.raw_hash IS NOT NULL) touched
WHERE p.partner = $1 AND p.group_key = touched.group_key AND p.raw_hash = touched.raw_hash
    AND NOT EXISTS (SELECT FROM feed_plan own WHERE own.product = p.id AND own.action <> 'same')
