-- Reads items whose titles may have changed beyond recognition, with old and new data. The caller decides.
SELECT plan.n, plan.product, s.line, p.item_id, p.item::json ->> 'title' AS title, p.gtins, p.item::json #>> '{images,0,url}' AS image,
       c.item::json ->> 'title' AS new_title, c.gtins AS new_gtins, c.item::json #>> '{images,0,url}' AS new_image
FROM feed_plan plan JOIN feed_staged s ON s.n = plan.n JOIN feed_contents c ON c.n = plan.n
JOIN products p ON p.id = plan.product
WHERE plan.renamed AND plan.n > $1 ORDER BY plan.n LIMIT $2
