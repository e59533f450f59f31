//! Fills one draft, name by name.

use serde_json::Value;

use super::super::escapes::strip_cdata;
use super::super::json;
use super::aliases::{FIELDS, Field};
use super::extras::Extras;
use super::lists;
use super::names::Name;
use crate::draft::{Amount, Draft, Prose, RawField};

/// Values read of one field. Validation limits how many are kept.
const VALUES_MAX: usize = 32;
/// Shipping has one value a country.
const SHIPPING_MAX: usize = 128;
/// Attributes of one item; the checks keep 50.
const ATTRIBUTES_MAX: usize = 64;

/// A draft, and what is known only after all names were read.
#[derive(Debug)]
pub(super) struct DraftBuilder {
    draft: Draft,
    /// The rank of the name that filled a field. Of several names, the lowest wins.
    ranks: [u8; FIELDS],
    description: Option<RawField>,
    html: Option<RawField>,
    images: Vec<RawField>,
    more_images: Vec<RawField>,
    price: Option<RawField>,
    sale_price: Option<RawField>,
    list_price: Option<RawField>,
    currency: Option<RawField>,
    option_names: Vec<String>,
    option_values: Vec<RawField>,
    extras: Extras,
}

impl DraftBuilder {
    /// An empty draft of the record at this row.
    pub fn new(row: u64) -> Self {
        Self {
            draft: Draft {
                row,
                ..Draft::default()
            },
            ranks: [u8::MAX; FIELDS],
            description: None,
            html: None,
            images: Vec::new(),
            more_images: Vec::new(),
            price: None,
            sale_price: None,
            list_price: None,
            currency: None,
            option_names: Vec::new(),
            option_values: Vec::new(),
            extras: Extras::default(),
        }
    }

    /// Adds one name and its value. Empty values are ignored.
    pub fn put(&mut self, name: &Name, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let text = match text.starts_with("<!") {
            true => strip_cdata(text),
            false => text,
        };
        let text = name.word(text);
        if text.is_empty() {
            return;
        }
        if name.field.repeats() {
            self.append(name, text);
        } else {
            self.set_single(name, text);
        }
    }

    /// An amount with a separate currency.
    pub fn put_currency(&mut self, name: &Name, text: &str) {
        self.currency.get_or_insert_with(|| raw_field(name, text));
    }

    /// A named parameter.
    pub fn put_parameter(&mut self, name: &Name, text: &str) {
        let text = text.trim();
        match name.field {
            _ if text.is_empty() => {}
            Field::Parameters => self.extras.add_parameter(raw_field(name, text)),
            _ => self.put(name, text),
        }
    }

    /// A field with one value. Of several names, the lowest rank wins, then the first.
    fn set_single(&mut self, name: &Name, text: &str) {
        if name.field == Field::ForSale
            && self
                .draft
                .for_sale
                .as_ref()
                .is_some_and(|raw| is_no(&raw.text))
        {
            return;
        }
        let Some(rank) = self.ranks.get_mut(name.field as usize) else {
            return;
        };
        // Of several statements, a refusal to sell counts.
        let is_refusal = name.field == Field::ForSale && is_no(text);
        if *rank <= name.rank && !is_refusal {
            return;
        }
        *rank = name.rank;
        match name.field {
            Field::GoogleCategory => self.add_category("google", name, text),
            Field::MetaCategory => self.add_category("meta", name, text),
            Field::Option => {
                // Several columns are options: each has a value of its own.
                *rank = u8::MAX;
                self.add_option(&name.plain, raw_field(name, text));
            }
            Field::Delete => self.draft.deleted |= is_yes(text),
            Field::Listed => self.draft.deleted |= is_no(text),
            field => match self.slot(field) {
                Some(slot) => *slot = Some(raw_field(name, text)),
                None => self.extras.set(field, raw_field(name, text)),
            },
        }
    }

    /// A field with several values.
    fn append(&mut self, name: &Name, text: &str) {
        match name.field {
            Field::Image => collect_links(&mut self.images, name, text),
            Field::MoreImages => collect_links(&mut self.more_images, name, text),
            Field::Gtin => collect(&mut self.draft.gtins, name, lists::values(text)),
            Field::OptionValues => collect(&mut self.option_values, name, lists::values(text)),
            Field::OptionNames => {
                let names = lists::values(text).into_iter().take(VALUES_MAX);
                self.option_names.extend(names.map(str::to_owned));
            }
            Field::OptionPairs => {
                for pair in lists::values(text).into_iter().take(VALUES_MAX) {
                    if let Some((option, value)) = pair.split_once(':') {
                        self.add_option(option, raw_field(name, value));
                    }
                }
            }
            Field::OptionDict => self.add_json_options(name, text),
            Field::MerchantCategory => self.add_category("merchant", name, text),
            Field::Shipping => self.add_shipping(name, text),
            Field::NumberedName => self.extras.name_option(name.number, text),
            Field::NumberedValue => {
                let value = raw_field(name, text);
                self.extras.value_option(name.number, value);
            }
            Field::PositionedNames => {
                let options = (1..).zip(text.split('|')).take(VALUES_MAX);
                options.for_each(|(number, option)| self.extras.name_option(number, option.trim()));
            }
            Field::PositionedValues => {
                for (number, value) in (1..).zip(text.split('|')).take(VALUES_MAX) {
                    self.extras.value_option(number, raw_field(name, value));
                }
            }
            Field::ListedNames => {
                let options = (1..).zip(text.split(',')).take(VALUES_MAX);
                options.for_each(|(number, option)| {
                    let option = option.split(':').next().unwrap_or_default();
                    self.extras.name_option(number, option.trim());
                });
            }
            Field::ListedValues => {
                for (number, value) in (1..).zip(text.split(',')).take(VALUES_MAX) {
                    let value = raw_field(name, without_position(value).trim());
                    self.extras.value_option(number, value);
                }
            }
            Field::Ignored => {}
            _ => self.add_attribute(name, text),
        }
    }

    fn slot(&mut self, field: Field) -> Option<&mut Option<RawField>> {
        let draft = &mut self.draft;
        Some(match field {
            Field::Id => &mut draft.id,
            Field::Group => &mut draft.group,
            Field::Title => &mut draft.title,
            Field::Description => &mut self.description,
            Field::Html => &mut self.html,
            Field::Url => &mut draft.url,
            Field::Price => &mut self.price,
            Field::SalePrice => &mut self.sale_price,
            Field::ListPrice => &mut self.list_price,
            Field::Currency => &mut self.currency,
            Field::SaleWindow => &mut draft.sale_window,
            Field::SaleStarts => &mut draft.sale_starts,
            Field::SaleEnds => &mut draft.sale_ends,
            Field::Availability => &mut draft.availability,
            Field::AvailableFrom => &mut draft.available_from,
            Field::ExpiresAt => &mut draft.expires_at,
            Field::Quantity => &mut draft.quantity,
            Field::MaxPerOrder => &mut draft.max_per_order,
            Field::Brand => &mut draft.brand,
            Field::Mpn => &mut draft.mpn,
            Field::Sku => &mut draft.sku,
            Field::IdentifierExists => &mut draft.identifier_exists,
            Field::Condition => &mut draft.condition,
            Field::AgeGroup => &mut draft.age_group,
            Field::Gender => &mut draft.gender,
            Field::Adult => &mut draft.adult,
            Field::Digital => &mut draft.digital,
            Field::Weight => &mut draft.weight,
            Field::ForSale => &mut draft.for_sale,
            _ => return None,
        })
    }

    fn add_category(&mut self, taxonomy: &'static str, name: &Name, text: &str) {
        if self.draft.categories.len() < VALUES_MAX {
            self.draft
                .categories
                .push((taxonomy, raw_field(name, text)));
        }
    }

    fn add_shipping(&mut self, name: &Name, text: &str) {
        for group in lists::groups(text) {
            if self.draft.shipping.len() >= SHIPPING_MAX {
                return;
            }
            let mut value = raw_field(name, group);
            if let Some(grouping) = &name.grouping {
                value.text = grouping.shipping(group);
            }
            self.draft.shipping.push(value);
        }
    }

    /// An option. A repetition, such as `color` and `g:color`, counts once.
    fn add_option(&mut self, option: &str, value: RawField) {
        let option = option.trim();
        let is_same = |(existing, _): &(String, RawField)| existing.eq_ignore_ascii_case(option);
        if self.draft.options.len() < VALUES_MAX && !self.draft.options.iter().any(is_same) {
            self.draft.options.push((option.to_owned(), value));
        }
    }

    /// Options as a JSON object in one cell, or one of a list of `{"name":"Size","value":"M"}`;
    /// anything else is kept as it is.
    fn add_json_options(&mut self, name: &Name, text: &str) {
        let Ok(Value::Object(options)) = serde_json::from_str(text) else {
            return self.add_attribute(name, text);
        };
        let part = |key: &str| options.get(key).and_then(json::scalar_text);
        if let (2, Some(option), Some(value)) = (options.len(), part("name"), part("value")) {
            return self.add_option(&option, raw_field(name, &value));
        }
        for (option, value) in &options {
            if let Some(value) = json::scalar_text(value) {
                self.add_option(option, raw_field(name, &value));
            }
        }
    }

    fn add_attribute(&mut self, name: &Name, text: &str) {
        if self.draft.attributes.len() < ATTRIBUTES_MAX && !name.local().is_empty() {
            let attribute = (name.local().to_owned(), text.to_owned());
            self.draft.attributes.push(attribute);
        }
    }

    /// The draft, and what only the format's rules explain. `None` if every value was empty.
    pub fn build(self) -> Option<(Draft, Extras)> {
        let mut draft = self.draft;
        let currency = self.currency.as_ref();
        draft.price = self.price.map(|raw| amount(raw, currency));
        draft.sale_price = self.sale_price.map(|raw| amount(raw, currency));
        draft.list_price = self.list_price.map(|raw| amount(raw, currency));
        draft.description = match (self.description, self.html) {
            (Some(plain), _) => Some(Prose::Plain(plain)),
            (None, html) => html.map(Prose::Html),
        };
        let images = self.images.into_iter().chain(self.more_images);
        draft.images = images.map(|url| (url, None)).collect();
        // Names without values cannot be distinguished from values without names: neither is used.
        if self.option_names.len() == self.option_values.len() {
            let options = self.option_names.into_iter().zip(self.option_values);
            draft.options.extend(options);
        }
        let empty = Draft {
            row: draft.row,
            ..Draft::default()
        };
        (draft != empty || !self.extras.is_empty()).then_some((draft, self.extras))
    }
}

pub(super) fn raw_field(name: &Name, text: &str) -> RawField {
    RawField {
        name: name.spelling.clone(),
        text: text.trim().to_owned(),
    }
}

/// Adds values. A value that another name gave already, such as `image_link` and
/// `g:image_link`, counts once. Validation handles repetitions under one name.
fn collect(values: &mut Vec<RawField>, name: &Name, texts: Vec<&str>) {
    for text in texts {
        let is_repeated =
            |existing: &RawField| existing.text == text && existing.name != name.spelling;
        if values.len() < VALUES_MAX && !values.iter().any(is_repeated) {
            values.push(raw_field(name, text));
        }
    }
}

/// Links, in a list or in a JSON cell such as `[{"url":"…","tag":["front"]}]`.
fn collect_links(values: &mut Vec<RawField>, name: &Name, text: &str) {
    let json = text.starts_with(['[', '{']);
    let Some(cell) = json.then(|| serde_json::from_str(text).ok()).flatten() else {
        return collect(values, name, lists::links(text));
    };
    let items = match cell {
        Value::Array(items) => items,
        item => vec![item],
    };
    let urls = items
        .iter()
        .filter_map(|item| json::scalar_text(item.get("url").unwrap_or(item)));
    let urls: Vec<_> = urls.take(VALUES_MAX).collect();
    collect(values, name, urls.iter().map(AsRef::as_ref).collect());
}

/// An amount. The currency column applies if the amount has no currency.
fn amount(amount: RawField, currency: Option<&RawField>) -> Amount {
    let is_bare = !amount.text.contains(char::is_alphabetic);
    match currency {
        Some(currency) if is_bare => Amount::Decimal(amount, Some(currency.clone())),
        _ => Amount::Text(amount),
    }
}

pub(crate) fn is_yes(text: &str) -> bool {
    let words = ["true", "yes", "1", "y", "t", "delete", "deleted"];
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

pub(crate) fn is_no(text: &str) -> bool {
    let words = ["false", "no", "0", "n", "f"];
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// `Blue:0` is the value with its position in a list.
fn without_position(text: &str) -> &str {
    match text.rsplit_once(':') {
        Some((value, position)) if position.trim().parse::<u32>().is_ok() => value,
        _ => text,
    }
}
