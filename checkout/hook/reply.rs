//! The partner's answer: options and taxes, or a refusal.

use buywire_schemas::money::Currency;
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, choice, integer, name, string, text};
use serde::{Deserialize, Serialize};

use super::request::HookRequest;
use crate::quote::{DeliveryTax, LineTax, QUOTE_AMOUNT_MAX};
use crate::tables::{DELIVERY_OPTIONS_MAX, DeliveryOption, days, kind};

const ID_CHARS_MAX: usize = 64;
const TITLE_CHARS_MAX: usize = 100;
/// A sentence for the buyer.
const REFUSAL_CHARS_MAX: usize = 300;

/// What the partner decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookReply {
    /// It sells.
    Prices(HookPrices),
    /// It does not.
    Refusal(HookRefusal),
}

/// Options and taxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookPrices {
    /// The options, the partner's favourite first. Empty where nothing is to be delivered.
    pub options: Vec<HookOption>,
    /// The tax of each line of the request: an amount, or unknown.
    pub line_taxes: Vec<LineTax>,
}

/// A delivery option and the tax on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookOption {
    /// The option.
    pub option: DeliveryOption,
    /// An amount, or unknown.
    pub tax: DeliveryTax,
}

/// Why the partner does not sell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookRefusal {
    /// The kind of reason.
    pub reason: RefusalReason,
    /// The partner's own code.
    pub code: Option<String>,
    /// A sentence for the buyer.
    pub text: Option<String>,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// Not to this country or region.
    Country,
    /// The buyer's age must be proved.
    Age,
    /// Not this category.
    Category,
    /// Something else.
    Other,
}

impl HookReply {
    /// Reads the answer to a request. More than `bytes_max` bytes are not read at all.
    pub fn parse(body: &[u8], bytes_max: usize, request: &HookRequest) -> Result<Self, BodyError> {
        if body.len() > bytes_max {
            let detail = format!("must have at most {bytes_max} bytes");
            return Err(BodyError::single("", Violation::new("too_large", detail)));
        }
        let mut body = Reader::object(body)?;
        if body.has("refusal") {
            let refusal = body.nested("refusal", refusal);
            return body.finish(|| refusal.map(Self::Refusal));
        }
        let currency = body.required("currency", string(Currency::parse));
        if currency.is_some_and(|currency| currency != request.currency) {
            let detail = format!("must be {}, the currency of the request", request.currency);
            body.refuse("/currency", Violation::new("currency_mismatch", detail));
        }
        let options = body.list("options", 0..=DELIVERY_OPTIONS_MAX, |reader| {
            option(reader, request.tax_included)
        });
        refuse_twins(&mut body, options.as_deref().unwrap_or_default());
        let line_taxes = line_taxes(&mut body, request);
        body.finish(|| {
            Some(Self::Prices(HookPrices {
                options: options?,
                line_taxes: line_taxes?,
            }))
        })
    }
}

fn refusal(refusal: &mut Reader<'_>) -> Option<HookRefusal> {
    const REASONS: &[(&str, RefusalReason)] = &[
        ("country", RefusalReason::Country),
        ("age", RefusalReason::Age),
        ("category", RefusalReason::Category),
        ("other", RefusalReason::Other),
    ];
    let reason = refusal.required("reason", choice(REASONS));
    let code = refusal.optional("code", name(1..=ID_CHARS_MAX));
    let text = refusal.optional("text", name(1..=REFUSAL_CHARS_MAX));
    Some(HookRefusal {
        reason: reason?,
        code,
        text,
    })
}

fn option(option: &mut Reader<'_>, tax_included: bool) -> Option<HookOption> {
    let id = option.required("id", text(1..=ID_CHARS_MAX));
    let kind = kind(option);
    let title = option.required("title", name(1..=TITLE_CHARS_MAX));
    let price = option.required("price", integer(0..=QUOTE_AMOUNT_MAX));
    let tax = option.optional("tax", integer(0..=QUOTE_AMOUNT_MAX));
    let days = days(option);
    if tax_included && price.zip(tax).is_some_and(|(price, tax)| tax > price) {
        option.refuse("/tax", excessive());
    }
    Some(HookOption {
        option: DeliveryOption {
            id: id?,
            kind: kind?,
            title: title?,
            price: price?,
            days,
        },
        tax: tax.map_or(DeliveryTax::Unknown, DeliveryTax::Amount),
    })
}

fn excessive() -> Violation {
    let detail = "must be at most the price that contains it (tax_included)";
    Violation::new("tax_exceeds_price", detail)
}

fn refuse_twins(body: &mut Reader<'_>, options: &[HookOption]) {
    for (index, option) in options.iter().enumerate() {
        let mut earlier = options.iter().take(index);
        if earlier.any(|other| other.option.id == option.option.id) {
            let detail = "must differ from the ids of the other options";
            let location = format!("/options/{index}/id");
            body.refuse(&location, Violation::new("duplicate_id", detail));
        }
    }
}

/// One entry for each line of the request, in its order, and their sum. Without the list all taxes are unknown.
fn line_taxes(body: &mut Reader<'_>, request: &HookRequest) -> Option<Vec<LineTax>> {
    let count = request.lines.len();
    let unknown = || vec![LineTax::Unknown; count];
    if !body.has("lines") {
        return Some(unknown());
    }
    let lines = body.list("lines", count..=count, |line| {
        let item_id = line.required("item_id", text(1..=usize::MAX));
        let tax = line.required("tax", integer(0..=QUOTE_AMOUNT_MAX));
        item_id.zip(tax)
    });
    let sum = body.required("tax", integer(0..=QUOTE_AMOUNT_MAX));
    let lines = lines?;
    for (index, ((item_id, tax), line)) in lines.iter().zip(&request.lines).enumerate() {
        if *item_id != line.item_id {
            let detail = "must be the item of the request's line at the same position";
            let location = format!("/lines/{index}/item_id");
            body.refuse(&location, Violation::new("item_mismatch", detail));
        }
        if request.tax_included && i128::from(*tax) > HookRequest::price(line) {
            body.refuse(&format!("/lines/{index}/tax"), excessive());
        }
    }
    let expected: i128 = lines.iter().map(|(_, tax)| i128::from(*tax)).sum();
    if sum.is_some_and(|sum| i128::from(sum) != expected) {
        let detail = format!("must be the sum of the lines' tax, which is {expected}");
        body.refuse("/tax", Violation::new("tax_mismatch", detail));
    }
    let taxes = lines.into_iter().map(|(_, tax)| LineTax::Amount(tax));
    Some(taxes.collect())
}
