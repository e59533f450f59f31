//! Prices, times and texts for buyers.
//!
//! Promises: a price has all digits of its currency, in its reader's form.

use buywire_checkout::amount;
use buywire_checkout::locale::Locale;
use buywire_schemas::catalog::Price;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

const DATE_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");

const ISO_DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

const DAY: &[BorrowedFormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long] [year]");

/// A time, for machines and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Time {
    /// RFC 3339.
    pub(super) iso: String,
    /// Such as `21 November 2026, 18:00 UTC`.
    pub(super) shown: String,
}

impl Time {
    pub(super) fn of(time: OffsetDateTime) -> Self {
        let time = time.to_offset(time::UtcOffset::UTC);
        Self {
            iso: time.format(&Rfc3339).unwrap_or_default(),
            shown: time.format(DATE_TIME).unwrap_or_default(),
        }
    }

    /// The day in the merchant's time zone: an expected date is not exact to the minute.
    pub(super) fn day(time: OffsetDateTime) -> Self {
        Self {
            shown: time.format(DAY).unwrap_or_default(),
            ..Self::of(time)
        }
    }

    /// An end time. One at the end of a day, in the merchant's time zone, shows that day and not the next.
    pub(super) fn end(time: OffsetDateTime) -> Self {
        let Some(day) = last_day(time) else {
            return Self::of(time);
        };
        Self {
            iso: day.format(ISO_DAY).unwrap_or_default(),
            shown: day.format(DAY).unwrap_or_default(),
        }
    }
}

/// The day that ends at this time, if one does.
fn last_day(end: OffsetDateTime) -> Option<Date> {
    let is_midnight = end.time() == time::Time::MIDNIGHT;
    is_midnight.then(|| end.date().previous_day()).flatten()
}

/// Such as `$1,234.50` or `1.234,50 €`.
pub(super) fn money(locale: Locale, price: Price) -> String {
    amount::money(locale, price.currency, price.amount)
}

/// The beginning of a text on one line, cut between words.
pub(super) fn excerpt(text: &str, chars_max: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = words.char_indices().nth(chars_max) else {
        return words;
    };
    let prefix = words.get(..end).unwrap_or_default();
    let prefix = prefix.rsplit_once(' ').map_or(prefix, |(before, _)| before);
    format!("{prefix}…")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use buywire_schemas::money::Currency;

    #[test]
    fn a_price_has_the_digits_of_its_currency_in_the_readers_form() {
        for (tag, code, amount, shown) in [
            ("en", "USD", 2_500, "$25.00"),
            ("en", "JPY", 250_000, "¥250,000"),
            ("en", "KWD", 2_500, "KWD~2.500"),
            ("de", "EUR", 123_456_789, "1.234.567,89~€"),
            ("en-IN", "INR", 123_456_789, "₹12,34,567.89"),
        ] {
            let currency = Currency::parse(code).unwrap();
            let locale = Locale::from_tag(tag).unwrap();
            let written = money(locale, Price { amount, currency });
            assert_eq!(written.replace('\u{a0}', "~"), shown);
        }
    }

    #[test]
    fn a_time_is_told_in_utc() {
        let formatted = Time::of(datetime!(2026-12-01 01:30 +02:00));
        assert_eq!(formatted.iso, "2026-11-30T23:30:00Z");
        assert_eq!(formatted.shown, "30 November 2026, 23:30 UTC");
    }

    #[test]
    fn a_day_is_the_merchants_and_an_end_is_its_last_day() {
        let midnight = datetime!(2026-12-01 00:00 +01:00);
        assert_eq!(Time::day(midnight).shown, "1 December 2026");
        let formatted = Time::end(midnight);
        assert_eq!(
            (&*formatted.iso, &*formatted.shown),
            ("2026-11-30", "30 November 2026")
        );
        let formatted = Time::end(datetime!(2026-12-01 00:00 UTC));
        assert_eq!(formatted.shown, "30 November 2026");
        let formatted = Time::end(datetime!(2026-11-30 23:59 +01:00));
        assert_eq!(formatted.iso, "2026-11-30T22:59:00Z");
        assert_eq!(formatted.shown, "30 November 2026, 22:59 UTC");
    }

    #[test]
    fn a_text_is_cut_between_words() {
        assert_eq!(excerpt("black\n cotton", 20), "black cotton");
        assert_eq!(excerpt("black cotton shirt", 14), "black cotton…");
        assert_eq!(excerpt("ëëëëë", 3), "ëëë…");
    }
}
