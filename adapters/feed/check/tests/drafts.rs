//! Drafts for tests: a good one and changes to it, and a checked item as a draft again.

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
    let mut draft = Draft::default();
    let time = |time: Option<OffsetDateTime>| time.map(rfc3339).unwrap_or_default();
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let weight = item.weight_g.map(|grams| format!("{grams} g"));
    for (field, text) in [
        ("id", item.id.clone()),
        ("group", text(&item.group)),
        ("title", item.title.clone()),
        ("description", item.description.clone()),
        ("url", item.url.clone()),
        ("price", spelled(item.price)),
        ("availability", word(&item.availability)),
        ("available_from", time(item.available_from)),
        ("expires_at", time(item.expires_at)),
        ("quantity", number(item.quantity)),
        ("max_per_order", number(item.max_per_order)),
        ("brand", text(&item.brand)),
        ("mpn", text(&item.mpn)),
        ("sku", text(&item.sku)),
        ("condition", word(&item.condition)),
        ("age_group", text(&item.age_group)),
        ("gender", text(&item.gender)),
        ("adult", item.adult.to_string()),
        ("digital", item.digital.to_string()),
        ("weight", weight.unwrap_or_default()),
        ("for_sale", item.for_sale.to_string()),
        ("gtin", item.gtins.join("|")),
    ] {
        set(&mut draft, field, &text);
    }
    if let Some(sale) = &item.sale {
        let amount = sale.amount;
        set(
            &mut draft,
            "sale_price",
            &spelled(Price {
                amount,
                ..item.price
            }),
        );
        let window = format!("{}/{}", time(sale.starts_at), time(sale.ends_at));
        set(&mut draft, "sale_window", &window);
    }
    redraft_lists(item, &mut draft);
    draft
}

fn redraft_lists(item: &Item, draft: &mut Draft) {
    let images = item.images.iter();
    draft.images = images
        .map(|image| (said("image", &image.url), image.alt.clone()))
        .collect();
    for category in &item.categories {
        let known = ["google", "merchant"]
            .into_iter()
            .find(|known| category.taxonomy == *known);
        draft
            .categories
            .push((known.unwrap(), said("category", &category.value)));
    }
    for option in &item.options {
        draft
            .options
            .push((option.name.clone(), said("option", &option.value)));
    }
    for one in &item.shipping {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let price = one.price.map(spelled).unwrap_or_default();
        let place = format!("{}:{}", part(&one.country), part(&one.region));
        let text = format!("{place}:{}:{price}", part(&one.service));
        draft.shipping.push(said("shipping", &text));
    }
    draft.attributes = item.attributes.clone().into_iter().collect();
}

/// As a feed spells it: `15.00 USD`.
pub(super) fn spelled(price: Price) -> String {
    let currency = price.currency;
    format!("{} {currency}", currency.decimal(price.amount))
}

fn rfc3339(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap()
}

fn word<T: serde::Serialize>(value: &T) -> String {
    let word = serde_json::to_value(value).unwrap();
    word.as_str().unwrap().to_owned()
}
