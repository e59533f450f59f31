-- Who changed what; in the transaction of the change, so that neither stands without the other.
INSERT INTO audit (who, action, subject, details) VALUES ($1, $2, $3, $4)
