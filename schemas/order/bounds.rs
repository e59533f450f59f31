//! Limits of an order's parts. Each is far above what shops send, and low
//! enough that a body of 1 MiB cannot cause disproportionate work.

/// Lines of one order. The platform splits larger orders.
pub const LINES_MAX: usize = 200;
/// Units in one line.
pub const QUANTITY_MAX: i64 = 10_000;
/// Characters of a line's title; catalogs allow 150 to 255.
pub const TITLE_CHARS_MAX: usize = 500;
/// Characters of a partner's item id.
pub const ITEM_ID_CHARS_MAX: usize = 128;
/// Characters of a person's name, a street line, a city or a region.
pub const NAME_CHARS_MAX: usize = 200;
/// Characters of a postal code. The longest in use have 10. Empty where a country has none.
pub const POSTAL_CODE_CHARS_MAX: usize = 20;
/// Characters of a processor's or a card brand's name.
pub const PROCESSOR_CHARS_MAX: usize = 64;
/// Characters of a processor's reference; processors promise at most 255.
pub const PAYMENT_REFERENCE_CHARS_MAX: usize = 255;
/// Characters of a post's id, ours or another network's.
pub const POST_ID_CHARS_MAX: usize = 128;
/// Characters of a buyer's note: a long message on a gift card.
pub const NOTE_CHARS_MAX: usize = 2_000;
/// Entries of `metadata` and of a line's `attributes`: the limit of payment processors.
pub const ATTRIBUTES_MAX: usize = 50;
/// Characters of an attribute's name.
pub const ATTRIBUTE_NAME_CHARS_MAX: usize = 64;
/// Characters of an attribute's value.
pub const ATTRIBUTE_VALUE_CHARS_MAX: usize = 500;
