//! The generated feeds: the same in every run, about 1 kB per item, and without a finding.
//!
//! An item follows from its number alone, so that a feed of any size can be written in any order without memory.

use std::fmt::Write as _;
use std::io::{self, Write};

/// The changed edition changes one item in this many: 1 %.
pub(crate) const CHANGED_EVERY: u64 = 100;

/// The document format of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FeedFormat {
    /// Google's columns.
    Csv,
    /// OpenAI's names, one object a line.
    Jsonl,
    /// Google's RSS 2.0.
    Xml,
}

/// How a feed differs from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FeedEdition {
    /// The first feed.
    First,
    /// The same items in another order, under another date.
    Shuffled,
    /// Shuffled, and one item in a hundred has another price.
    Changed,
}

/// Google's name, OpenAI's name.
const NAMES: [(&str, &str); 21] = [
    ("id", "item_id"),
    ("item_group_id", "group_id"),
    ("title", "title"),
    ("description", "description"),
    ("link", "url"),
    ("image_link", "image_url"),
    ("additional_image_link", "additional_image_urls"),
    ("availability", "availability"),
    ("price", "price"),
    ("brand", "brand"),
    ("gtin", "gtin"),
    ("mpn", "mpn"),
    ("condition", "condition"),
    ("google_product_category", "google_product_category"),
    ("product_type", "product_category"),
    ("color", "color"),
    ("size", "size"),
    ("material", "material"),
    ("gender", "gender"),
    ("age_group", "age_group"),
    ("shipping_weight", "weight"),
];
const BRANDS: [&str; 5] = ["Loom & Sons", "Hob", "Nordlicht", "Casa Clara", "Peak Nine"];
const GARMENTS: [&str; 6] = ["Shirt", "Jacket", "Scarf", "Trousers", "Cardigan", "Coat"];
const COLORS: [&str; 6] = ["Navy", "Charcoal", "Olive", "Écru", "Rust", "Sand"];
const SIZES: [&str; 4] = ["S", "M", "L", "XL"];
const MATERIALS: [&str; 4] = ["Cotton", "Merino wool", "Linen", "Hemp"];
const SENTENCES: [&str; 8] = [
    "Cut for everyday wear, with room at the shoulders and a straight hem.",
    "The fabric is woven in Portugal from long fibres and washed before it is sewn.",
    "Buttons are made of corozo; spare ones are sewn into the side seam.",
    "Wash cold with like colours, dry flat and iron while it is still damp.",
    "Our model is 1.86 m tall and wears size \"M\".",
    "Dyed without heavy metals & certified by an independent laboratory.",
    "The seams are felled, so that nothing scratches and nothing frays.",
    "It softens with every wash, and a repair in our workshop is free for ten years.",
];

impl FeedFormat {
    /// Its name on the command line and in the figures.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Xml => "xml",
        }
    }

    /// Its media type.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Jsonl => "application/x-ndjson",
            Self::Xml => "application/rss+xml",
        }
    }

    fn write_header(self, edition: FeedEdition, text: &mut String) {
        let day = 1 + edition as u8;
        match self {
            Self::Csv => text.push_str(&NAMES.map(|(name, _)| name).join(",")),
            Self::Jsonl => return,
            Self::Xml => {
                text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:g=\"http://base.google.com/ns/1.0\">\n<channel>\n<title>Shop</title>\n<link>https://shop.example/</link>\n");
                let _ = write!(text, "<pubDate>0{day} Nov 2026 04:00:00 +0000</pubDate>");
            }
        }
        text.push('\n');
    }

    fn write_item(self, values: &[String], text: &mut String) {
        let named = NAMES.iter().zip(values);
        match self {
            Self::Csv => named.enumerate().for_each(|(column, (_, value))| {
                text.push_str(if column > 0 { "," } else { "" });
                let _ = match value.contains([',', '"']) {
                    true => write!(text, "\"{}\"", value.replace('"', "\"\"")),
                    false => write!(text, "{value}"),
                };
            }),
            Self::Jsonl => {
                text.push_str("{\"is_eligible_search\":true");
                for ((_, name), value) in named {
                    let _ = write!(text, ",\"{name}\":{}", serde_json::json!(value));
                }
                text.push('}');
            }
            Self::Xml => {
                text.push_str("<item>\n");
                for ((name, _), value) in named {
                    let value = value.replace('&', "&amp;").replace('>', "&gt;");
                    let _ = writeln!(text, "<g:{name}>{value}</g:{name}>");
                }
                text.push_str("</item>");
            }
        }
        text.push('\n');
    }

    fn footer(self) -> &'static str {
        match self {
            Self::Csv | Self::Jsonl => "",
            Self::Xml => "</channel>\n</rss>\n",
        }
    }
}

/// Writes a feed.
pub(crate) fn write(
    format: FeedFormat,
    edition: FeedEdition,
    items: u64,
    into: &mut impl Write,
) -> io::Result<()> {
    let mut text = String::new();
    format.write_header(edition, &mut text);
    let stride = match edition {
        FeedEdition::First => 1,
        FeedEdition::Shuffled | FeedEdition::Changed => stride_for(items),
    };
    for position in 0..items {
        let number = position * stride % items;
        let is_changed = edition == FeedEdition::Changed && number.is_multiple_of(CHANGED_EVERY);
        format.write_item(&values(number, is_changed), &mut text);
        into.write_all(text.as_bytes())?;
        text.clear();
    }
    into.write_all(format.footer().as_bytes())?;
    into.flush()
}

/// The step from one item to the next in the shuffled order: a prime that does not divide the number of items, so
/// that each item comes once.
fn stride_for(items: u64) -> u64 {
    let primes = [611_953, 7_919, 104_729];
    let fit = primes
        .into_iter()
        .find(|prime| !items.is_multiple_of(*prime));
    fit.unwrap_or(1)
}

/// An item's values, in the order of [`NAMES`].
fn values(number: u64, is_changed: bool) -> [String; NAMES.len()] {
    let group = number / SIZES.len() as u64;
    let hash = group.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let (brand, garment) = (pick(&BRANDS, hash), pick(&GARMENTS, hash >> 3));
    let (color, material) = (pick(&COLORS, hash >> 6), pick(&MATERIALS, hash >> 9));
    let size = pick(&SIZES, number);
    let image = |view: u8| {
        format!(
            "https://img.shop.example/products/{group:07}/{color_key}-{view}.jpg",
            color_key = hash % 97
        )
    };
    let sentences: Vec<_> = (0..6)
        .map(|n| pick(&SENTENCES, hash.wrapping_add(n * 3)))
        .collect();
    let cents = 1_000 + number % 7_919 * 2 + u64::from(is_changed);
    let stock = if number % 10 == 3 {
        "out_of_stock"
    } else {
        "in_stock"
    };
    [
        format!("SKU-{number:08}"),
        format!("STYLE-{group:07}"),
        format!("{brand} {garment} no. {group}, {material}, {color}, {size}"),
        sentences.join(" "),
        format!("https://shop.example/products/style-{group:07}?variant={number}&utm_source=feed"),
        image(1),
        format!("{},{}", image(2), image(3)),
        stock.to_owned(),
        format!("{}.{:02} EUR", cents / 100, cents % 100),
        brand.to_owned(),
        gtin(number),
        format!("BW-{:06X}-{size}", group * 31),
        "new".to_owned(),
        "Apparel & Accessories > Clothing".to_owned(),
        format!("Clothing > {garment}s > {material}"),
        color.to_owned(),
        size.to_owned(),
        material.to_owned(),
        "unisex".to_owned(),
        "adult".to_owned(),
        format!("{} g", 180 + hash % 900),
    ]
}

fn pick(from: &[&'static str], hash: u64) -> &'static str {
    let index = hash.checked_rem(from.len() as u64).unwrap_or_default();
    from.get(index as usize).copied().unwrap_or_default()
}

/// A GTIN-13 with its check digit.
fn gtin(number: u64) -> String {
    let body = 400_000_000_000 + number;
    let mut rest = body;
    let mut sum = 0;
    for position in 0..12 {
        sum += rest % 10 * if position % 2 == 0 { 3 } else { 1 };
        rest /= 10;
    }
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ITEMS: u64 = 1_000;

    fn lines(format: FeedFormat, edition: FeedEdition) -> Vec<String> {
        let mut bytes = Vec::new();
        write(format, edition, ITEMS, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn editions_have_the_same_items_but_for_their_order_and_one_in_a_hundred() {
        for format in [FeedFormat::Csv, FeedFormat::Jsonl] {
            let first = lines(format, FeedEdition::First);
            let shuffled = lines(format, FeedEdition::Shuffled);
            assert_ne!(first, shuffled);
            let set = |lines: &[String]| BTreeSet::from_iter(lines.to_vec());
            assert_eq!(set(&first), set(&shuffled));
            let changed = set(&lines(format, FeedEdition::Changed));
            let differ = changed.difference(&set(&first)).count() as u64;
            assert_eq!(differ, ITEMS / CHANGED_EVERY);
        }
        assert_ne!(
            lines(FeedFormat::Xml, FeedEdition::First)[5],
            lines(FeedFormat::Xml, FeedEdition::Shuffled)[5]
        );
    }

    #[test]
    fn an_item_has_about_a_kilobyte() {
        for format in [FeedFormat::Csv, FeedFormat::Jsonl, FeedFormat::Xml] {
            let bytes: usize = lines(format, FeedEdition::First)
                .iter()
                .map(String::len)
                .sum();
            let bytes = bytes as u64 / ITEMS;
            assert!((800..1_700).contains(&bytes), "{format:?}: {bytes}");
        }
    }
}
