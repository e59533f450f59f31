-- Payments by invoice: what a processor would keep of them is kept here. Operators say what has arrived and was sent back.

CREATE TABLE invoices (
    id           text PRIMARY KEY, -- made of the idempotency key: opening one again changes nothing
    checkout     uuid NOT NULL REFERENCES checkouts ON DELETE CASCADE,
    currency     text NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    instructions text NOT NULL,    -- how to pay, as the buyer was told
    status       text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'void')),
    due_at       timestamptz NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX invoices_of_checkout ON invoices (checkout);

-- Money of paid invoices that is to be sent back: pending until an operator has done so, or cannot.
CREATE TABLE invoice_refunds (
    id         text PRIMARY KEY, -- made of the idempotency key
    invoice    text NOT NULL REFERENCES invoices ON DELETE CASCADE,
    amount     bigint NOT NULL CHECK (amount > 0),
    status     text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'succeeded', 'failed')),
    failure    text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX invoice_refunds_of_invoice ON invoice_refunds (invoice);
