-- Selling here: what a partner's delivery and taxes cost, who sells under which terms, and which posts lead to our own
-- page instead of the merchant's.

-- The documents that a partner has set, each as it was given and valid when it was saved.
CREATE TABLE selling_terms (
    partner    uuid NOT NULL REFERENCES partners,
    kind       text NOT NULL CHECK (kind IN ('shipping', 'taxes', 'policy')),
    document   jsonb NOT NULL CHECK (jsonb_typeof(document) = 'object'),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (partner, kind)
);

-- The URL that a partner's delivery options and taxes are requested from.
CREATE TABLE decision_hooks (
    partner              uuid PRIMARY KEY REFERENCES partners,
    url                  text NOT NULL,          -- without its secrets
    sealed_url           bytea,                  -- sealed: the whole URL, if it holds a secret
    url_saved_by         text NOT NULL CHECK (url_saved_by IN ('operator', 'partner')), -- decides what it may reach
    tax_included         boolean NOT NULL,       -- whether prices contain their tax, where no tax table says so
    secret               bytea NOT NULL,         -- sealed
    previous_secret      bytea,                  -- sealed: signs as well, until previous_valid_until
    previous_valid_until timestamptz,
    updated_at           timestamptz NOT NULL DEFAULT now(),
    CHECK ((previous_secret IS NULL) = (previous_valid_until IS NULL))
);

-- Null: as the partner's policy says.
ALTER TABLE posts ADD COLUMN sells_here boolean;
