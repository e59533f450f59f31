//! How a policy is read.

use buywire_schemas::order::ITEM_ID_CHARS_MAX;
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, choice, flag, integer, name, prose, string, text};
use buywire_schemas::text::{parse_country, parse_email, parse_phone, parse_web_url};

use super::withdrawal::{DAYS_MIN, ExceptionReason, Withdrawal, WithdrawalException};
use super::{InvoiceTerms, PolicyLinks, PolicySeller, SellingPolicy};
use crate::payment_method::BankRedirect;

const NAME_CHARS_MAX: usize = 200;
/// Lines of an address: carriers and registers print no more.
const ADDRESS_LINES_MAX: usize = 8;
const ADDRESS_LINE_CHARS_MAX: usize = 100;
/// A year: longer withdrawal periods are marketing, and none is open-ended.
const DAYS_MAX: i64 = 365;
/// Exceptions of one policy. Partners with more of them use categories.
const EXCEPTIONS_MAX: usize = 1_000;
const CATEGORY_CHARS_MAX: usize = 100;
/// Thirty years, in months.
const DURABILITY_MONTHS_MAX: i64 = 360;
/// Units are held for so long: a month is the longest time that invoices give.
const INVOICE_DAYS_MAX: i64 = 30;
const INVOICE_DAYS: u16 = 14;
/// A bank account and a few sentences; a mail and the order page have them whole.
const INSTRUCTIONS_CHARS_MAX: usize = 1_000;

impl SellingPolicy {
    /// Reads a policy, or returns everything that is wrong with it.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let sells_here = body.required("sells_here", flag);
        let is_selling = sells_here == Some(true);
        let seller = match is_selling {
            true => body.nested("seller", seller),
            false => body.optional_nested("seller", seller),
        };
        let read_links = |links: &mut Reader<'_>| Some(self::links(links, is_selling));
        let links = match is_selling {
            true => body.nested("links", read_links),
            false => body.optional_nested("links", read_links),
        };
        let withdrawal = body.optional_nested("withdrawal", withdrawal);
        let durability = body.optional_nested("guarantee", |guarantee| {
            Some(guarantee.optional("durability_months", integer(1..=DURABILITY_MONTHS_MAX)))
        });
        let requires_phone = body.optional("requires_phone", flag);
        let durability = durability.flatten();
        let redirects = bank_redirects(&mut body);
        let invoice = body.optional_nested("invoice", invoice);
        body.finish(|| {
            Some(Self {
                sells_here: sells_here?,
                seller,
                links: links.unwrap_or_default(),
                withdrawal: withdrawal.unwrap_or_default(),
                durability_months: durability.and_then(|months| u16::try_from(months).ok()),
                requires_phone: requires_phone.unwrap_or(false),
                bank_redirects: redirects,
                invoice,
            })
        })
    }
}

fn seller(seller: &mut Reader<'_>) -> Option<PolicySeller> {
    let own_name = seller.required("name", name(1..=NAME_CHARS_MAX));
    if !seller.is_list("address") {
        let detail = "is required, as a list of lines";
        seller.refuse("/address", Violation::new("missing", detail));
    }
    let address = seller.optional_values(
        "address",
        1..=ADDRESS_LINES_MAX,
        name(1..=ADDRESS_LINE_CHARS_MAX),
    );
    let country = seller.required("country", string(parse_country));
    let email = seller.required("email", string(parse_email));
    let phone = seller.optional("phone", string(parse_phone));
    Some(PolicySeller {
        name: own_name?,
        address: address?,
        country: country?,
        email: email?,
        phone,
    })
}

fn links(links: &mut Reader<'_>, is_selling: bool) -> PolicyLinks {
    let mut required = |name: &str| match is_selling {
        true => links.required(name, string(parse_link)),
        false => links.optional(name, string(parse_link)),
    };
    let terms_of_use = required("terms_of_use");
    let privacy_policy = required("privacy_policy");
    PolicyLinks {
        terms_of_use,
        privacy_policy,
        return_policy: links.optional("return_policy", string(parse_link)),
        shipping_policy: links.optional("shipping_policy", string(parse_link)),
    }
}

/// A buyer who pays must not be sent over an open connection.
fn parse_link(text: &str) -> Result<String, Violation> {
    let url = parse_web_url(text)?;
    let is_https = url.starts_with("https://");
    let detail = "must be a URL that begins with https://";
    is_https
        .then_some(url)
        .ok_or(Violation::new("not_https", detail))
}

/// Each once, in the order in which they are offered.
fn bank_redirects(body: &mut Reader<'_>) -> Vec<BankRedirect> {
    let count = 0..=BankRedirect::ALL.len();
    let named = body.optional_values("bank_redirects", count, choice(BankRedirect::ALL));
    let mut redirects = Vec::new();
    for redirect in named.unwrap_or_default() {
        if !redirects.contains(&redirect) {
            redirects.push(redirect);
        }
    }
    redirects
}

fn invoice(invoice: &mut Reader<'_>) -> Option<InvoiceTerms> {
    let days = invoice.optional("days", integer(1..=INVOICE_DAYS_MAX));
    let instructions = invoice.required("instructions", prose(1..=INSTRUCTIONS_CHARS_MAX));
    let days = days.and_then(|days| u16::try_from(days).ok());
    Some(InvoiceTerms {
        days: days.unwrap_or(INVOICE_DAYS),
        instructions: instructions?,
    })
}

fn withdrawal(withdrawal: &mut Reader<'_>) -> Option<Withdrawal> {
    let days = withdrawal.optional("days", integer(i64::from(DAYS_MIN)..=DAYS_MAX));
    let exceptions = withdrawal.optional_list("exceptions", 0..=EXCEPTIONS_MAX, exception);
    let days = days.and_then(|days| u16::try_from(days).ok());
    Some(Withdrawal {
        days: days.unwrap_or(DAYS_MIN),
        exceptions: exceptions.unwrap_or_default(),
    })
}

fn exception(exception: &mut Reader<'_>) -> Option<WithdrawalException> {
    let item_id = exception.optional("item_id", text(1..=ITEM_ID_CHARS_MAX));
    let category = exception.optional("category", text(1..=CATEGORY_CHARS_MAX));
    let reason = exception.required("reason", choice(ExceptionReason::ALL));
    if item_id.is_some() == category.is_some() {
        let detail = "must name either an item_id or a category";
        exception.refuse("", Violation::new("exception_malformed", detail));
    }
    Some(WithdrawalException {
        item_id,
        category,
        reason: reason?,
    })
}
