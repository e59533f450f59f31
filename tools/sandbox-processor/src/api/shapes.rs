//! The parameters of each operation, by Stripe's names.
//!
//! What is listed is accepted; what Stripe has beyond it is refused by name, so that nobody believes it was heeded.

use super::shape::{Field, Shape, optional, required};

use Shape::{AnyObject, Choice, Flag, Integer, List, Metadata, Object, Text, Url};

const EXPAND: Field = optional("expand", List(&Text, 20));
const CAPTURE_METHODS: Shape = Choice(&["automatic", "automatic_async", "manual"]);
const METHOD_TYPES: Shape = List(&Choice(&["card", "ideal"]), 2);
const SETUP_FUTURE_USAGE: Shape = Choice(&["off_session", "on_session"]);

const ADDRESS: Shape = Object(&[
    optional("city", Text),
    optional("country", Text),
    optional("line1", Text),
    optional("line2", Text),
    optional("postal_code", Text),
    optional("state", Text),
]);
const SHIPPING: Shape = Object(&[
    required("address", ADDRESS),
    required("name", Text),
    optional("carrier", Text),
    optional("phone", Text),
    optional("tracking_number", Text),
]);
const TRANSFER_DATA: Shape = Object(&[required("destination", Text), optional("amount", Integer)]);

const PRICE_DATA: Shape = Object(&[
    required("currency", Text),
    required("unit_amount", Integer),
    required(
        "product_data",
        Object(&[
            required("name", Text),
            optional("description", Text),
            optional("images", List(&Url, 8)),
            optional("metadata", Metadata),
            optional("tax_code", Text),
        ]),
    ),
    optional(
        "tax_behavior",
        Choice(&["exclusive", "inclusive", "unspecified"]),
    ),
]);
const LINE: Shape = Object(&[
    required("price_data", PRICE_DATA),
    required("quantity", Integer),
    optional("metadata", Metadata),
]);

const SHIPPING_OPTION: Shape = Object(&[required(
    "shipping_rate_data",
    Object(&[
        required("display_name", Text),
        required(
            "fixed_amount",
            Object(&[required("amount", Integer), required("currency", Text)]),
        ),
        optional("type", Choice(&["fixed_amount"])),
        optional("delivery_estimate", AnyObject),
        optional("metadata", Metadata),
        optional(
            "tax_behavior",
            Choice(&["exclusive", "inclusive", "unspecified"]),
        ),
        optional("tax_code", Text),
    ]),
)]);

const PAYMENT_INTENT_DATA: Shape = Object(&[
    optional("application_fee_amount", Integer),
    optional("capture_method", CAPTURE_METHODS),
    optional("description", Text),
    optional("metadata", Metadata),
    optional("on_behalf_of", Text),
    optional("receipt_email", Text),
    optional("setup_future_usage", SETUP_FUTURE_USAGE),
    optional("shipping", SHIPPING),
    optional("statement_descriptor", Text),
    optional("statement_descriptor_suffix", Text),
    optional("transfer_data", TRANSFER_DATA),
    optional("transfer_group", Text),
]);

/// The languages of Stripe's hosted page.
const LOCALES: Shape = Choice(&[
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr",
    "fr-CA", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt",
    "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
]);

const CUSTOM_TEXT_POSITION: Shape = Object(&[required("message", Text)]);
const DISABLED_OR_NOT: Shape = Object(&[required("enabled", Flag)]);
/// What the sandbox does not do may be declined, but not requested.
const DISABLED: Shape = Object(&[required("enabled", Choice(&["false"]))]);

pub(super) const CREATE_SESSION: &[Field] = &[
    required("mode", Choice(&["payment"])),
    required("line_items", List(&LINE, 100)),
    required("success_url", Url),
    optional("adaptive_pricing", DISABLED),
    optional("allow_promotion_codes", Flag),
    optional("automatic_tax", DISABLED),
    optional("billing_address_collection", Choice(&["auto", "required"])),
    optional("cancel_url", Url),
    optional("client_reference_id", Text),
    optional("currency", Text),
    optional("customer_creation", Choice(&["always", "if_required"])),
    optional("customer_email", Text),
    optional(
        "custom_text",
        Object(&[
            optional("after_submit", CUSTOM_TEXT_POSITION),
            optional("shipping_address", CUSTOM_TEXT_POSITION),
            optional("submit", CUSTOM_TEXT_POSITION),
            optional("terms_of_service_acceptance", CUSTOM_TEXT_POSITION),
        ]),
    ),
    EXPAND,
    optional("expires_at", Integer),
    optional(
        "invoice_creation",
        Object(&[
            required("enabled", Flag),
            optional(
                "invoice_data",
                Object(&[
                    optional("description", Text),
                    optional("footer", Text),
                    optional("metadata", Metadata),
                ]),
            ),
        ]),
    ),
    optional("locale", LOCALES),
    optional("metadata", Metadata),
    optional("origin_context", Choice(&["mobile_app", "web"])),
    optional("payment_intent_data", PAYMENT_INTENT_DATA),
    optional(
        "payment_method_options",
        Object(&[optional(
            "card",
            Object(&[
                optional(
                    "request_three_d_secure",
                    Choice(&["any", "automatic", "challenge"]),
                ),
                optional("setup_future_usage", SETUP_FUTURE_USAGE),
            ]),
        )]),
    ),
    optional("payment_method_types", METHOD_TYPES),
    optional("phone_number_collection", DISABLED_OR_NOT),
    optional("shipping_options", List(&SHIPPING_OPTION, 5)),
    optional("submit_type", Choice(&["auto", "book", "donate", "pay"])),
    optional("ui_mode", Choice(&["hosted_page"])),
];

const PAYMENT_METHOD_DATA: Shape = Object(&[
    optional("type", Choice(&["card"])),
    optional("shared_payment_granted_token", Text),
    optional("billing_details", AnyObject),
    optional("metadata", Metadata),
]);

pub(super) const CREATE_INTENT: &[Field] = &[
    required("amount", Integer),
    required("currency", Text),
    optional("application_fee_amount", Integer),
    optional(
        "automatic_payment_methods",
        Object(&[
            required("enabled", Flag),
            optional("allow_redirects", Choice(&["always", "never"])),
        ]),
    ),
    optional("capture_method", CAPTURE_METHODS),
    optional("confirm", Flag),
    optional("description", Text),
    EXPAND,
    optional("metadata", Metadata),
    optional("off_session", Flag),
    optional("on_behalf_of", Text),
    optional("payment_method", Text),
    optional("payment_method_data", PAYMENT_METHOD_DATA),
    optional("payment_method_types", METHOD_TYPES),
    optional("receipt_email", Text),
    optional("return_url", Url),
    optional("setup_future_usage", SETUP_FUTURE_USAGE),
    optional("shipping", SHIPPING),
    optional("statement_descriptor", Text),
    optional("statement_descriptor_suffix", Text),
    optional("transfer_data", TRANSFER_DATA),
    optional("transfer_group", Text),
];

pub(super) const UPDATE_INTENT: &[Field] = &[
    optional("description", Text),
    EXPAND,
    optional("metadata", Metadata),
    optional("transfer_group", Text),
];

pub(super) const CONFIRM_INTENT: &[Field] = &[
    EXPAND,
    optional("off_session", Flag),
    optional("payment_method", Text),
    optional("payment_method_data", PAYMENT_METHOD_DATA),
    optional("return_url", Url),
];

pub(super) const CAPTURE_INTENT: &[Field] = &[
    optional("amount_to_capture", Integer),
    EXPAND,
    optional("metadata", Metadata),
    optional("statement_descriptor", Text),
    optional("statement_descriptor_suffix", Text),
];

pub(super) const CANCEL_INTENT: &[Field] = &[
    optional(
        "cancellation_reason",
        Choice(&[
            "abandoned",
            "duplicate",
            "fraudulent",
            "requested_by_customer",
        ]),
    ),
    EXPAND,
];

pub(super) const CREATE_REFUND: &[Field] = &[
    optional("amount", Integer),
    optional("charge", Text),
    EXPAND,
    optional("metadata", Metadata),
    optional("payment_intent", Text),
    optional(
        "reason",
        Choice(&["duplicate", "fraudulent", "requested_by_customer"]),
    ),
    optional("refund_application_fee", Flag),
    optional("reverse_transfer", Flag),
];

pub(super) const CREATE_TRANSFER: &[Field] = &[
    required("amount", Integer),
    required("currency", Text),
    required("destination", Text),
    optional("description", Text),
    EXPAND,
    optional("metadata", Metadata),
    optional("source_transaction", Text),
    optional("transfer_group", Text),
];

pub(super) const REVERSE_TRANSFER: &[Field] = &[
    optional("amount", Integer),
    optional("description", Text),
    EXPAND,
    optional("metadata", Metadata),
];

pub(super) const CREATE_ENDPOINT: &[Field] = &[
    required("url", Url),
    required("enabled_events", List(&Text, 100)),
    optional("api_version", Text),
    optional("description", Text),
    EXPAND,
    optional("metadata", Metadata),
];

pub(super) const CREATE_TOKEN: &[Field] = &[
    required("payment_method", Text),
    required(
        "usage_limits",
        Object(&[
            required("currency", Text),
            required("expires_at", Integer),
            required("max_amount", Integer),
        ]),
    ),
    EXPAND,
    optional("seller_details", AnyObject),
    optional("shared_metadata", Metadata),
];

/// Operations without parameters of their own.
pub(super) const EXPAND_ONLY: &[Field] = &[EXPAND];

const CREATED: Field = optional(
    "created",
    Object(&[
        optional("gt", Integer),
        optional("gte", Integer),
        optional("lt", Integer),
        optional("lte", Integer),
    ]),
);
const LIMIT: Field = optional("limit", Integer);
const AFTER: Field = optional("starting_after", Text);
const BEFORE: Field = optional("ending_before", Text);

pub(super) const LIST: &[Field] = &[CREATED, EXPAND, LIMIT, AFTER, BEFORE];
pub(super) const LIST_SESSIONS: &[Field] = &[
    CREATED,
    EXPAND,
    LIMIT,
    AFTER,
    BEFORE,
    optional("payment_intent", Text),
    optional("status", Choice(&["complete", "expired", "open"])),
];
pub(super) const LIST_BY_PAYMENT: &[Field] = &[
    CREATED,
    EXPAND,
    LIMIT,
    AFTER,
    BEFORE,
    optional("charge", Text),
    optional("payment_intent", Text),
];
pub(super) const LIST_CHARGES: &[Field] = &[
    CREATED,
    EXPAND,
    LIMIT,
    AFTER,
    BEFORE,
    optional("payment_intent", Text),
    optional("transfer_group", Text),
];
pub(super) const LIST_TRANSFERS: &[Field] = &[
    CREATED,
    EXPAND,
    LIMIT,
    AFTER,
    BEFORE,
    optional("destination", Text),
    optional("transfer_group", Text),
];
pub(super) const LIST_EVENTS: &[Field] = &[
    CREATED,
    EXPAND,
    LIMIT,
    AFTER,
    BEFORE,
    optional("type", Text),
    optional("types", List(&Text, 20)),
];
