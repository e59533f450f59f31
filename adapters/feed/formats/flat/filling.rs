//! One draft being filled, name by name.

use serde_json::Value;

use super::super::escapes::without_cdata;
use super::super::json;
use super::aliases::{FIELDS, Field};
use super::lists;
use super::names::Name;
use crate::feed::draft::{Amount, Draft, Prose, Said};

/// Values of one field that are read; the checks say how many are kept.
const VALUES_MAX: usize = 32;
/// Shipping has one value a country.
const SHIPPING_MAX: usize = 128;
/// Attributes of one item; the checks keep 50.
const ATTRIBUTES_MAX: usize = 64;

/// A draft, and what is known only when all names have been heard.
#[derive(Debug)]
pub(super) struct Filling {
    draft: Draft,
    /// The rank of the name that filled a field; of several names the lowest counts.
    ranks: [u8; FIELDS],
    description: Option<Said>,
    html: Option<Said>,
    images: Vec<Said>,
    more_images: Vec<Said>,
    price: Option<Said>,
    sale_price: Option<Said>,
    list_price: Option<Said>,
    currency: Option<Said>,
    option_names: Vec<String>,
    option_values: Vec<Said>,
}

impl Filling {
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
        }
    }

    /// One name and its value; an empty value says nothing.
    pub fn put(&mut self, name: &Name, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        let text = match text.starts_with("<!") {
            true => without_cdata(text),
            false => text,
        };
        if name.field.repeats() {
            self.add(name, text);
        } else {
            self.set(name, text);
        }
    }

    /// An amount whose currency stands beside it.
    pub fn put_currency(&mut self, name: &Name, text: &str) {
        self.currency.get_or_insert_with(|| said(name, text));
    }

    /// A field with one value: of several names the one of the lowest rank counts, then the first.
    fn set(&mut self, name: &Name, text: &str) {
        let Some(rank) = self.ranks.get_mut(name.field as usize) else {
            return;
        };
        if *rank <= name.rank {
            return;
        }
        *rank = name.rank;
        match name.field {
            Field::GoogleCategory => self.categorise("google", name, text),
            Field::MetaCategory => self.categorise("meta", name, text),
            Field::Option => {
                // Several columns are options: each has a value of its own.
                *rank = u8::MAX;
                self.choose(&name.plain, said(name, text));
            }
            Field::Delete => self.draft.deleted |= is_yes(text),
            Field::Listed => self.draft.deleted |= is_no(text),
            field => {
                if let Some(slot) = self.slot(field) {
                    *slot = Some(said(name, text));
                }
            }
        }
    }

    /// A field with several values.
    fn add(&mut self, name: &Name, text: &str) {
        match name.field {
            Field::Image => collect_links(&mut self.images, name, text),
            Field::MoreImages => collect_links(&mut self.more_images, name, text),
            Field::Gtin => collect(&mut self.draft.gtins, name, lists::words(text)),
            Field::OptionValues => collect(&mut self.option_values, name, lists::words(text)),
            Field::OptionNames => {
                let names = lists::words(text).into_iter().take(VALUES_MAX);
                self.option_names.extend(names.map(str::to_owned));
            }
            Field::OptionPairs => {
                for pair in lists::words(text).into_iter().take(VALUES_MAX) {
                    if let Some((option, value)) = pair.split_once(':') {
                        self.choose(option, said(name, value));
                    }
                }
            }
            Field::OptionDict => self.choose_all(name, text),
            Field::MerchantCategory => self.categorise("merchant", name, text),
            Field::Shipping => self.ship(name, text),
            _ => self.keep(name, text),
        }
    }

    fn slot(&mut self, field: Field) -> Option<&mut Option<Said>> {
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

    fn categorise(&mut self, taxonomy: &'static str, name: &Name, text: &str) {
        if self.draft.categories.len() < VALUES_MAX {
            self.draft.categories.push((taxonomy, said(name, text)));
        }
    }

    fn ship(&mut self, name: &Name, text: &str) {
        for group in lists::groups(text) {
            if self.draft.shipping.len() >= SHIPPING_MAX {
                return;
            }
            let mut value = said(name, group);
            if let Some(grouping) = &name.grouping {
                value.text = grouping.shipping(group);
            }
            self.draft.shipping.push(value);
        }
    }

    /// An option; the same one said again, such as by `color` and `g:color`, counts once.
    fn choose(&mut self, option: &str, value: Said) {
        let option = option.trim();
        let same = |(known, _): &(String, Said)| known.eq_ignore_ascii_case(option);
        if self.draft.options.len() < VALUES_MAX && !self.draft.options.iter().any(same) {
            self.draft.options.push((option.to_owned(), value));
        }
    }

    /// Options as a JSON object in one cell, or one of a list of `{"name":"Size","value":"M"}`;
    /// anything else is kept as it is.
    fn choose_all(&mut self, name: &Name, text: &str) {
        let Ok(Value::Object(options)) = serde_json::from_str(text) else {
            return self.keep(name, text);
        };
        let part = |key: &str| options.get(key).and_then(json::text);
        if let (2, Some(option), Some(value)) = (options.len(), part("name"), part("value")) {
            return self.choose(&option, said(name, &value));
        }
        for (option, value) in &options {
            if let Some(value) = json::text(value) {
                self.choose(option, said(name, &value));
            }
        }
    }

    fn keep(&mut self, name: &Name, text: &str) {
        if self.draft.attributes.len() < ATTRIBUTES_MAX && !name.local().is_empty() {
            let attribute = (name.local().to_owned(), text.to_owned());
            self.draft.attributes.push(attribute);
        }
    }

    /// The draft; none when nothing was said at all.
    pub fn close(self) -> Option<Draft> {
        let mut draft = self.draft;
        let currency = self.currency.as_ref();
        draft.price = self.price.map(|said| amount(said, currency));
        draft.sale_price = self.sale_price.map(|said| amount(said, currency));
        draft.list_price = self.list_price.map(|said| amount(said, currency));
        draft.description = match (self.description, self.html) {
            (Some(plain), _) => Some(Prose::Plain(plain)),
            (None, html) => html.map(Prose::Html),
        };
        let images = self.images.into_iter().chain(self.more_images);
        draft.images = images.map(|url| (url, None)).collect();
        // Names without values cannot be told apart from values without names: neither is used.
        if self.option_names.len() == self.option_values.len() {
            let options = self.option_names.into_iter().zip(self.option_values);
            draft.options.extend(options);
        }
        let empty = Draft {
            row: draft.row,
            ..Draft::default()
        };
        (draft != empty).then_some(draft)
    }
}

pub(super) fn said(name: &Name, text: &str) -> Said {
    Said {
        name: name.said.clone(),
        text: text.trim().to_owned(),
    }
}

/// Adds values; one that another name has said already, such as by `image_link` and
/// `g:image_link`, is the same value. One name that repeats itself is left to the checks.
fn collect(values: &mut Vec<Said>, name: &Name, texts: Vec<&str>) {
    for text in texts {
        let again = |known: &Said| known.text == text && known.name != name.said;
        if values.len() < VALUES_MAX && !values.iter().any(again) {
            values.push(said(name, text));
        }
    }
}

/// Links, in a list or in a JSON cell such as `[{"url":"…","tag":["front"]}]`.
fn collect_links(values: &mut Vec<Said>, name: &Name, text: &str) {
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
        .filter_map(|item| json::text(item.get("url").unwrap_or(item)));
    let urls: Vec<_> = urls.take(VALUES_MAX).collect();
    collect(values, name, urls.iter().map(AsRef::as_ref).collect());
}

/// An amount; a currency of its own column counts where the amount names none.
fn amount(amount: Said, currency: Option<&Said>) -> Amount {
    let is_bare = !amount.text.contains(char::is_alphabetic);
    match currency {
        Some(currency) if is_bare => Amount::Decimal(amount, Some(currency.clone())),
        _ => Amount::Text(amount),
    }
}

pub(in super::super) fn is_yes(text: &str) -> bool {
    let words = ["true", "yes", "1", "y", "t", "delete", "deleted"];
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

pub(in super::super) fn is_no(text: &str) -> bool {
    let words = ["false", "no", "0", "n", "f"];
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}
