//! Applies a format's rules to a draft: its page, images, stock, currency and options.
//!
//! Promises: what the feed states itself wins. Must not make up a price or an address: without the shop's URL there is
//! no page.

use super::aliases::Field;
use super::builder::{is_no, is_yes};
use super::extras::Extras;
use super::options;
use super::vocabulary::Vocabulary;
use crate::draft::{Amount, Draft, RawField};
use crate::formats::format::FormatRules;
use crate::formats::stock_status;

/// Images read of one item.
const IMAGES_MAX: usize = 32;
/// The longest time until delivery for which an item counts as in stock: a week.
const DELIVERY_DAYS_MAX: u32 = 7;

/// See the module.
pub(super) fn complete(
    mut draft: Draft,
    mut extras: Extras,
    vocabulary: &Vocabulary,
    rules: &FormatRules,
) -> Draft {
    if vocabulary.ignores_unknown {
        // An empty cell of exports.
        draft.sale_price = draft.sale_price.filter(|sale| !is_zero(sale));
    }
    set_price(&mut draft, &mut extras, vocabulary.currency);
    set_stock(&mut draft, &mut extras);
    set_dispatch(&mut draft, &mut extras);
    if draft.url.is_none() {
        draft.url = page(&draft, &extras, vocabulary, rules);
    }
    if let Some(base) = vocabulary.images {
        complete_images(&mut draft, base, rules);
    }
    let unit = extras.text(Field::WeightUnit).or(vocabulary.weight_unit);
    if let (Some(weight), Some(unit)) = (&mut draft.weight, unit)
        && !weight.text.ends_with(char::is_alphabetic)
    {
        weight.text = format!("{} {unit}", weight.text);
    }
    options::add_options(&mut draft, &mut extras);
    draft
}

fn is_zero(amount: &Amount) -> bool {
    let (Amount::Text(raw) | Amount::Decimal(raw, _) | Amount::Minor(raw, _)) = amount;
    raw.text.chars().all(|c| matches!(c, '0' | '.' | ','))
}

fn set_price(draft: &mut Draft, extras: &mut Extras, currency: Option<&'static str>) {
    let is_untaxed = extras.text(Field::TaxRules) == Some("0");
    if let (None, true, Some(net)) = (&draft.price, is_untaxed, extras.take(Field::NetPrice)) {
        draft.price = Some(Amount::Text(net));
    }
    if extras.text(Field::OnSale).is_some_and(is_no) {
        draft.sale_price = None;
        draft.list_price = None;
    }
    let Some(currency) = currency else {
        return;
    };
    let amounts = [
        &mut draft.price,
        &mut draft.sale_price,
        &mut draft.list_price,
    ];
    for amount in amounts {
        if let Some(Amount::Text(raw)) = amount
            && !raw.text.contains(char::is_alphabetic)
        {
            let currency = RawField {
                name: raw.name.clone(),
                text: currency.to_owned(),
            };
            *amount = Some(Amount::Decimal(raw.clone(), Some(currency)));
        }
    }
}

fn set_stock(draft: &mut Draft, extras: &mut Extras) {
    if let Some(stock) = extras.take(Field::Stock) {
        match stock.text.parse::<f64>() {
            Ok(_) => draft.quantity = Some(stock),
            Err(_) => draft.availability = draft.availability.take().or(Some(stock)),
        }
    }
    if let Some(tracked) = extras.take(Field::StockTracked)
        && is_no(&tracked.text)
    {
        draft.quantity = None;
        let in_stock = RawField {
            name: tracked.name,
            text: "in_stock".to_owned(),
        };
        draft.availability = draft.availability.take().or(Some(in_stock));
    }
    let allows_backorder = extras.text(Field::Backorders).is_some_and(is_yes);
    if let (true, Some(quantity)) = (allows_backorder, &draft.quantity) {
        let status = stock_status::availability(Some(&quantity.text), true);
        if status == "backorder" {
            draft.availability = Some(RawField {
                name: quantity.name.clone(),
                text: status.to_owned(),
            });
            draft.quantity = None;
        }
    }
}

/// The availability that a time until dispatch or delivery states. Dispatch at once means in stock. A later dispatch
/// means an order to the supplier.
fn set_dispatch(draft: &mut Draft, extras: &mut Extras) {
    if let (None, Some(raw)) = (&draft.availability, extras.take(Field::Dispatch)) {
        let is_date = raw.text.len() >= 10 && raw.text.contains('-') && !raw.text.starts_with('-');
        let status = match raw.text.parse::<u32>() {
            Ok(0) => "in_stock",
            Ok(_) => "backorder",
            Err(_) if is_date => "preorder",
            Err(_) => raw.text.as_str(),
        };
        draft.availability = Some(RawField {
            name: raw.name.clone(),
            text: status.to_owned(),
        });
        draft.available_from = Some(raw).filter(|_| is_date);
    }
    if let Some(raw) = extras.take(Field::DeliveryTime) {
        let is_soon = delivery_days(&raw.text).is_some_and(|days| days <= DELIVERY_DAYS_MAX);
        let text = match is_soon {
            true => Some("in_stock".to_owned()),
            false => canonical_availability(&raw.text),
        };
        if canonical_availability(&raw.text).is_none() {
            let attribute = (raw.name.to_string(), raw.text.clone());
            draft.attributes.push(attribute);
        }
        if let (None, Some(text)) = (&draft.availability, text) {
            draft.availability = Some(RawField {
                name: raw.name,
                text,
            });
        }
    }
}

/// A word of the format that stands in the place of a time.
fn canonical_availability(text: &str) -> Option<String> {
    let words = ["in_stock", "out_of_stock", "preorder", "backorder"];
    words.contains(&text).then(|| text.to_owned())
}

/// The most days that a text names: `1-3 Werktage`, `24 h`, `2 days`. `None` if it names a longer unit or no number.
fn delivery_days(text: &str) -> Option<u32> {
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let most = numbers
        .filter_map(|number| number.parse::<u32>().ok())
        .max()?;
    let words = text.split(|c: char| !c.is_alphabetic());
    let words: Vec<_> = words.map(str::to_lowercase).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if has(&[
        "h", "std", "stunden", "hours", "hour", "heures", "horas", "ore", "uur", "godzin",
    ]) {
        return Some(most.div_ceil(24));
    }
    let days = [
        "day",
        "days",
        "tag",
        "tage",
        "tagen",
        "werktag",
        "werktage",
        "werktagen",
        "jour",
        "jours",
        "dias",
        "días",
        "giorni",
        "giorno",
        "dagen",
        "dni",
        "dny",
        "dnů",
    ];
    has(&days).then_some(most)
}

fn page(
    draft: &Draft,
    extras: &Extras,
    vocabulary: &Vocabulary,
    rules: &FormatRules,
) -> Option<RawField> {
    let template = vocabulary.page?;
    let slug = extras.get(Field::Slug);
    let id = draft.group.as_ref().or(draft.id.as_ref());
    let source = slug.or(id.filter(|_| template.contains("{id}")))?;
    if source.text.starts_with("https://") || source.text.starts_with("http://") {
        return Some(source.clone());
    }
    let mut path = template.replace("{slug}", source.text.trim_matches('/'));
    path = path.replace("{id}", &source.text);
    if path.contains("{section}") {
        let section = extras.text(Field::Section)?;
        path = path.replace("{section}", section.trim_matches('/'));
    }
    Some(RawField {
        name: source.name.clone(),
        text: rules.page_url(&path)?,
    })
}

/// Images without a host, several in one cell.
fn complete_images(draft: &mut Draft, base: &str, rules: &FormatRules) {
    let mut images = Vec::new();
    for (raw, alt) in std::mem::take(&mut draft.images) {
        if raw.text.contains("://") {
            images.push((raw, alt));
            continue;
        }
        let files = raw.text.split([',', ';', '|']).map(str::trim);
        for file in files.filter(|file| !file.is_empty()) {
            let path = format!("{base}{}", file.trim_start_matches('/'));
            let url = match base.contains("://") {
                true => Some(path),
                false => rules.page_url(&path),
            };
            let text = url.unwrap_or_else(|| file.to_owned());
            let name = raw.name.clone();
            images.push((RawField { name, text }, None));
        }
    }
    // Exports name the main image in several columns.
    let mut unique: Vec<(RawField, Option<String>)> = Vec::new();
    for image in images {
        let is_new = unique.iter().all(|(raw, _)| raw.text != image.0.text);
        if is_new && unique.len() < IMAGES_MAX {
            unique.push(image);
        }
    }
    draft.images = unique;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_until_delivery_is_read_in_days_or_not_at_all() {
        for (text, days) in [
            ("1-3 Werktage", Some(3)),
            ("Delivered in 1-3 working days", Some(3)),
            ("24 h", Some(1)),
            ("48 Stunden", Some(2)),
            ("5 jours", Some(5)),
            ("2-3 weeks", None),
            ("4 Wochen", None),
            ("soon", None),
            ("3", None),
        ] {
            assert_eq!(delivery_days(text), days, "{text}");
        }
    }
}
