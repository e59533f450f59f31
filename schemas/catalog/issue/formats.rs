//! The names of the feed formats, for texts that must stand without the crate that reads them.
//!
//! Promises: they are exactly the formats of `buywire-feeds`, by name; a test there compares both.

/// A sentence that ends with the list, and the list.
macro_rules! format_names {
    ($first:literal $($name:literal)*) => {
        /// The names, in alphabetical order.
        pub const FORMAT_NAMES: &[&str] = &[$first $(, $name)*];

        /// The help text of `format_unknown`.
        pub(super) const FORMAT_UNKNOWN_HELP: &str = concat!(
            "The document is readable, but it matches none of the supported formats. Name its format, or use one of: ",
            $first $(, ", ", $name)*, "."
        );

        /// The help text of options that take the name of a format.
        pub const FORMAT_OPTION_HELP: &str = concat!(
            "Feed format. Default: detected.\n\nOne of: ",
            $first $(, ", ", $name)*, "."
        );
    };
}

format_names! {
    "acp"
    "bigcommerce"
    "billiger"
    "ceneo"
    "etsy"
    "google"
    "google_cs"
    "google_de"
    "google_es"
    "google_fr"
    "google_it"
    "google_nl"
    "google_pl"
    "google_retail"
    "gumroad"
    "heureka"
    "idealo"
    "inventory"
    "kelkoo"
    "magento"
    "medusa"
    "meta"
    "meta_cs"
    "meta_de"
    "meta_es"
    "meta_fr"
    "meta_it"
    "meta_nl"
    "meta_pl"
    "openai"
    "openai_products"
    "pinterest"
    "prestashop"
    "schema_org"
    "shopify_csv"
    "shopify_json"
    "spree"
    "spree_json"
    "squarespace"
    "stripe"
    "tiktok"
    "trovaprezzi"
    "vendure"
    "wix"
    "woocommerce"
    "woocommerce_cs"
    "woocommerce_de"
    "woocommerce_es"
    "woocommerce_fr"
    "woocommerce_it"
    "woocommerce_nl"
    "woocommerce_pl"
    "x"
    "yandex"
}
