//! Which name is which field, for all channels. A new column is one line.
//!
//! Names are spelled as by [`plain`](super::names::plain): lower case and `_`. Of several
//! names for one field, the earlier one wins if an item has both.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The fields of an item in a flat feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are those of the draft's fields")]
pub enum Field {
    Id,
    Group,
    Title,
    Description,
    /// A description that is meant as HTML.
    Html,
    Url,
    Image,
    MoreImages,
    Price,
    SalePrice,
    ListPrice,
    /// The currency of amounts without one.
    Currency,
    SaleWindow,
    SaleStarts,
    SaleEnds,
    Availability,
    AvailableFrom,
    ExpiresAt,
    Quantity,
    MaxPerOrder,
    Brand,
    Gtin,
    Mpn,
    Sku,
    IdentifierExists,
    Condition,
    GoogleCategory,
    MetaCategory,
    MerchantCategory,
    /// An option whose name is the column's.
    Option,
    /// `{"size":"M"}`.
    OptionDict,
    /// `scent:Lime, flavour:Mint`.
    OptionPairs,
    OptionNames,
    OptionValues,
    AgeGroup,
    Gender,
    Adult,
    Digital,
    Shipping,
    Weight,
    ForSale,
    /// `false` deletes the item.
    Listed,
    /// `true` deletes the item.
    Delete,

    // Only formats with a vocabulary of their own have these.
    /// What a row is: `product`, `variant` or `image`. Other rows are no items.
    RowKind,
    /// The part of the page's address that names the product.
    Slug,
    /// The part of the page's address before it.
    Section,
    /// A price without its tax.
    NetPrice,
    /// The tax rules of a price without tax: `0` if the item is not taxed.
    TaxRules,
    /// A count, or a word such as `InStock`.
    Stock,
    /// Whether stock is counted: yes, no, or `product` if only the product's is.
    StockTracked,
    /// Whether the item can be ordered without stock.
    Backorders,
    /// `no`: the sale price does not apply.
    OnSale,
    /// What a variant costs more than its product.
    Surcharge,
    /// The same without its tax.
    NetSurcharge,
    /// The unit of weights without one.
    WeightUnit,
    /// The name of an option whose value has the same number.
    NumberedName,
    /// The value of an option whose name has the same number.
    NumberedValue,
    /// The names of options, separated by `|`.
    PositionedNames,
    /// Their values, in the same order.
    PositionedValues,
    /// The names of options with their kind and position: `Colour:color:0, Size:select:1`.
    ListedNames,
    /// Their values with their position, in the same order: `Blue:0, M:1`.
    ListedValues,
    /// `Type=Swatch|Name=Colour|Value=Red`, or `[S]Colour=Red,[RB]Size=M`.
    OptionList,
    /// Pairs of a name and a value: options if the item has a group, otherwise attributes.
    Parameters,
    /// The days until dispatch, or its date.
    Dispatch,
    /// The time until delivery, as a text.
    DeliveryTime,
    /// The variants of a product: `sku=A,size=M|sku=B,size=L`.
    Variants,
    /// `no`: the item has no page of its own.
    HasPage,
    /// The view of the shop for which a row replaces values.
    StoreView,
    /// Known, and not kept.
    Ignored,
    /// Known, and kept as an attribute.
    Attribute,
}

/// The number of fields.
pub(super) const FIELDS: usize = Field::Attribute as usize + 1;

impl Field {
    /// Whether one item may have it several times.
    pub(super) const fn repeats(self) -> bool {
        matches!(
            self,
            Self::Image
                | Self::MoreImages
                | Self::Gtin
                | Self::MerchantCategory
                | Self::OptionDict
                | Self::OptionPairs
                | Self::OptionNames
                | Self::OptionValues
                | Self::Shipping
                | Self::NumberedName
                | Self::NumberedValue
                | Self::PositionedNames
                | Self::PositionedValues
                | Self::ListedNames
                | Self::ListedValues
                | Self::Ignored
                | Self::Attribute
        )
    }
}

/// The field of a plain name, and its rank among the names of that field.
pub(super) fn find(plain: &str) -> Option<(Field, u8)> {
    static ALIASES: LazyLock<HashMap<&str, (Field, u8)>> = LazyLock::new(|| {
        let mut ranks = [0; FIELDS];
        let lines = all_names().map(|(name, field)| {
            let rank: &mut u8 = ranks.get_mut(field as usize)?;
            *rank = rank.saturating_add(1);
            Some((name, (field, *rank)))
        });
        lines.flatten().collect()
    });
    ALIASES.get(plain).copied()
}

/// Every name with its field.
pub(super) fn all_names() -> impl Iterator<Item = (&'static str, Field)> {
    let words = |line: &(Field, &'static str)| (line.0, line.1.split_ascii_whitespace());
    let lines = ALIAS_LINES.iter().map(words);
    lines.flat_map(|(field, words)| words.map(move |word| (word, field)))
}

#[rustfmt::skip]
const ALIAS_LINES: &[(Field, &str)] = &[
    (Field::Id, "id item_id sku_id retailer_id content_id offer_id product_id"),
    (Field::Group, "item_group_id group_id parent_id product_group_id"),
    (Field::Title, "title structured_title name product_name product_title item_title item_group_title summary_title"),
    (Field::Description, "description structured_description plain_description product_description summary content"),
    (Field::Html, "rich_text_description encoded description_html html_description"),
    (Field::Url, "link url product_url product_link canonical_link landing_page"),
    (Field::Image, "image_link image_url image[].url image main_image product_image image_src"),
    (Field::MoreImages, "additional_image_link additional_image_links additional_image_urls additional_image_url"),
    (Field::MoreImages, "additional_images additional_image image_links images lifestyle_image_link"),
    (Field::MoreImages, "enclosure media:content media:thumbnail"),
    (Field::Price, "price regular_price unit_price_with_tax"),
    (Field::SalePrice, "sale_price"),
    (Field::ListPrice, "list_price original_price compare_at_price"),
    (Field::Currency, "currency price_currency currency_code"),
    (Field::SaleWindow, "sale_price_effective_date sale_price_effective_dates sale_price_dates"),
    (Field::SaleStarts, "sale_price_start_date sale_price_start sale_start_date sale_starts_at"),
    (Field::SaleEnds, "sale_price_end_date sale_price_end sale_end_date sale_ends_at"),
    (Field::Availability, "availability stock_status availability_status"),
    (Field::AvailableFrom, "availability_date available_date available_from preorder_date"),
    (Field::ExpiresAt, "expiration_date expires_at"),
    (Field::Quantity, "quantity inventory quantity_to_sell_on_facebook quantity_to_sell_on_fb inventory_quantity"),
    (Field::Quantity, "stock_quantity available_quantity sell_on_google_quantity stock qty"),
    (Field::MaxPerOrder, "max_per_order max_order_quantity maximum_order_quantity"),
    (Field::Brand, "brand"),
    (Field::Gtin, "gtin gtins ean upc isbn barcode gtin8 gtin12 gtin13 gtin14"),
    (Field::Mpn, "mpn manufacturer_part_number"),
    (Field::Sku, "sku merchant_sku"),
    (Field::IdentifierExists, "identifier_exists"),
    (Field::Condition, "condition item_condition"),
    (Field::GoogleCategory, "google_product_category google_category gpc"),
    (Field::MetaCategory, "fb_product_category facebook_product_category"),
    (Field::MerchantCategory, "product_type product_types product_category category categories"),
    (Field::Option, "color colour size material pattern"),
    (Field::OptionDict, "variant_dict variant_options option_dict"),
    (Field::OptionPairs, "additional_variant_attribute additional_variant_attributes"),
    (Field::OptionNames, "variant_names"),
    (Field::OptionValues, "variant_values"),
    (Field::AgeGroup, "age_group"),
    (Field::Gender, "gender"),
    (Field::Adult, "adult is_adult"),
    (Field::Digital, "is_digital digital"),
    (Field::Shipping, "shipping shipping_price"),
    (Field::Weight, "shipping_weight product_weight item_weight weight"),
    (Field::ForSale, "is_eligible_checkout enable_checkout for_sale"),
    (Field::Listed, "is_eligible_search enable_search"),
    (Field::Delete, "delete deleted is_deleted"),

    // Google.
    (Field::Attribute, "mobile_link virtual_model_link video_link ads_redirect link_template mobile_link_template"),
    (Field::Attribute, "cost_of_goods_sold auto_pricing_min_price maximum_retail_price installment subscription_cost"),
    (Field::Attribute, "unit_pricing_measure unit_pricing_base_measure loyalty_program loyalty_points multipack is_bundle"),
    (Field::Attribute, "size_type size_types size_system certification energy_efficiency_class"),
    (Field::Attribute, "min_energy_efficiency_class max_energy_efficiency_class energy_efficiency_class_image_link"),
    (Field::Attribute, "product_length product_width product_height product_detail product_highlight"),
    (Field::Attribute, "shipping_label shipping_length shipping_width shipping_height min_handling_time max_handling_time"),
    (Field::Attribute, "transit_time_label ships_from_country free_shipping_threshold minimum_order_value carrier_shipping"),
    (Field::Attribute, "tax tax_category promotion_id external_seller_id pause pickup_method pickup_sla store_code"),
    (Field::Attribute, "included_destination excluded_destination shopping_ads_excluded_country content_language target_country"),
    (Field::Attribute, "custom_label_0 custom_label_1 custom_label_2 custom_label_3 custom_label_4 kind channel feed_label"),
    (Field::Attribute, "ads_grouping ads_labels display_ads_id display_ads_link display_ads_title display_ads_value display_ads_similar_id"),
    // RSS and Atom have these in any entry.
    (Field::Attribute, "media:title media:description media:group media:credit media:keywords media:rating"),
    (Field::Attribute, "guid pub_date creator author comments source updated published rights contributor"),
    // Meta and X.
    (Field::Attribute, "image[].tag[] video[].url video[].tag[] status visibility origin_country manufacturer_info"),
    (Field::Attribute, "commerce_tax_category importer_name importer_address wa_compliance_category internal_label product_tags[]"),
    (Field::Attribute, "custom_number_0 custom_number_1 custom_number_2 custom_number_3 custom_number_4 applink short_description"),
    (Field::Attribute, "ios_url ios_app_store_id ios_app_name android_url android_package android_app_name style marked_for_product_launch"),
    // Pinterest and TikTok.
    (Field::Attribute, "ad_link min_ad_price size_chart shipping_time merchant_brand video_url mobile_url"),
    // OpenAI.
    (Field::Attribute, "listing_has_variations seller_name seller_url seller_privacy_policy seller_tos store_name marketplace_seller"),
    (Field::Attribute, "return_policy return_window return_deadline_in_days accepts_returns accepts_exchanges is_ads_eligible"),
    (Field::Attribute, "target_countries store_country applicable_taxes_fees delivery_estimate offer_type custom_variant1_category"),
    (Field::Attribute, "popularity_score return_rate warning warning_url age_restriction product_review_count product_review_rating"),
    (Field::Attribute, "store_review_count store_review_rating star_rating review_count q_and_a raw_review_data related_product_id relationship_type"),
    (Field::Attribute, "geo_price geo_availability region unit_pricing_measure_base model_3d_link length width height dimensions"),
];
