//! Quotes worked out by hand.

use buywire_schemas::{money::Currency, text::Slug};

use super::super::*;

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn rate(percent: &str) -> TaxRate {
    TaxRate::parse(percent).unwrap()
}

fn line(quantity: i64, unit_price: i64, percent: &str) -> QuoteLine {
    QuoteLine {
        partner: slug("acme"),
        item_id: "TSHIRT-M".to_owned(),
        quantity,
        unit_price,
        tax: LineTax::Rate {
            rate: rate(percent),
            jurisdiction: "DE".to_owned(),
            taxes_shipping: true,
        },
    }
}

fn delivery(price: i64) -> QuoteDelivery {
    QuoteDelivery {
        partner: slug("acme"),
        option_id: "standard".to_owned(),
        price,
        tax: DeliveryTax::AsLines,
    }
}

fn gross(lines: Vec<QuoteLine>) -> QuoteRequest {
    QuoteRequest {
        currency: Currency::parse("EUR").unwrap(),
        tax_included: true,
        lines,
        deliveries: vec![delivery(490)],
        discount: Discount::Amount(0),
        source: RateSource::Tables,
        is_estimated: false,
    }
}

fn quote(request: QuoteRequest) -> Quote {
    match Quote::calculate(request).unwrap() {
        QuoteOutcome::Quoted(quote) => *quote,
        QuoteOutcome::TaxUnknown(_) => panic!("the tax is unknown"),
    }
}

#[test]
fn gross_prices_contain_their_tax() {
    let quote = quote(gross(vec![line(2, 1_999, "19")]));
    assert_eq!(
        (quote.tax(), quote.shipping_tax(), quote.total()),
        (716, 78, 4_488)
    );
    assert_eq!(quote.lines()[0].net, 3_360);
}

#[test]
fn net_prices_get_their_tax_added() {
    let mut request = gross(vec![line(2, 2_500, "8.25")]);
    request.tax_included = false;
    request.deliveries[0].tax = DeliveryTax::Rate {
        rate: TaxRate::ZERO,
        jurisdiction: "CA".to_owned(),
    };
    let quote = quote(request);
    assert_eq!(
        (quote.tax(), quote.shipping_tax(), quote.total()),
        (413, 0, 5_903)
    );
}

#[test]
fn a_tax_is_rounded_for_the_line_and_not_for_the_unit() {
    let mut request = gross(vec![line(3, 5, "10")]);
    (request.tax_included, request.deliveries) = (false, Vec::new());
    // 3 × 5 × 10 % = 1.5, rounded up. By unit it would be 3 × 1.
    assert_eq!(quote(request).tax(), 2);
}

#[test]
fn a_discount_lowers_the_tax_and_never_exceeds_the_lines() {
    let mut request = gross(vec![line(1, 1_000, "19"), line(1, 2_000, "7")]);
    request.discount = Discount::Amount(100);
    let reduced = quote(request.clone());
    let discounts: Vec<i64> = reduced.lines().iter().map(|line| line.discount).collect();
    assert_eq!(discounts, [33, 67]);
    assert_eq!(reduced.total(), 2_900 + 490);
    request.discount = Discount::Amount(5_000);
    let free = quote(request.clone());
    assert_eq!(
        (free.discount(), free.total(), free.lines()[0].tax),
        (3_000, 490, 0)
    );
    request.discount = Discount::Percent(rate("12.5"));
    assert_eq!(quote(request).discount(), 375);
}

#[test]
fn shipping_follows_the_rates_of_the_lines() {
    let mut request = gross(vec![line(1, 3_000, "19"), line(1, 1_000, "7")]);
    request.deliveries = vec![delivery(401)];
    // 301 at 19 % and 100 at 7 %.
    assert_eq!(quote(request.clone()).shipping_tax(), 48 + 7);
    if let LineTax::Rate { taxes_shipping, .. } = &mut request.lines[1].tax {
        *taxes_shipping = false;
    }
    assert_eq!(quote(request).shipping_tax(), 48);
}

#[test]
fn an_unknown_tax_is_never_zero() {
    let mut request = gross(vec![line(1, 1_000, "19"), line(1, 500, "7")]);
    request.lines[1].tax = LineTax::Unknown;
    let expected = QuoteSubtotals {
        subtotal: 1_500,
        discount: 0,
        shipping: 490,
    };
    let outcome = Quote::calculate(request.clone()).unwrap();
    assert_eq!(outcome, QuoteOutcome::TaxUnknown(expected));
    request.lines[1].tax = LineTax::Amount(33);
    request.deliveries[0].tax = DeliveryTax::Unknown;
    let outcome = Quote::calculate(request).unwrap();
    assert_eq!(outcome, QuoteOutcome::TaxUnknown(expected));
}

#[test]
fn what_the_intake_would_refuse_is_refused() {
    let refused = |change: fn(&mut QuoteRequest)| {
        let mut request = gross(vec![line(2, 1_999, "19")]);
        change(&mut request);
        Quote::calculate(request).unwrap_err().to_string()
    };
    for (change, text) in [
        (
            (|r| r.lines.clear()) as fn(&mut QuoteRequest),
            "1 to 200 lines",
        ),
        (|r| r.lines[0].quantity = 0, "1 to 10000"),
        (
            |r| r.lines[0].unit_price = -1,
            "a unit price must not be negative",
        ),
        (
            |r| r.lines[0].unit_price = i64::MAX,
            "at most 99999999999999",
        ),
        (
            |r| r.lines[0].unit_price = QUOTE_AMOUNT_MAX,
            "the sum of the lines",
        ),
        (|r| r.lines[0].tax = LineTax::Amount(-1), "a line's tax"),
        (
            |r| {
                r.deliveries.clear();
                r.lines[0].tax = LineTax::Amount(3_999);
            },
            "at most the price that contains it",
        ),
        (
            |r| r.deliveries[0].tax = DeliveryTax::Amount(491),
            "at most the price",
        ),
        (|r| r.deliveries[0].price = -1, "a delivery's price"),
        (
            |r| r.deliveries.push(r.deliveries[0].clone()),
            "the only one of a partner",
        ),
        (
            |r| r.deliveries[0].partner = slug("other"),
            "the only one of a partner",
        ),
        (
            |r| r.discount = Discount::Amount(-5),
            "the discount must not be negative",
        ),
        (
            |r| r.lines[0].tax = LineTax::Amount(5),
            "only where they have rates",
        ),
    ] {
        let error = refused(change);
        assert!(error.contains(text), "{text}: {error}");
    }
}

#[test]
fn equal_inputs_have_one_digest_and_others_another() {
    let request = gross(vec![line(2, 1_999, "19")]);
    let digest = request.digest().unwrap();
    assert_eq!(request.clone().digest().unwrap(), digest);
    let mut other = request.clone();
    other.lines[0].quantity = 3;
    assert_ne!(other.digest().unwrap(), digest);
    let mut other = request;
    other.is_estimated = true;
    assert_ne!(other.digest().unwrap(), digest);
}

#[test]
fn a_stored_quote_cannot_be_changed_into_a_wrong_one() {
    let stored = serde_json::to_value(quote(gross(vec![line(2, 1_999, "19")]))).unwrap();
    for (pointer, value) in [
        ("/line_taxes/0", 3_999),
        ("/line_taxes/0", -1),
        ("/discounts/0", 4_000),
        ("/delivery_taxes/0", 491),
        ("/request/lines/0/quantity", 0),
    ] {
        let mut wrong = stored.clone();
        *wrong.pointer_mut(pointer).unwrap() = value.into();
        assert!(serde_json::from_value::<Quote>(wrong).is_err(), "{pointer}");
    }
}
