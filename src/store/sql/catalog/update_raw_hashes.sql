-- Stores the new raw hash of items whose bytes changed but whose contents did not, so that they are recognised next
-- time.
UPDATE products p SET raw_hash = s.raw_hash
FROM feed_plan plan JOIN feed_staged s ON s.n = plan.n
WHERE plan.action = 'touch' AND p.id = plan.product
