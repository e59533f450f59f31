//! Whether an item can be had, from when, until when, and how many are left.

use buywire_schemas::catalog::Availability;
use buywire_schemas::catalog::issue::Code;
use time::{Duration, OffsetDateTime};

use super::moment::Moment;
use super::notes::Notes;
use super::number::{NotANumber, Number, Numeral};
use super::rules::Rules;
use crate::feed::draft::{Draft, Said};

/// The longest word that means anything here, without blanks and schema.org's address.
const WORD_BYTES_MAX: usize = 24;

/// More pieces than anybody counts; fits the database's integers.
const QUANTITY_MAX: u32 = i32::MAX as u32;

/// What is known about stock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stock {
    pub availability: Availability,
    pub available_from: Option<OffsetDateTime>,
    pub quantity: Option<u32>,
}

/// What a word of a feed means.
enum Meaning {
    Is(Availability),
    InStoreOnly,
    Unknown,
}

/// Brings availability, its date and the quantity together.
pub(super) fn stock(
    draft: &Draft,
    rules: &Rules,
    now: OffsetDateTime,
    notes: &mut Notes,
) -> Option<Stock> {
    let quantity = quantity(draft.quantity.as_ref(), rules, notes);
    let availability = availability(draft.availability.as_ref(), quantity, rules, notes)?;
    let had = matches!(
        availability,
        Availability::InStock | Availability::LimitedStock | Availability::Preorder
    );
    let sold_out = had && quantity == Some(0);
    if let (true, Some(said)) = (sold_out, &draft.availability) {
        notes.raise(Code::StockConflict, said);
    }
    let availability = if sold_out {
        Availability::OutOfStock
    } else {
        availability
    };
    let available_from = draft
        .available_from
        .as_ref()
        .and_then(|said| from(said, availability, rules, now, notes));
    let missing = match availability {
        _ if available_from.is_some() => None,
        Availability::Preorder => Some(Code::AvailabilityDateMissing),
        Availability::Backorder => Some(Code::BackorderDateMissing),
        _ => None,
    };
    if let Some(code) = missing {
        notes.raise_missing(code, "available_from");
    }
    Some(Stock {
        availability,
        available_from,
        quantity,
    })
}

fn availability(
    told: Option<&Said>,
    quantity: Option<u32>,
    rules: &Rules,
    notes: &mut Notes,
) -> Option<Availability> {
    let counted = quantity.map(|pieces| match pieces {
        0 => Availability::OutOfStock,
        _ => Availability::InStock,
    });
    let Some(said) = told else {
        let known = counted.or(rules.default_availability);
        if known.is_none() {
            notes.raise_missing(Code::AvailabilityMissing, "availability");
        }
        return known;
    };
    match meaning(&said.text) {
        Some(Meaning::Is(availability)) => Some(availability),
        Some(Meaning::InStoreOnly) => {
            notes.raise(Code::AvailabilityInStoreOnly, said);
            Some(Availability::InStock)
        }
        Some(Meaning::Unknown) if counted.or(rules.default_availability).is_some() => {
            counted.or(rules.default_availability)
        }
        Some(Meaning::Unknown) | None => {
            notes.raise(Code::AvailabilityUnknown, said);
            None
        }
    }
}

/// What the word means, whatever its case, its blanks and hyphens, and whoever's word it is.
fn meaning(text: &str) -> Option<Meaning> {
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
    let is = match letters.get(..length)? {
        b"instock" | b"onlineonly" | b"available" => InStock,
        b"limitedstock" | b"lowstock" | b"limitedavailability" => LimitedStock,
        b"preorder" | b"presale" => Preorder,
        b"backorder" | b"onbackorder" | b"availablefororder" => Backorder,
        b"outofstock" | b"soldout" | b"pending" | b"markassold" | b"markasexpired" => OutOfStock,
        b"discontinued" => Discontinued,
        b"instoreonly" => return Some(Meaning::InStoreOnly),
        b"unknown" => return Some(Meaning::Unknown),
        _ => return None,
    };
    Some(Meaning::Is(is))
}

/// A number of pieces. More than can be counted are as many as can; fewer than none are none.
fn quantity(told: Option<&Said>, rules: &Rules, notes: &mut Notes) -> Option<u32> {
    let said = told?;
    let text = said.text.trim();
    let read = match Numeral::parse(text, rules.decimal) {
        // Some shops export `3.0`.
        Ok(Numeral::Plain(number, _)) if number.places == 0 => Some(number),
        // Fewer is the careful reading.
        Ok(Numeral::Ambiguous {
            decimal, grouped, ..
        }) => {
            let fewer = if decimal.places == 0 {
                decimal
            } else {
                grouped
            };
            notes.raise(Code::QuantityAmbiguous, said);
            Some(fewer)
        }
        Err(NotANumber::TooLarge) => Some(Number {
            digits: u128::MAX,
            negative: text.starts_with('-'),
            places: 0,
            written: 0,
        }),
        Ok(Numeral::Plain(..)) | Err(NotANumber::Malformed) => None,
    };
    if read.is_none_or(|number| number.negative && number.digits > 0) {
        notes.raise(Code::QuantityInvalid, said);
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

/// Pieces that one order may have; none when that is not a number above zero.
pub(super) fn at_most(told: Option<&Said>, rules: &Rules, notes: &mut Notes) -> Option<u32> {
    quantity(told, rules, notes).filter(|most| *most > 0)
}

fn from(
    said: &Said,
    availability: Availability,
    rules: &Rules,
    now: OffsetDateTime,
    notes: &mut Notes,
) -> Option<OffsetDateTime> {
    let at = moment(said, rules, notes)?.at;
    let ahead = matches!(
        availability,
        Availability::Preorder | Availability::Backorder
    );
    // A day's grace: a day begins earlier elsewhere.
    let plausible = now - Duration::DAY..=now + Duration::days(366);
    if ahead && !plausible.contains(&at) {
        notes.raise(Code::AvailabilityDateImplausible, said);
    }
    Some(at)
}

/// When the offer ends.
pub(super) fn expiry(
    told: Option<&Said>,
    rules: &Rules,
    now: OffsetDateTime,
    notes: &mut Notes,
) -> Option<OffsetDateTime> {
    let said = told?;
    let ends_at = moment(said, rules, notes)?.end()?;
    if ends_at <= now {
        notes.raise(Code::Expired, said);
    }
    Some(ends_at)
}

fn moment(said: &Said, rules: &Rules, notes: &mut Notes) -> Option<Moment> {
    let moment = Moment::parse(&said.text, rules.time_zone.as_ref());
    match moment {
        None => notes.raise(Code::DateInvalid, said),
        Some(moment) if !moment.zoned => notes.raise(Code::DateWithoutTimezone, said),
        Some(_) => {}
    }
    moment
}
