//! PrestaShop's products, as its import reads them and its list of products exports them.
//!
//! A price without tax is what a buyer pays only if the product has no tax rules. Links are built from the product's
//! ID and the shop's URL: such a link works whatever the shop's friendly URLs are. Combinations are rows below their
//! product, with its ID and without a name; their impact on the price is without tax, too.

use crate::formats::flat::{Field, FlatFormat, Rows, Vocabulary};
use crate::formats::format::Confidence;

/// The format.
pub(crate) static PRESTASHOP: FlatFormat = FlatFormat {
    name: "prestashop",
    title: "PrestaShop products (CSV)",
    unique_names: &[],
    default_confidence: Confidence::No,
    required: &["product_id", "name_*", "price_tax_included"],
    stock_only: false,
    vocabulary: &VOCABULARY,
};

static VOCABULARY: Vocabulary = Vocabulary {
    names: &[
        (Field::Group, "product_id product_id* id"),
        (Field::Sku, "reference_# reference"),
        (Field::Title, "name_* name* name"),
        (Field::Html, "description summary"),
        (Field::Image, "image_urls_(x,y,z...) image"),
        (Field::Price, "price_tax_included price_(tax_incl.)"),
        (Field::NetPrice, "price_tax_excluded price_(tax_excl.)"),
        (Field::TaxRules, "tax_rules_id"),
        (
            Field::NetSurcharge,
            "impact_on_price impact_on_price_(tax_excl.)",
        ),
        (
            Field::ListedNames,
            "attribute_(name:type:position)* attribute_(name:type:position)",
        ),
        (
            Field::ListedValues,
            "value_(value:position)* value_(value:position)",
        ),
        (Field::Quantity, "quantity"),
        (Field::Backorders, "out_of_stock_action"),
        (
            Field::ForSale,
            "active_(0/1) status available_for_order_(0_=_no,_1_=_yes) show_price_(0_=_no,_1_=_yes)",
        ),
        (Field::Brand, "manufacturer brand"),
        (Field::Gtin, "ean13 upc isbn"),
        (Field::Mpn, "mpn"),
        (Field::Condition, "condition"),
        (Field::MerchantCategory, "categories_(x,y,z...) category"),
        (
            Field::Digital,
            "virtual_product_(0_=_no,_1_=_yes) virtual_product",
        ),
        (
            Field::Attribute,
            "tags_(x,y,z...) feature(name:value:position) discount_amount discount_percent",
        ),
    ],
    words: &[(Field::Backorders, &[("0", "no"), ("1", "yes"), ("2", "no")])],
    marks: &[
        "active_(0/1) name_* price_tax_excluded",
        "active_(0/1) name_* price_tax_included",
        "active_(0/1) name_* tax_rules_id",
        "product_id reference price_(tax_excl.)",
        "attribute_(name:type:position)* value_(value:position)*",
        "attribute_(name:type:position) value_(value:position)",
    ],
    page: Some("index.php?controller=product&id_product={id}"),
    rows: Rows::Untitled,
    sku_is_id: false,
    ..Vocabulary::EXPORT
};
