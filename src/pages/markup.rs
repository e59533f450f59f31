//! Metadata for networks and search engines: Open Graph, Twitter Card, JSON-LD.
//!
//! Promises: every value is the one on the page; no value is empty; the JSON-LD cannot end its element. Price and
//! stock are not in pictures and descriptions, because networks cache these for days.

use buywire_schemas::catalog::{Condition, Item};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::card::{PriceView, pictures};
use super::format::{Time, excerpt};
use super::stock::{Stock, open_graph, schema_org};
use super::{PostView, SaleWindow, Site};

const DESCRIPTION_CHARS_MAX: usize = 200;

/// A `<meta>` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meta {
    /// `property` for Open Graph, `name` for Twitter and search engines.
    pub(super) attribute: &'static str,
    pub(super) key: &'static str,
    pub(super) content: String,
}

/// The metadata in the head of a product's page.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) canonical: String,
    pub(super) oembed: String,
    pub(super) metas: Vec<Meta>,
    /// Safe inside a `<script>`.
    pub(super) json_ld: String,
}

impl Head {
    pub(super) fn of(site: Site<'_>, view: &PostView, stock: &Stock) -> Self {
        Self {
            canonical: site.page(&view.slug),
            oembed: site.oembed(&view.slug),
            metas: metas(site, view, stock),
            json_ld: script_safe_json(&product(site, view)),
        }
    }
}

/// The description; never empty.
fn description(view: &PostView) -> String {
    let item = &view.product.item;
    match item.description.trim() {
        "" => format!("{} at {}", item.title, view.merchant),
        text => excerpt(text, DESCRIPTION_CHARS_MAX),
    }
}

fn metas(site: Site<'_>, view: &PostView, stock: &Stock) -> Vec<Meta> {
    let listing = &view.product;
    let (item, offer) = (&listing.item, &listing.offer);
    let description = description(view);
    let owned = |text: &str| Some(text.to_owned());
    let price = offer.price;
    let all = [
        ("name", "description", owned(&description)),
        ("property", "og:type", owned("product")),
        ("property", "og:site_name", owned(&view.merchant)),
        ("property", "og:title", owned(&item.title)),
        ("property", "og:description", owned(&description)),
        (
            "property",
            "og:url",
            Some(site.shared(&view.slug, view.version)),
        ),
        (
            "property",
            "product:price:amount",
            Some(price.currency.decimal(price.amount)),
        ),
        (
            "property",
            "product:price:currency",
            owned(price.currency.code()),
        ),
        ("property", "product:availability", owned(open_graph(offer))),
        ("property", "product:retailer_item_id", owned(&item.id)),
        (
            "property",
            "product:condition",
            owned(condition(item.condition)),
        ),
        ("property", "product:brand", item.brand.clone()),
        ("property", "product:item_group_id", item.group.clone()),
        ("name", "twitter:card", owned("summary_large_image")),
        ("name", "twitter:title", owned(&item.title)),
        ("name", "twitter:description", owned(&description)),
        ("name", "twitter:label1", owned("Price")),
        (
            "name",
            "twitter:data1",
            Some(PriceView::of(listing, view.locale).now),
        ),
        ("name", "twitter:label2", owned("Availability")),
        ("name", "twitter:data2", Some(stock.text())),
    ];
    let all = all.into_iter().chain(of_picture(view));
    let metas = all.filter_map(|(attribute, key, content)| {
        let content = content.filter(|content| !content.trim().is_empty())?;
        Some(Meta {
            attribute,
            key,
            content,
        })
    });
    metas.collect()
}

/// Of the first picture, with its size once it is known.
fn of_picture(view: &PostView) -> [(&'static str, &'static str, Option<String>); 6] {
    let picture = pictures(&view.product).into_iter().next();
    let src = picture.as_ref().map(|picture| picture.src.clone());
    let size = view.image_size.filter(|_| src.is_some());
    let alt = picture.map(|picture| picture.alt);
    let (width, height) = size.unzip();
    let pixels = |side: Option<i32>| side.map(|side| side.to_string());
    [
        ("property", "og:image", src.clone()),
        ("property", "og:image:width", pixels(width)),
        ("property", "og:image:height", pixels(height)),
        ("property", "og:image:alt", alt.clone()),
        ("name", "twitter:image", src),
        ("name", "twitter:image:alt", alt),
    ]
}

const fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::New => "new",
        Condition::Refurbished => "refurbished",
        Condition::Used => "used",
    }
}

/// The product in schema.org's vocabulary.
fn product(site: Site<'_>, view: &PostView) -> Value {
    let item = &view.product.item;
    let images: Vec<_> = pictures(&view.product)
        .into_iter()
        .map(|one| one.src)
        .collect();
    let members = [
        ("name", Some(json!(item.title))),
        ("description", Some(json!(description(view)))),
        ("url", Some(json!(site.page(&view.slug)))),
        ("image", (!images.is_empty()).then(|| json!(images))),
        ("sku", Some(json!(item.sku.as_ref().unwrap_or(&item.id)))),
        ("mpn", item.mpn.as_ref().map(|mpn| json!(mpn))),
        ("gtin", item.gtins.first().map(|gtin| json!(gtin))),
        (
            "inProductGroupWithID",
            item.group.as_ref().map(|group| json!(group)),
        ),
        (
            "brand",
            item.brand
                .as_ref()
                .map(|brand| json!({"@type": "Brand", "name": brand})),
        ),
        ("offers", Some(offer(site, view))),
    ];
    let head = [
        ("@context", json!("https://schema.org")),
        ("@type", json!("Product")),
    ];
    object(head, members)
}

fn offer(site: Site<'_>, view: &PostView) -> Value {
    let (item, offer) = (&view.product.item, &view.product.offer);
    let (starts, ends) = match view.window {
        SaleWindow::Upcoming(start) => (Some(start), None),
        SaleWindow::Open(end) => (None, end),
        SaleWindow::Ended(end) => (None, Some(end)),
    };
    let sale_end = item
        .sale
        .as_ref()
        .filter(|_| offer.was.is_some())
        .and_then(|sale| sale.ends_at);
    let price = offer.price;
    let members = [
        ("price", Some(json!(price.currency.decimal(price.amount)))),
        ("priceCurrency", Some(json!(price.currency))),
        ("availability", Some(json!(schema_org(offer)))),
        ("url", Some(json!(site.page(&view.slug)))),
        ("itemCondition", Some(json!(item_condition(item)))),
        (
            "seller",
            Some(json!({"@type": "Organization", "name": view.merchant})),
        ),
        (
            "priceValidUntil",
            sale_end
                .or(item.expires_at)
                .map(|end| Time::end(end).iso.into()),
        ),
        ("availabilityStarts", starts.map(rfc3339)),
        ("availabilityEnds", ends.map(rfc3339)),
    ];
    object([("@type", json!("Offer"))], members)
}

const fn item_condition(item: &Item) -> &'static str {
    match item.condition {
        Condition::New => "https://schema.org/NewCondition",
        Condition::Refurbished => "https://schema.org/RefurbishedCondition",
        Condition::Used => "https://schema.org/UsedCondition",
    }
}

fn rfc3339(time: OffsetDateTime) -> Value {
    time.format(&Rfc3339).unwrap_or_default().into()
}

fn object<const N: usize, const M: usize>(
    head: [(&str, Value); N],
    members: [(&str, Option<Value>); M],
) -> Value {
    let members = members
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let all = head.into_iter().chain(members);
    Value::Object(
        all.map(|(name, value)| (name.to_owned(), value))
            .collect::<Map<_, _>>(),
    )
}

/// JSON that is safe inside a `<script>`: it cannot contain an end tag, a comment or a line
/// terminator.
fn script_safe_json(value: &Value) -> String {
    let mut safe = String::new();
    for letter in value.to_string().chars() {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                safe.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            other => safe.push(other),
        }
    }
    safe
}
