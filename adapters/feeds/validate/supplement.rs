//! Validates supplements: a supplemental feed changes how an existing item is described, never how it is sold.
//!
//! It overrides title, description, images, sale, brand, GTINs, MPN, SKU, condition, categories, options, age group,
//! gender, adult, digital, shipping, weight and further attributes. Price, stock, link, group and everything else that decides
//! whether and how it is sold belong to the main feed. A supplement's values for them are reported and ignored.

use buywire_schemas::catalog::issue::Code;
use buywire_schemas::catalog::{Category, Choice, Condition, Image, Item, Sale, Shipping};
use buywire_schemas::money::Currency;
use serde::{Deserialize, Serialize};

use super::change::to_raw_amount;
use super::findings::FindingsBuilder;
use super::values::decimal_sign::Column;
use super::{
    Checked, Rules, attributes, classification, identity, link, prices, shipping, text, weight,
};
use crate::draft::{Amount, Draft, RawField};

macro_rules! supplement {
    ($($field:ident: $type:ty,)*) => {
        /// The values that override an item's data. A field is `None` if the supplement does not have it, or has no usable
        /// value for it.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[allow(missing_docs, reason = "the fields are those of `Item`")]
        pub struct Supplement {
            $(#[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$type>,)*
            /// Kept with its currency: it is a sale only while it is below a price in that currency.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub sale: Option<(Currency, Sale)>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub shipping: Option<Vec<Shipping>>,
            /// Added to the item's attributes.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub attributes: Option<Vec<(String, String)>>,
        }

        impl Supplement {
            fn describe(&self, item: &mut Item) {
                $(if let Some(output) = &self.$field {
                    item.$field = output.clone().into();
                })*
            }
        }
    };
}

supplement! {
    title: String,
    description: String,
    images: Vec<Image>,
    brand: String,
    gtins: Vec<String>,
    mpn: String,
    sku: String,
    condition: Condition,
    categories: Vec<Category>,
    options: Vec<Choice>,
    age_group: String,
    gender: String,
    adult: bool,
    digital: bool,
    weight_g: u32,
}

impl Supplement {
    /// Applies the overrides. Amounts that do not fit the item's price are skipped.
    pub fn apply(&self, item: &mut Item) {
        self.describe(item);
        let price = item.price;
        if let Some((currency, sale)) = &self.sale
            && *currency == price.currency
            && sale.amount < price.amount
        {
            item.sale = Some(sale.clone());
        }
        if let Some(shipping) = &self.shipping {
            let fits =
                |one: &&Shipping| one.price.is_none_or(|cost| cost.currency == price.currency);
            item.shipping = shipping.iter().filter(fits).cloned().collect();
        }
        for (name, value) in self.attributes.iter().flatten() {
            if item.attributes.len() < attributes::ATTRIBUTES_MAX
                || item.attributes.contains_key(name)
            {
                item.attributes.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Validates a supplement to one item. `find` returns the current item; unknown items are not created.
#[must_use]
pub fn check_supplement(
    mut draft: Draft,
    rules: &Rules,
    find: impl FnOnce(&str) -> Option<Item>,
) -> (Checked, Supplement) {
    let row = draft.row;
    let mut findings = FindingsBuilder::for_row(row);
    let id = identity::id(draft.id.take(), &mut findings);
    let mut item = id.as_deref().and_then(find);
    if let (Some(id), None) = (&id, &item) {
        findings.raise_value(Code::ItemUnknown, "id", id);
    }
    let mut supplement = Supplement::default();
    if let Some(item) = &mut item {
        reject_main_fields(&mut draft, &mut findings);
        supplement = parse_supplement(draft, item, rules, &mut findings);
        supplement.apply(item);
    }
    let checked = Checked {
        row,
        item: item.filter(|_| !findings.has_error()),
        deleted: None,
        issues: findings.into_issues(id.as_deref()),
    };
    (checked, supplement)
}

/// Reports values that belong to the main feed.
fn reject_main_fields(draft: &mut Draft, findings: &mut FindingsBuilder) {
    for amount in [draft.price.take(), draft.list_price.take()]
        .into_iter()
        .flatten()
    {
        let (Amount::Text(raw) | Amount::Decimal(raw, _) | Amount::Minor(raw, _)) = amount;
        findings.raise(Code::SupplementIgnored, &raw);
    }
    let others: [Option<RawField>; 8] = [
        draft.url.take(),
        draft.group.take(),
        draft.availability.take(),
        draft.available_from.take(),
        draft.expires_at.take(),
        draft.quantity.take(),
        draft.max_per_order.take(),
        draft.for_sale.take(),
    ];
    for raw in others.iter().flatten() {
        findings.raise(Code::SupplementIgnored, raw);
    }
    if draft.deleted {
        findings.raise_value(Code::SupplementIgnored, "deleted", "true");
    }
}

fn parse_supplement(
    mut draft: Draft,
    item: &Item,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Supplement {
    let sale = parse_sale(&mut draft, item, rules, findings);
    draft.identifier_exists = None;
    let identifier_rules = Rules {
        brand_expected: false,
        ..rules.clone()
    };
    let identifiers = identity::identifiers(&mut draft, &identifier_rules, findings);
    let has_condition = draft.condition.is_some();
    let condition = classification::condition(draft.condition, findings);
    let adult = draft
        .adult
        .is_some()
        .then(|| classification::read_flag(draft.adult, false, true, findings));
    let digital = draft
        .digital
        .is_some()
        .then(|| classification::read_flag(draft.digital, false, false, findings));
    Supplement {
        title: draft
            .title
            .and_then(|raw| text::clean(raw, text::TextRules::TITLE, findings)),
        description: non_default(text::clean_prose(
            draft.description,
            text::TextRules::DESCRIPTION,
            findings,
        )),
        images: match draft.images.is_empty() {
            true => None,
            false => non_default(link::images(draft.images, rules, findings)),
        },
        brand: identifiers.brand,
        gtins: non_default(identifiers.gtins),
        mpn: identifiers.mpn,
        sku: identifiers.sku,
        condition: has_condition.then_some(condition),
        categories: non_default(attributes::categories(draft.categories, findings)),
        options: non_default(attributes::options(draft.options, findings)),
        age_group: classification::age_group(draft.age_group, findings),
        gender: classification::gender(draft.gender, findings),
        adult,
        digital,
        weight_g: weight::grams(
            draft.weight.as_ref(),
            rules.decimals(Column::Weight),
            findings,
        ),
        sale: sale.map(|sale| (item.price.currency, sale)),
        shipping: non_default(shipping::shipping(
            draft.shipping,
            Some(item.price),
            rules,
            findings,
        )),
        attributes: non_default(
            attributes::attributes(draft.attributes, findings)
                .into_iter()
                .collect(),
        ),
    }
}

/// Checked against the item's current price.
fn parse_sale(
    draft: &mut Draft,
    item: &Item,
    rules: &Rules,
    findings: &mut FindingsBuilder,
) -> Option<Sale> {
    let windows = [&draft.sale_window, &draft.sale_starts, &draft.sale_ends];
    if draft.sale_price.is_none() && windows.into_iter().all(Option::is_none) {
        return None;
    }
    draft.price = Some(to_raw_amount(item.price));
    prices::prices(draft, rules, findings)?.1
}

/// Empty values are ignored.
fn non_default<T: Default + PartialEq>(value: T) -> Option<T> {
    Some(value).filter(|value| *value != T::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shirt() -> Item {
        let text = include_str!("../../../schemas/examples/valid/catalog/shirt.json");
        serde_json::from_str(text).unwrap()
    }

    fn output(name: &str, text: &str) -> Option<RawField> {
        Some(RawField {
            name: name.into(),
            text: text.to_owned(),
        })
    }

    fn outcome(draft: Draft) -> (Checked, Supplement) {
        let draft = Draft {
            id: output("id", "shirt"),
            row: 2,
            ..draft
        };
        check_supplement(draft, &Rules::default(), |id| (id == "shirt").then(shirt))
    }

    fn codes(checked: &Checked) -> Vec<(Code, Option<&str>)> {
        let issues = checked.issues.iter();
        issues
            .map(|issue| (issue.code, issue.attribute.as_deref()))
            .collect()
    }

    #[test]
    fn what_describes_is_taken_and_what_sells_is_not() {
        let (checked, supplement) = outcome(Draft {
            title: output("title", "A better shirt"),
            brand: output("brand", "Umi"),
            price: output("price", "1.00 USD").map(Amount::Text),
            availability: output("availability", "out_of_stock"),
            url: output("link", "https://elsewhere.example/"),
            group: output("item_group_id", "other"),
            quantity: output("quantity", "0"),
            attributes: vec![("fit".to_owned(), "slim".to_owned())],
            deleted: true,
            ..Draft::default()
        });
        let input = [
            "price",
            "link",
            "item_group_id",
            "availability",
            "quantity",
            "deleted",
        ];
        assert_eq!(
            codes(&checked),
            input.map(|name| (Code::SupplementIgnored, Some(name)))
        );
        let item = checked.item.unwrap();
        let mut expected = shirt();
        expected.title = "A better shirt".to_owned();
        expected.brand = Some("Umi".to_owned());
        expected
            .attributes
            .insert("fit".to_owned(), "slim".to_owned());
        assert_eq!(item, expected);
        // The supplement applies equally to a later item with this id.
        let kept = serde_json::to_string(&supplement).unwrap();
        assert_eq!(
            kept,
            r#"{"title":"A better shirt","brand":"Umi","attributes":[["fit","slim"]]}"#
        );
        let mut again = shirt();
        serde_json::from_str::<Supplement>(&kept)
            .unwrap()
            .apply(&mut again);
        assert_eq!(again, expected);
    }

    #[test]
    fn a_sale_is_one_only_below_the_price_and_in_its_currency() {
        let mut item = shirt();
        item.price.amount = 2_000;
        item.sale = None;
        let text = format!("15.00 {}", item.price.currency);
        let draft = Draft {
            id: output("id", "shirt"),
            sale_price: output("sale_price", &text).map(Amount::Text),
            ..Draft::default()
        };
        let (checked, supplement) =
            check_supplement(draft, &Rules::default(), |_| Some(item.clone()));
        assert_eq!(
            checked.item.unwrap().sale.map(|sale| sale.amount),
            Some(1_500)
        );
        item.price.amount = 1_500;
        supplement.apply(&mut item);
        assert_eq!(item.sale, None);
        item.price.amount = 2_000;
        item.price.currency = Currency::parse("CHF").unwrap();
        supplement.apply(&mut item);
        assert_eq!(item.sale, None);
    }

    #[test]
    fn what_cannot_be_read_or_is_not_there_overrides_nothing() {
        let (checked, supplement) = outcome(Draft {
            title: output("title", " "),
            gtins: Vec::from_iter(output("gtin", "N/A")),
            ..Draft::default()
        });
        assert_eq!(codes(&checked), [(Code::GtinNotDigits, Some("gtin"))]);
        assert_eq!(
            (checked.item, supplement),
            (Some(shirt()), Supplement::default())
        );
        let (checked, _) = outcome(Draft {
            images: Vec::from_iter(output("image_link", "shirt.jpg").map(|raw| (raw, None))),
            ..Draft::default()
        });
        assert_eq!(checked.item, None);
        let draft = Draft {
            id: output("id", "hat"),
            ..Draft::default()
        };
        let (checked, _) = check_supplement(draft, &Rules::default(), |_| None);
        assert_eq!(codes(&checked), [(Code::ItemUnknown, Some("id"))]);
        assert_eq!(checked.item, None);
    }
}
