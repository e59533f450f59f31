-- Adds a checkout.
INSERT INTO checkouts (id, token_hash, token, channel, agent, post, language, cart, machine, state, test)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
