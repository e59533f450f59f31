-- Deletes statistics by the hour after 400 days. Those by the minute are dropped with their day's table.
DELETE FROM hour_stats WHERE (subject, hour) IN (
    SELECT subject, hour FROM hour_stats WHERE hour < now() - interval '400 days' ORDER BY hour LIMIT $1)
