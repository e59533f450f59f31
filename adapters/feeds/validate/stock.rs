//! Availability, its dates, and quantity.

use buywire_schemas::catalog::Availability;
use buywire_schemas::catalog::issue::Code;
use time::{Duration, OffsetDateTime};

use super::findings::FindingsBuilder;
use super::rules::Rules;
use super::values::datetime::ParsedTime;
use super::values::number::{Number, NumberError, Numeral};
use crate::draft::{Draft, RawField};

/// The longest known value, without spaces and schema.org's URL.
const WORD_BYTES_MAX: usize = 24;

/// The largest quantity. It fits the database's integers.
const QUANTITY_MAX: u32 = i32::MAX as u32;

/// The stock data of an item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stock {
    pub availability: Availability,
    pub available_from: Option<OffsetDateTime>,
    pub quantity: Option<u32>,
}

/// The meaning of a feed's availability value.
enum ParsedAvailability {
    Exact(Availability),
    InStoreOnly,
    Unknown,
}

/// Combines availability, its date and the quantity.
pub(super) fn stock(
    draft: &Draft,
    rules: &Rules,
    now: OffsetDateTime,
    findings: &mut FindingsBuilder,
) -> Option<Stock> {
    let quantity = parse_quantity(draft.quantity.as_ref(), rules, findings);
    let availability =
        resolve_availability(draft.availability.as_ref(), quantity, rules, findings)?;
    let is_orderable = matches!(
        availability,
        Availability::InStock | Availability::LimitedStock | Availability::Preorder
    );
    let sold_out = is_orderable && quantity == Some(0);
    if let (true, Some(raw)) = (sold_out, &draft.availability) {
        findings.raise(Code::StockConflict, raw);
    }
    let availability = if sold_out {
        Availability::OutOfStock
    } else {
        availability
    };
    let available_from = draft
        .available_from
        .as_ref()
        .and_then(|raw| parse_available_from(raw, availability, rules, now, findings));
    let missing = match availability {
        _ if available_from.is_some() => None,
        Availability::Preorder => Some(Code::AvailabilityDateMissing),
        Availability::Backorder => Some(Code::BackorderDateMissing),
        _ => None,
    };
    if let Some(code) = missing {
        findings.raise_missing(code, "available_from");
    }
    Some(Stock {
        availability,
        available_from,
        quantity,
    })
}

fn resolve_availability(
    input: Option<&RawField>,
    quantity: Option<u32>,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Option<Availability> {
    let counted = quantity.map(|pieces| match pieces {
        0 => Availability::OutOfStock,
        _ => Availability::InStock,
    });
    let Some(raw) = input else {
        let inferred = counted.or(rules.default_availability);
        if inferred.is_none() {
            findings.raise_missing(Code::AvailabilityMissing, "availability");
        }
        return inferred;
    };
    match parse_availability(&raw.text) {
        Some(ParsedAvailability::Exact(availability)) => Some(availability),
        Some(ParsedAvailability::InStoreOnly) => {
            findings.raise(Code::AvailabilityInStoreOnly, raw);
            Some(Availability::InStock)
        }
        Some(ParsedAvailability::Unknown) if counted.or(rules.default_availability).is_some() => {
            counted.or(rules.default_availability)
        }
        Some(ParsedAvailability::Unknown) | None => {
            findings.raise(Code::AvailabilityUnknown, raw);
            None
        }
    }
}

/// The meaning of the value, whatever its case, spaces, hyphens and origin.
fn parse_availability(text: &str) -> Option<ParsedAvailability> {
    use Availability::{Backorder, Discontinued, InStock, LimitedStock, OutOfStock, Preorder};
    let text = text.trim();
    let word = text
        .rsplit_once("schema.org/")
        .map_or(text, |(_, word)| word);
    let mut letters = [0_u8; WORD_BYTES_MAX];
    let mut length = 0;
    for byte in word
        .bytes()
        .filter(|byte| !matches!(byte, b' ' | b'_' | b'-'))
    {
        *letters.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    let exact = match letters.get(..length)? {
        b"instock" | b"onlineonly" | b"available" => InStock,
        b"limitedstock" | b"lowstock" | b"limitedavailability" => LimitedStock,
        b"preorder" | b"presale" => Preorder,
        b"backorder" | b"onbackorder" | b"availablefororder" => Backorder,
        b"outofstock" | b"soldout" | b"pending" | b"markassold" | b"markasexpired" => OutOfStock,
        b"discontinued" => Discontinued,
        b"instoreonly" => return Some(ParsedAvailability::InStoreOnly),
        b"unknown" => return Some(ParsedAvailability::Unknown),
        _ => return None,
    };
    Some(ParsedAvailability::Exact(exact))
}

/// A quantity. Values above the maximum become the maximum, negative ones 0.
fn parse_quantity(
    input: Option<&RawField>,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Option<u32> {
    let raw = input?;
    let text = raw.text.trim();
    let read = match Numeral::parse(text, rules.decimal) {
        // Some shops export `3.0`.
        Ok(Numeral::Plain(number, _)) if number.places == 0 => Some(number),
        // The lower quantity is the cautious reading.
        Ok(Numeral::Ambiguous {
            decimal, grouped, ..
        }) => {
            let fewer = if decimal.places == 0 {
                decimal
            } else {
                grouped
            };
            findings.raise(Code::QuantityAmbiguous, raw);
            Some(fewer)
        }
        Err(NumberError::TooLarge) => Some(Number {
            digits: u128::MAX,
            negative: text.starts_with('-'),
            places: 0,
            written: 0,
        }),
        Ok(Numeral::Plain(..)) | Err(NumberError::Malformed) => None,
    };
    if read.is_none_or(|number| number.negative && number.digits > 0) {
        findings.raise(Code::QuantityInvalid, raw);
    }
    let number = read?;
    let most = u128::from(QUANTITY_MAX);
    let bounded = if number.negative {
        0
    } else {
        number.digits.min(most)
    };
    u32::try_from(bounded).ok()
}

/// The most units that one order may contain. `None` if that is not a number above zero.
pub(super) fn max_per_order(
    input: Option<&RawField>,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Option<u32> {
    parse_quantity(input, rules, findings).filter(|most| *most > 0)
}

fn parse_available_from(
    raw: &RawField,
    availability: Availability,
    rules: &Rules,
    now: OffsetDateTime,
    findings: &mut FindingsBuilder,
) -> Option<OffsetDateTime> {
    let at = parse_time(raw, rules, findings)?.at;
    let ahead = matches!(
        availability,
        Availability::Preorder | Availability::Backorder
    );
    // One day of tolerance: a day begins earlier elsewhere.
    let plausible = now - Duration::DAY..=now + Duration::days(366);
    if ahead && !plausible.contains(&at) {
        findings.raise(Code::AvailabilityDateImplausible, raw);
    }
    Some(at)
}

/// When the offer ends.
pub(super) fn expiry(
    input: Option<&RawField>,
    rules: &Rules,
    now: OffsetDateTime,
    findings: &mut FindingsBuilder,
) -> Option<OffsetDateTime> {
    let raw = input?;
    let ends_at = parse_time(raw, rules, findings)?.end()?;
    if ends_at <= now {
        findings.raise(Code::Expired, raw);
    }
    Some(ends_at)
}

fn parse_time(raw: &RawField, rules: &Rules, findings: &mut FindingsBuilder) -> Option<ParsedTime> {
    let time = ParsedTime::parse(&raw.text, rules.time_zone.as_ref());
    match time {
        None => findings.raise(Code::DateInvalid, raw),
        Some(instant) if !instant.has_zone => findings.raise(Code::DateWithoutTimezone, raw),
        Some(_) => {}
    }
    time
}
