//! Properties of quotes from stored tables, for any tables and any lines.

use std::collections::BTreeMap;

use buywire_checkout::tables::{ShippingTable, TaxTable};
use buywire_schemas::money::Currency;
use buywire_schemas::order::Address;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::json;
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-30 10:00 UTC);
const PARTNERS: [&str; 3] = ["acme", "bolt", "cord"];
const CATEGORIES: [Option<&str>; 3] = [None, Some("books"), Some("food")];

/// A partner's rates in percent by category, and what its delivery costs. The model knows nothing else.
#[derive(Debug, Clone)]
struct Stated {
    rates: BTreeMap<usize, u32>,
    delivery: Option<i64>,
}

impl Stated {
    fn terms(&self) -> RateTerms {
        let rows = self.rates.iter().map(|(category, percent)| {
            json!({"country": "DE", "category": CATEGORIES[*category], "rate": percent.to_string(),
                   "taxes_shipping": true, "label": "VAT"})
        });
        let taxes = json!({"tax_included": true, "rates": rows.collect::<Vec<_>>()});
        let shipping = self.delivery.map(|price| {
            json!({"currency": "EUR", "zones": [{"countries": ["*"], "options": [
                {"id": "std", "kind": "shipping", "title": "Standard", "price": price}]}]})
        });
        RateTerms {
            taxes: Some(TaxTable::parse(taxes.to_string().as_bytes()).unwrap()),
            shipping: shipping
                .map(|table| ShippingTable::parse(table.to_string().as_bytes()).unwrap()),
            hook: None,
        }
    }

    /// The rate of the category, else that of the country.
    fn rate(&self, category: usize) -> Option<u32> {
        let own = self.rates.get(&category);
        own.or_else(|| self.rates.get(&0)).copied()
    }
}

fn stated() -> impl Strategy<Value = Stated> {
    let rates = btree_map(0_usize..3, 0_u32..=27, 0..3);
    let delivery = proptest::option::weighted(0.9, 0_i64..5_000);
    (rates, delivery).prop_map(|(rates, delivery)| Stated { rates, delivery })
}

/// Partner, category, quantity, unit price, digital.
type Line = (usize, usize, i64, i64, bool);

fn question(lines: &[Line]) -> QuoteQuestion {
    let lines = lines.iter().enumerate().map(
        |(n, (partner, category, quantity, unit_price, is_digital))| QuestionLine {
            partner: Slug::parse(PARTNERS[*partner]).unwrap(),
            item_id: format!("item-{n}"),
            quantity: *quantity,
            unit_price: *unit_price,
            category: CATEGORIES[*category].map(str::to_owned),
            is_digital: *is_digital,
        },
    );
    QuoteQuestion {
        currency: Currency::parse("EUR").unwrap(),
        lines: lines.collect(),
        ship_to: Some(Address {
            name: String::new(),
            line1: String::new(),
            line2: None,
            city: "Berlin".to_owned(),
            region: None,
            postal_code: "10115".to_owned(),
            country: "DE".to_owned(),
        }),
        delivery: BTreeMap::new(),
    }
}

fn quote(question: &QuoteQuestion, stated: &[Stated]) -> QuoteAnswer {
    let rated = shares(question).into_iter().map(|share| {
        let index = PARTNERS
            .iter()
            .position(|slug| *slug == share.partner.as_str());
        let rates = rates::of_tables(&share, &stated[index.unwrap()].terms(), NOW)?;
        Ok((share, rates))
    });
    let rated: Result<Vec<_>, _> = rated.collect();
    rated.map_or_else(|stop| stop, |rated| answer::answer(question, rated))
}

proptest! {
    #[test]
    fn a_quote_exists_exactly_if_everything_is_stated_and_adds_up(
        stated in vec(stated(), 3..=3),
        lines in vec((0_usize..3, 0_usize..3, 1_i64..20, 0_i64..100_000, any::<bool>()), 1..12),
    ) {
        let question = question(&lines);
        let needs_delivery = |partner: usize| lines.iter().any(|line| line.0 == partner && !line.4);
        let deliveries: Vec<_> = (0..3).filter(|partner| needs_delivery(*partner)).collect();
        let is_delivered = deliveries.iter().all(|partner| stated[*partner].delivery.is_some());
        let is_taxed = lines.iter().all(|line| stated[line.0].rate(line.1).is_some());
        match quote(&question, &stated) {
            QuoteAnswer::Quoted { quote, deliveries: shown } => {
                prop_assert!(is_delivered && is_taxed);
                prop_assert_eq!(shown.len(), deliveries.len());
                let prices: i64 = lines.iter().map(|line| line.2 * line.3).sum();
                let shipping: i64 = deliveries.iter().filter_map(|partner| stated[*partner].delivery).sum();
                prop_assert_eq!((quote.shipping(), quote.total()), (shipping, prices + shipping));
                for (line, quoted) in lines.iter().zip(quote.lines()) {
                    // What a gross price contains, half up: gross × r ÷ (100 + r).
                    let rate = i64::from(stated[line.0].rate(line.1).unwrap());
                    let (gross, whole) = (line.2 * line.3, 100 + rate);
                    prop_assert_eq!(quoted.tax, (2 * gross * rate + whole) / (2 * whole));
                }
            }
            QuoteAnswer::TaxUnknown { .. } => prop_assert!(is_delivered && !is_taxed),
            QuoteAnswer::NotDelivered { .. } => prop_assert!(!is_delivered),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
