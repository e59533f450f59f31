//! Drafts for tests: a valid one, changes to it, and a validated item as a draft again.

use buywire_schemas::catalog::{Item, Price};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::draft::{Amount, Draft, Prose, RawField};

pub(super) fn raw_field(name: &str, text: &str) -> RawField {
    RawField {
        name: name.into(),
        text: text.to_owned(),
    }
}

/// A valid item with these fields changed. An empty value removes the field. Lists are separated by `|`. Names that begin
/// with `option:`, `category:` or `attribute:` set the others.
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
    let raw = || (!text.is_empty()).then(|| raw_field(&name, text));
    let list = || {
        text.split('|')
            .filter(|text| !text.is_empty())
            .map(|text| self::raw_field(&name, text))
    };
    let amount = || raw().map(Amount::Text);
    match field.split_once(':').unwrap_or((field, "")) {
        ("id", _) => draft.id = raw(),
        ("group", _) => draft.group = raw(),
        ("title", _) => draft.title = raw(),
        ("description", _) => draft.description = raw().map(Prose::Plain),
        ("url", _) => draft.url = raw(),
        ("image", _) => draft.images = list().map(|raw| (raw, None)).collect(),
        ("price", _) => draft.price = amount(),
        ("sale_price", _) => draft.sale_price = amount(),
        ("list_price", _) => draft.list_price = amount(),
        ("sale_window", _) => draft.sale_window = raw(),
        ("sale_starts", _) => draft.sale_starts = raw(),
        ("sale_ends", _) => draft.sale_ends = raw(),
        ("availability", _) => draft.availability = raw(),
        ("available_from", _) => draft.available_from = raw(),
        ("expires_at", _) => draft.expires_at = raw(),
        ("quantity", _) => draft.quantity = raw(),
        ("max_per_order", _) => draft.max_per_order = raw(),
        ("brand", _) => draft.brand = raw(),
        ("gtin", _) => draft.gtins = list().collect(),
        ("mpn", _) => draft.mpn = raw(),
        ("sku", _) => draft.sku = raw(),
        ("identifier_exists", _) => draft.identifier_exists = raw(),
        ("condition", _) => draft.condition = raw(),
        ("age_group", _) => draft.age_group = raw(),
        ("gender", _) => draft.gender = raw(),
        ("adult", _) => draft.adult = raw(),
        ("digital", _) => draft.digital = raw(),
        ("shipping", _) => draft.shipping = list().collect(),
        ("weight", _) => draft.weight = raw(),
        ("for_sale", _) => draft.for_sale = raw(),
        ("option", name) => draft
            .options
            .push((name.to_owned(), self::raw_field(name, text))),
        ("category", "google") => draft.categories.extend(list().map(|raw| ("google", raw))),
        ("category", _) => draft.categories.extend(list().map(|raw| ("merchant", raw))),
        ("attribute", name) => draft.attributes.push((name.to_owned(), text.to_owned())),
        _ => panic!("no field {field}"),
    }
}

/// The draft of a feed with this item.
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
        .map(|image| (raw_field("image", &image.url), image.alt.clone()))
        .collect();
    for category in &item.categories {
        let has_taxonomy = ["google", "merchant"]
            .into_iter()
            .find(|existing| category.taxonomy == *existing);
        draft.categories.push((
            has_taxonomy.unwrap(),
            raw_field("category", &category.value),
        ));
    }
    for option in &item.options {
        draft
            .options
            .push((option.name.clone(), raw_field("option", &option.value)));
    }
    for one in &item.shipping {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let price = one.price.map(spelled).unwrap_or_default();
        let destination = format!("{}:{}", part(&one.country), part(&one.region));
        let text = format!("{destination}:{}:{price}", part(&one.service));
        draft.shipping.push(raw_field("shipping", &text));
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
