-- Records who changed what, in the transaction of the change, so that neither exists without the other.
INSERT INTO audit (actor, key, role, partner, action, subject, details) VALUES ($1, $2, $3, $4, $5, $6, $7)
