-- Lets the endpoints of a partner that sells again begin anew, as an enabled one does: no time counts in which nothing
-- was tried. Disabled ones stay disabled.
UPDATE endpoints SET circuit = 'closed', failing_since = NULL
WHERE partner = $1 AND deleted_at IS NULL AND status = 'enabled' AND (circuit <> 'closed' OR failing_since IS NOT NULL)
