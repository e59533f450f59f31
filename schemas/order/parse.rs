//! Reads an order field by field. The fields read here are the whole contract: all
//! others are rejected by name. Harmless text is normalised, because the buyer has paid.

use super::{
    bounds::*,
    content::{
        Address, Attributes, Buyer, Charge, OrderContent, OrderLine, OrderPost, Payment, Portion,
    },
    scalar::Scalar,
    sums::{Amounts, ClaimedTotals},
};
use crate::{
    json::Json,
    money::{AMOUNT_MAX, Currency},
    problem::{BodyError, FieldError, Violation},
    read::{Reader, amount, flag, integer, string, text, timestamp},
    text::{self as texts, Slug},
};

pub(super) fn content(
    body: &[u8],
    exempt: &[String],
) -> Result<(OrderContent, Vec<FieldError>), BodyError> {
    let mut body = Reader::tolerant(body, exempt)?;
    let order_id = body.required("order_id", string(order_id));
    let confirmed_at = body.required("confirmed_at", timestamp);
    let currency = body.required("currency", string(Currency::parse));
    let buyer = body.nested("buyer", buyer);
    let ship_to = body.optional_nested("ship_to", address);
    let lines = body.list("lines", 1..=LINES_MAX, line);
    let money = money(&mut body, lines.as_deref());
    let payment = body.nested("payment", payment);
    let post = body.optional_nested("post", post);
    let note = body.optional("note", text(0..=NOTE_CHARS_MAX));
    let metadata = attributes(&mut body, "metadata");
    let test = body.optional("test", flag).unwrap_or(false);

    body.finish_with_warnings(|| {
        let money = money?;
        Some(OrderContent {
            order_id: order_id?,
            confirmed_at: confirmed_at?,
            currency: currency?,
            buyer: buyer?,
            ship_to,
            lines: lines?,
            shipping: money.shipping,
            discount: money.discount,
            tax: money.tax,
            tax_included: money.tax_included,
            shipping_tax: money.shipping_tax,
            total: money.total,
            payment: payment?,
            post,
            note,
            metadata,
            test,
            redacted: false,
        })
    })
}

/// The order's amounts, beside those of its lines.
struct Money {
    shipping: Charge,
    discount: Charge,
    tax: i64,
    tax_included: bool,
    shipping_tax: Charge,
    total: i64,
}

/// Reads the amounts, and checks the sums if all of them could be read.
fn money(body: &mut Reader<'_>, lines: Option<&[OrderLine]>) -> Option<Money> {
    let shipping = charge(body, "shipping");
    let discount = charge(body, "discount");
    let tax = body.required("tax", amount(0));
    let tax_included = body.optional("tax_included", flag).unwrap_or(false);
    let shipping_tax = optional_charge(body, "shipping_tax");
    let total = body.required("total", amount(0));
    let mut money = Money {
        shipping: shipping?,
        discount: discount?,
        tax: tax?,
        tax_included,
        shipping_tax: shipping_tax?,
        total: total?,
    };
    let amounts = Amounts {
        lines: lines?,
        shipping: &money.shipping,
        discount: &money.discount,
        tax_included,
        shipping_tax: &money.shipping_tax,
    };
    ClaimedTotals {
        amounts,
        tax: money.tax,
        total: money.total,
    }
    .check(body);
    // One spelling of no tax, so that what is stored is read again as the same value.
    if money.shipping_tax.is_zero() {
        money.shipping_tax = Charge::default();
    }
    Some(money)
}

/// Either id finds an order, so the platform's must not look like ours.
fn order_id(id: &str) -> Result<String, Violation> {
    if id.starts_with("ord_") {
        return Err(Violation::new(
            "reference_reserved",
            "must not begin with ord_, which is reserved for Buywire's ids",
        ));
    }
    texts::parse_reference(id)
}

fn buyer(buyer: &mut Reader<'_>) -> Option<Buyer> {
    let name = buyer.required("name", text(1..=NAME_CHARS_MAX));
    let email = buyer.lenient("email", string(texts::parse_email));
    let phone = buyer.lenient("phone", string(texts::parse_phone));
    let share_email = buyer.optional("share_email", flag).unwrap_or(false);
    let share_phone = buyer.optional("share_phone", flag).unwrap_or(false);
    Some(Buyer {
        name: Some(name?),
        email,
        phone,
        share_email,
        share_phone,
    })
}

fn address(address: &mut Reader<'_>) -> Option<Address> {
    let name = address.required("name", text(1..=NAME_CHARS_MAX));
    let line1 = address.required("line1", text(1..=NAME_CHARS_MAX));
    let line2 = address.optional("line2", text(0..=NAME_CHARS_MAX));
    let city = address.required("city", text(1..=NAME_CHARS_MAX));
    let region = address.optional("region", text(0..=NAME_CHARS_MAX));
    let postal_code = address.required("postal_code", text(0..=POSTAL_CODE_CHARS_MAX));
    let country = address.required("country", string(texts::parse_country));
    Some(Address {
        name: name?,
        line1: line1?,
        line2,
        city: city?,
        region,
        postal_code: postal_code?,
        country: country?,
    })
}

fn line(line: &mut Reader<'_>) -> Option<OrderLine> {
    let partner = line.required("partner", string(seller));
    let item_id = line.required("item_id", text(1..=ITEM_ID_CHARS_MAX));
    let title = line.required("title", text(1..=TITLE_CHARS_MAX));
    let quantity = line.required("quantity", integer(1..=QUANTITY_MAX));
    let unit_price = line.required("unit_price", amount(0));
    let tax = line.required("tax", amount(0));
    let attributes = attributes(line, "attributes");
    let parsed = OrderLine {
        partner: partner?,
        item_id: item_id?,
        title: title?,
        quantity: quantity?,
        unit_price: unit_price?,
        tax: tax?,
        attributes,
    };
    if parsed.subtotal() > AMOUNT_MAX {
        let detail = format!("must be at most {AMOUNT_MAX} when multiplied by the quantity");
        line.refuse("/unit_price", Violation::new("out_of_range", detail));
        return None;
    }
    Some(parsed)
}

/// A partner that can sell: any but the reserved `platform`.
fn seller(slug: &str) -> Result<Slug, Violation> {
    let slug = Slug::parse(slug)?;
    if slug.is_platform() {
        return Err(Violation::new(
            "partner_reserved",
            "must not be `platform`, which is reserved and sells nothing",
        ));
    }
    Ok(slug)
}

fn charge(body: &mut Reader<'_>, name: &str) -> Option<Charge> {
    if !body.is_list(name) {
        return body.required(name, amount(0)).map(Charge::Single);
    }
    let portions = body.list(name, 0..=LINES_MAX, |portion| {
        let partner = portion.required("partner", string(Slug::parse));
        let amount = portion.required("amount", amount(0));
        Some(Portion {
            partner: partner?,
            amount: amount?,
        })
    });
    portions.map(Charge::Shared)
}

/// A charge that is zero if it is absent.
fn optional_charge(body: &mut Reader<'_>, name: &str) -> Option<Charge> {
    if body.is_list(name) {
        return charge(body, name);
    }
    Some(Charge::Single(body.optional(name, amount(0)).unwrap_or(0)))
}

fn payment(payment: &mut Reader<'_>) -> Option<Payment> {
    let processor = payment.required("processor", text(1..=PROCESSOR_CHARS_MAX));
    let reference = payment.required("reference", text(1..=PAYMENT_REFERENCE_CHARS_MAX));
    let brand = payment.optional("brand", text(1..=PROCESSOR_CHARS_MAX));
    let last4 = payment.optional("last4", string(last4));
    Some(Payment {
        processor: processor?,
        reference: reference?,
        brand,
        last4,
    })
}

fn last4(digits: &str) -> Result<String, Violation> {
    let four = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    four.then(|| digits.to_owned()).ok_or(Violation::new(
        "last4_malformed",
        "must be the last four digits of the card",
    ))
}

fn post(post: &mut Reader<'_>) -> Option<OrderPost> {
    let id = post.required("id", text(1..=POST_ID_CHARS_MAX));
    let url = post.required("url", string(texts::parse_web_url));
    Some(OrderPost { id: id?, url: url? })
}

fn attributes(body: &mut Reader<'_>, name: &str) -> Attributes {
    let check_name = |name: &str| texts::check(name, &(1..=ATTRIBUTE_NAME_CHARS_MAX));
    body.map(name, ATTRIBUTES_MAX, check_name, |value| match value {
        Json::Bool(flag) => Ok(Scalar::Flag(flag)),
        Json::Number(number) => Ok(Scalar::Number(number)),
        Json::Decimal(text) => Scalar::number(&text),
        string @ Json::String(_) => text(0..=ATTRIBUTE_VALUE_CHARS_MAX)(string).map(Scalar::Text),
        _ => Err(Violation::new(
            "wrong_type",
            "must be a string, a number, true or false",
        )),
    })
}
