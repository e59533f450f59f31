//! Changes price and stock of an existing item, as inventory feeds do. The rest of the item stays.

use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::{Item, Price, Sale};
use time::OffsetDateTime;

use super::findings::FindingsBuilder;
use super::{Checked, Rules, identity, prices, stock};
use crate::draft::{Amount, Draft, RawField};

/// Validates a change. `find` returns the current item; unknown items are not created. `now` decides what is past.
#[must_use]
pub fn check_change(
    mut draft: Draft,
    rules: &Rules,
    now: OffsetDateTime,
    find: impl FnOnce(&str) -> Option<Item>,
) -> Checked {
    let row = draft.row;
    let mut findings = FindingsBuilder::for_row(row);
    let id = identity::id(draft.id.take(), &mut findings);
    let found = id.as_deref().and_then(find);
    if let (Some(id), None) = (&id, &found) {
        findings.raise_value(Code::ItemUnknown, "id", id);
    }
    if let Some((name, text)) = draft.first_other_field() {
        findings.raise_value(Code::ChangeIgnored, name, text);
    }
    let item = found.and_then(|item| apply_change(draft, item, rules, now, &mut findings));
    let item = item.filter(|_| !findings.has_error());
    Checked {
        row,
        item,
        deleted: None,
        issues: findings.into_issues(id.as_deref()),
    }
}

/// `None` if a given value is unreadable.
fn apply_change(
    mut draft: Draft,
    mut item: Item,
    rules: &Rules,
    now: OffsetDateTime,
    findings: &mut FindingsBuilder,
) -> Option<Item> {
    if draft.price.is_some() || draft.sale_price.is_some() || draft.list_price.is_some() {
        let keeps_sale = draft.sale_price.is_none() && draft.list_price.is_none();
        draft.price.get_or_insert_with(|| to_raw_amount(item.price));
        let (price, sale) = prices::prices(&draft, rules, findings)?;
        let before = item.sale.take();
        let before = before.filter(|sale| keeps_sale && is_below(sale, price, item.price));
        item.price = price;
        item.sale = sale.or(before);
    } else if let Some(raw) = [&draft.sale_window, &draft.sale_starts, &draft.sale_ends]
        .into_iter()
        .flatten()
        .next()
    {
        findings.raise(Code::WindowIgnored, raw);
    }
    if draft.availability.is_some() || draft.quantity.is_some() {
        let stock = stock::stock(&draft, rules, now, findings)?;
        item.availability = stock.availability;
        item.available_from = stock.available_from;
        item.quantity = stock.quantity;
    }
    Some(item)
}

/// A sale that the change does not mention continues while it is valid.
fn is_below(sale: &Sale, price: Price, before: Price) -> bool {
    price.currency == before.currency && sale.amount < price.amount
}

pub(super) fn to_raw_amount(price: Price) -> Amount {
    let raw_field = |text: String| RawField {
        name: "price".into(),
        text,
    };
    let currency = price.currency.code().to_owned();
    Amount::Minor(
        raw_field(price.amount.to_string()),
        Some(raw_field(currency)),
    )
}

#[cfg(test)]
mod tests {
    use buywire_schemas::catalog::Availability;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    fn shirt() -> Item {
        let text = include_str!("../../../schemas/examples/valid/catalog/shirt.json");
        let mut item: Item = serde_json::from_str(text).unwrap();
        item.price.amount = 2_000;
        item.sale = Some(Sale {
            amount: 1_500,
            starts_at: None,
            ends_at: None,
        });
        item
    }

    fn output(name: &str, text: &str) -> Option<RawField> {
        Some(RawField {
            name: name.into(),
            text: text.to_owned(),
        })
    }

    fn outcome(draft: Draft) -> Checked {
        let draft = Draft {
            id: output("id", "shirt"),
            row: 2,
            ..draft
        };
        check_change(draft, &Rules::default(), NOW, |id| {
            (id == "shirt").then(shirt)
        })
    }

    #[test]
    fn what_is_said_changes_and_the_rest_stays() {
        let draft = Draft {
            quantity: output("quantity", "0"),
            ..Draft::default()
        };
        let item = outcome(draft).item.unwrap();
        assert_eq!(
            (item.availability, item.quantity),
            (Availability::OutOfStock, Some(0))
        );
        assert_eq!(
            (item.price, item.sale, item.title),
            (shirt().price, shirt().sale, shirt().title)
        );

        let currency = shirt().price.currency;
        let price = |text: &str| output("price", &format!("{text} {currency}")).map(Amount::Text);
        let item = outcome(Draft {
            price: price("18"),
            ..Draft::default()
        })
        .item
        .unwrap();
        assert_eq!(
            (item.price.amount, item.sale.map(|sale| sale.amount)),
            (1_800, Some(1_500))
        );
        let item = outcome(Draft {
            price: price("14"),
            ..Draft::default()
        })
        .item
        .unwrap();
        assert_eq!((item.price.amount, item.sale), (1_400, None));
        let item = outcome(Draft {
            sale_price: price("12"),
            ..Draft::default()
        })
        .item
        .unwrap();
        assert_eq!(
            (item.price.amount, item.sale.map(|sale| sale.amount)),
            (2_000, Some(1_200))
        );
    }

    #[test]
    fn what_a_change_leaves_alone_is_told() {
        let draft = Draft {
            quantity: output("quantity", "3"),
            brand: output("brand", "Other"),
            sale_window: output("sale_price_effective_date", "2027-01-01/2027-01-02"),
            ..Draft::default()
        };
        let checked = outcome(draft);
        let input: Vec<_> = checked.issues.iter().map(|issue| issue.code).collect();
        assert_eq!(input, [Code::ChangeIgnored, Code::WindowIgnored]);
        let item = checked.item.unwrap();
        assert_eq!((item.brand, item.quantity), (shirt().brand, Some(3)));
    }

    #[test]
    fn what_is_unknown_or_unreadable_is_no_item() {
        let draft = Draft {
            id: output("id", "hat"),
            ..Draft::default()
        };
        let checked = check_change(draft, &Rules::default(), NOW, |_| None);
        assert_eq!(
            (checked.item, checked.issues[0].code),
            (None, Code::ItemUnknown)
        );
        let draft = Draft {
            price: output("price", "much").map(Amount::Text),
            ..Draft::default()
        };
        let checked = outcome(draft);
        assert_eq!(
            (checked.item, checked.issues[0].code),
            (None, Code::PriceUnparsable)
        );
    }
}
