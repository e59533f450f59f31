-- Deletes one document of a partner.
DELETE FROM selling_terms WHERE partner = $1 AND kind = $2
