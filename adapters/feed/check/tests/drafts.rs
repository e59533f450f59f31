//! Drafts for tests: a good one and changes to it, and a checked item as a draft again.

use std::fmt::Write;

use buywire_schemas::catalog::{Item, Price};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::feed::draft::{Amount, Draft, Prose, Said};

pub(super) fn said(name: &str, text: &str) -> Said {
    Said {
        name: name.into(),
        text: text.to_owned(),
    }
}

/// A good item with these fields changed; empty removes. Lists are separated by `|`; what begins
/// with `option:`, `category:` or `attribute:` names the rest.
pub(super) fn draft(changes: &[(&str, &str)]) -> Draft {
    let mut draft = Draft {
        row: 7,
        ..Draft::default()
    };
    for (field, text) in [
        ("id", "SHIRT-M"),
        ("title", "Tour shirt"),
        ("description", "Black cotton."),
        ("url", "https://shop.example/shirt?size=M"),
        ("image", "https://img.example/shirt.jpg"),
        ("price", "15.00 USD"),
        ("availability", "in_stock"),
        ("brand", "Lorelei"),
    ]
    .iter()
    .chain(changes)
    {
        set(&mut draft, field, text);
    }
    draft
}

fn set(draft: &mut Draft, field: &str, text: &str) {
    let name = format!("g:{field}");
    let said = || (!text.is_empty()).then(|| said(&name, text));
    let list = || {
        text.split('|')
            .filter(|text| !text.is_empty())
            .map(|text| self::said(&name, text))
    };
    let amount = || said().map(Amount::Text);
    match field.split_once(':').unwrap_or((field, "")) {
        ("id", _) => draft.id = said(),
        ("group", _) => draft.group = said(),
        ("title", _) => draft.title = said(),
        ("description", _) => draft.description = said().map(Prose::Plain),
        ("url", _) => draft.url = said(),
        ("image", _) => draft.images = list().map(|said| (said, None)).collect(),
        ("price", _) => draft.price = amount(),
        ("sale_price", _) => draft.sale_price = amount(),
        ("list_price", _) => draft.list_price = amount(),
        ("sale_window", _) => draft.sale_window = said(),
        ("sale_starts", _) => draft.sale_starts = said(),
        ("sale_ends", _) => draft.sale_ends = said(),
        ("availability", _) => draft.availability = said(),
        ("available_from", _) => draft.available_from = said(),
        ("expires_at", _) => draft.expires_at = said(),
        ("quantity", _) => draft.quantity = said(),
        ("max_per_order", _) => draft.max_per_order = said(),
        ("brand", _) => draft.brand = said(),
        ("gtin", _) => draft.gtins = list().collect(),
        ("mpn", _) => draft.mpn = said(),
        ("sku", _) => draft.sku = said(),
        ("identifier_exists", _) => draft.identifier_exists = said(),
        ("condition", _) => draft.condition = said(),
        ("age_group", _) => draft.age_group = said(),
        ("gender", _) => draft.gender = said(),
        ("adult", _) => draft.adult = said(),
        ("digital", _) => draft.digital = said(),
        ("shipping", _) => draft.shipping = list().collect(),
        ("weight", _) => draft.weight = said(),
        ("for_sale", _) => draft.for_sale = said(),
        ("option", name) => draft
            .options
            .push((name.to_owned(), self::said(name, text))),
        ("category", "google") => draft.categories.extend(list().map(|said| ("google", said))),
        ("category", _) => draft
            .categories
            .extend(list().map(|said| ("merchant", said))),
        ("attribute", name) => draft.attributes.push((name.to_owned(), text.to_owned())),
        _ => panic!("no field {field}"),
    }
}

/// What a feed would say that has the item as it is.
pub(super) fn redraft(item: &Item) -> Draft {
    let mut draft = draft(&[("brand", ""), ("description", "")]);
    let mut fields: Vec<(&str, Option<String>)> = vec![
        ("id", Some(item.id.clone())),
        ("group", item.group.clone()),
        ("title", Some(item.title.clone())),
        ("description", Some(item.description.clone())),
        ("url", Some(item.url.clone())),
        ("price", Some(spelled(item.price))),
        ("availability", word(&item.availability)),
        ("available_from", item.available_from.map(rfc3339)),
        ("expires_at", item.expires_at.map(rfc3339)),
        ("quantity", item.quantity.map(|pieces| pieces.to_string())),
        (
            "max_per_order",
            item.max_per_order.map(|pieces| pieces.to_string()),
        ),
        ("brand", item.brand.clone()),
        ("mpn", item.mpn.clone()),
        ("sku", item.sku.clone()),
        ("condition", word(&item.condition)),
        ("age_group", item.age_group.clone()),
        ("gender", item.gender.clone()),
        ("adult", Some(item.adult.to_string())),
        ("digital", Some(item.digital.to_string())),
        ("weight", item.weight_g.map(|grams| format!("{grams} g"))),
        ("for_sale", Some(item.for_sale.to_string())),
        ("gtin", Some(item.gtins.join("|"))),
    ];
    if let Some(sale) = &item.sale {
        let price = Price {
            amount: sale.amount,
            ..item.price
        };
        let side = |time: Option<OffsetDateTime>| time.map(rfc3339).unwrap_or_default();
        fields.push(("sale_price", Some(spelled(price))));
        let window = format!("{}/{}", side(sale.starts_at), side(sale.ends_at));
        fields.push(("sale_window", Some(window)));
    }
    for (field, text) in fields {
        set(&mut draft, field, &text.unwrap_or_default());
    }
    let images = item.images.iter();
    draft.images = images
        .map(|image| (said("image", &image.url), image.alt.clone()))
        .collect();
    for category in &item.categories {
        let taxonomy = if category.taxonomy == "google" {
            "google"
        } else {
            "merchant"
        };
        draft
            .categories
            .push((taxonomy, said("category", &category.value)));
    }
    for option in &item.options {
        draft
            .options
            .push((option.name.clone(), said("option", &option.value)));
    }
    for one in &item.shipping {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let price = one.price.map(spelled).unwrap_or_default();
        let text = format!(
            "{}:{}:{}:{price}",
            part(&one.country),
            part(&one.region),
            part(&one.service)
        );
        draft.shipping.push(said("shipping", &text));
    }
    draft.attributes = item.attributes.clone().into_iter().collect();
    draft
}

/// As a feed spells it: `15.00 USD`.
pub(super) fn spelled(price: Price) -> String {
    let digits = price.currency.minor_digits() as usize;
    let minor = format!("{:0>width$}", price.amount, width = digits + 1);
    let (whole, fraction) = minor.split_at(minor.len() - digits);
    let mut text = whole.to_owned();
    if digits > 0 {
        write!(text, ".{fraction}").unwrap();
    }
    write!(text, " {}", price.currency).unwrap();
    text
}

fn rfc3339(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap()
}

fn word<T: serde::Serialize>(value: &T) -> Option<String> {
    serde_json::to_value(value)
        .unwrap()
        .as_str()
        .map(str::to_owned)
}
