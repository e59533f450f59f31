//! What a variant takes from its product.

use super::Record;
use crate::draft::{Amount, Draft, RawField};
use crate::formats::flat::aliases::Field;
use crate::formats::flat::builder::is_no;
use crate::formats::flat::extras::Extras;

/// Digits of an amount that is added. Far more than a price has, and no sum overflows.
const DIGITS_MAX: usize = 15;

/// Fields that a variant takes from its product if it has none.
const INHERITED: [Field; 7] = [
    Field::Slug,
    Field::Section,
    Field::StockTracked,
    Field::Backorders,
    Field::NetPrice,
    Field::TaxRules,
    Field::WeightUnit,
];

/// Whether the product's own row is no item: its variants have options, and it has none.
pub(super) fn is_no_item(product: &Extras, variants: &[Record]) -> bool {
    let has_options = |extras: &Extras| extras.option_values().next().is_some();
    !has_options(product) && variants.iter().all(|(_, extras)| has_options(extras))
}

/// Takes from the product what the variant lacks.
pub(super) fn inherit(variant: &mut Record, product: &Record) {
    let (draft, extras) = variant;
    // Some exports have a variant's options in the place of its name.
    let is_list = |raw: &RawField| {
        raw.text.starts_with('[') && raw.text.contains("]") && raw.text.contains('=')
    };
    if let Some(list) = draft.title.take_if(|raw| is_list(raw)) {
        extras.set(Field::OptionList, list);
    }
    let is_taxed = |extras: &Extras| extras.text(Field::TaxRules) != Some("0");
    let net_surcharge = extras.take(Field::NetSurcharge);
    let net_surcharge = net_surcharge.filter(|raw| !is_zero(&raw.text) && draft.price.is_none());
    inherit_price(draft, extras, &product.0);
    inherit_draft(draft, &product.0);
    extras.inherit(&product.1, &INHERITED);
    if let Some(surcharge) = net_surcharge {
        // What is added before tax is known after it only where there is none.
        let net = extras.take(Field::NetPrice).filter(|_| !is_taxed(extras));
        let base = draft.price.take().filter(|_| !is_taxed(extras));
        let base = base.or(net.map(Amount::Text));
        draft.price = base.and_then(|base| with_surcharge(&base, &surcharge));
    }
    let is_counted_together = product.1.text(Field::StockTracked) == Some("product");
    if is_counted_together {
        draft.quantity = product.0.quantity.clone();
        draft.availability = product.0.availability.clone();
        if let Some(stock) = product.1.get(Field::Stock) {
            extras.set(Field::Stock, stock.clone());
        }
    }
}

/// The values that variants share.
pub(super) fn inherit_draft(draft: &mut Draft, product: &Draft) {
    let or = |own: &mut Option<RawField>, of_product: &Option<RawField>| {
        if own.is_none() {
            own.clone_from(of_product);
        }
    };
    or(&mut draft.title, &product.title);
    or(&mut draft.url, &product.url);
    or(&mut draft.brand, &product.brand);
    or(&mut draft.condition, &product.condition);
    or(&mut draft.weight, &product.weight);
    or(&mut draft.digital, &product.digital);
    or(&mut draft.for_sale, &product.for_sale);
    or(&mut draft.gender, &product.gender);
    or(&mut draft.age_group, &product.age_group);
    draft.group = product.group.clone().or_else(|| product.id.clone());
    if draft.description.is_none() {
        draft.description = product.description.clone();
    }
    if product
        .for_sale
        .as_ref()
        .is_some_and(|raw| is_no(&raw.text))
    {
        draft.for_sale = product.for_sale.clone();
    }
    if draft.images.is_empty() {
        draft.images = product.images.clone();
    }
    if draft.categories.is_empty() {
        draft.categories = product.categories.clone();
    }
    if draft.attributes.is_empty() {
        draft.attributes = product.attributes.clone();
    }
}

/// The variant's price, or the product's with its surcharge.
fn inherit_price(draft: &mut Draft, extras: &mut Extras, product: &Draft) {
    let surcharge = extras.take(Field::Surcharge);
    if draft.price.is_some() {
        return;
    }
    let surcharge = surcharge.filter(|raw| !is_zero(&raw.text));
    let Some(surcharge) = surcharge else {
        draft.price = product.price.clone();
        draft.sale_price = draft.sale_price.take().or(product.sale_price.clone());
        draft.list_price = draft.list_price.take().or(product.list_price.clone());
        return;
    };
    let base = product.price.as_ref();
    draft.price = base.and_then(|base| with_surcharge(base, &surcharge));
}

fn with_surcharge(base: &Amount, surcharge: &RawField) -> Option<Amount> {
    let Amount::Text(raw) = base else {
        return None;
    };
    Some(Amount::Text(RawField {
        name: raw.name.clone(),
        text: sum(&raw.text, &surcharge.text)?,
    }))
}

fn is_zero(text: &str) -> bool {
    let mut digits = text.trim().chars();
    digits.all(|c| matches!(c, '0' | '.' | ','))
}

/// The exact sum of two amounts with decimal points. `None` if one is written otherwise.
fn sum(one: &str, other: &str) -> Option<String> {
    let (one, other) = (parts(one)?, parts(other)?);
    let places = one.1.max(other.1);
    let scaled = |(digits, own): (u128, u32)| Some(digits * 10_u128.checked_pow(places - own)?);
    let total = scaled(one)?.checked_add(scaled(other)?)?.to_string();
    let width = usize::try_from(places).ok()? + 1;
    let total = format!("{total:0>width$}");
    let (whole, decimals) = total.split_at(total.len() + 1 - width);
    Some(match decimals.is_empty() {
        true => whole.to_owned(),
        false => format!("{whole}.{decimals}"),
    })
}

fn parts(text: &str) -> Option<(u128, u32)> {
    let text = text.trim();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{decimals}");
    let is_number = digits.bytes().all(|b| b.is_ascii_digit()) && digits.len() <= DIGITS_MAX;
    // Three decimals may be thousands.
    (is_number && !whole.is_empty() && decimals.len() != 3)
        .then(|| Some((digits.parse().ok()?, u32::try_from(decimals.len()).ok()?)))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surcharge_is_added_exactly_or_not_at_all() {
        for (one, other, total) in [
            ("20", "5", Some("25")),
            ("19.90", "0.2", Some("20.10")),
            ("0.05", "0.05", Some("0.10")),
            ("7", "0.5", Some("7.5")),
            ("1.250", "1", None),
            ("19,90", "1", None),
            ("20", "-1", None),
            ("20 EUR", "1", None),
            ("", "1", None),
        ] {
            assert_eq!(sum(one, other).as_deref(), total, "{one} {other}");
        }
    }
}
