//! Documents of shops and channels, each with what such documents get wrong.

use buywire_schemas::catalog::issue::Code;

use super::{Case, EMPTY_CASE};

pub(super) const FORMAT_CASES: &[Case] = &[
    Case {
        file: "prestashop.csv",
        expected_format: Ok("prestashop"),
        errors: &[(2, Code::PriceMissing)],
        other_codes: &[Code::PriceWithoutTax],
        ..EMPTY_CASE
    },
    Case {
        file: "prestashop-untaxed.csv",
        expected_format: Ok("prestashop"),
        items: &["1"],
        errors: &[
            (3, Code::PriceMissing),
            (4, Code::IdMissing),
            (4, Code::LinkMissing),
        ],
        other_codes: &[Code::PriceWithoutTax],
        values: &[("1", "/price/amount", "150")],
    },
    Case {
        file: "heureka.xml",
        expected_format: Ok("heureka"),
        items: &["7"],
        other_codes: &[Code::DecimalsPadded],
        values: &[
            ("7", "/price/amount", "8500"),
            ("7", "/availability", "\"in_stock\""),
            ("7", "/gtins", "[\"04006381333931\"]"),
        ],
        ..EMPTY_CASE
    },
    Case {
        file: "magento-orphan.csv",
        expected_format: Ok("magento"),
        items: &["BOX-S"],
        errors: &[
            (4, Code::ImageMissing),
            (4, Code::PriceUnparsable),
            (5, Code::LinkMissing),
        ],
        values: &[
            ("BOX-S", "/url", "\"https://shop.example/box.html\""),
            ("BOX-S", "/title", "\"Box\""),
            ("BOX-S", "/options/0/value", "\"S\""),
        ],
        ..EMPTY_CASE
    },
    Case {
        file: "bigcommerce-rules.csv",
        expected_format: Ok("bigcommerce"),
        items: &["HAT"],
        errors: &[(3, Code::PriceMissing), (4, Code::PriceMissing)],
        values: &[
            ("HAT", "/url", "\"https://shop.example/felt-hat\""),
            ("HAT", "/availability", "\"in_stock\""),
        ],
        ..EMPTY_CASE
    },
    Case {
        file: "wix-no-links.csv",
        expected_format: Ok("wix"),
        errors: &[
            (3, Code::LinkMissing),
            (4, Code::TitleMissing),
            (4, Code::LinkMissing),
            (4, Code::ImageMissing),
            (4, Code::PriceMissing),
        ],
        ..EMPTY_CASE
    },
    Case {
        file: "squarespace-damaged.csv",
        expected_format: Ok("squarespace"),
        items: &["a1-1", "a1-2"],
        errors: &[
            (4, Code::TitleMissing),
            (5, Code::LinkMissing),
            (5, Code::AvailabilityUnknown),
        ],
        values: &[
            ("a1-2", "/price/amount", "12000"),
            ("a1-2", "/group", "\"a1\""),
        ],
        ..EMPTY_CASE
    },
    Case {
        file: "etsy-no-links.csv",
        expected_format: Ok("etsy"),
        errors: &[
            (2, Code::LinkMissing),
            (3, Code::IdMissing),
            (3, Code::LinkMissing),
        ],
        ..EMPTY_CASE
    },
    Case {
        file: "spree-damaged.csv",
        expected_format: Ok("spree"),
        items: &["J-M"],
        errors: &[(4, Code::PriceZero), (5, Code::TitleMissing)],
        values: &[("J-M", "/title", "\"Jacket\"")],
        ..EMPTY_CASE
    },
    Case {
        file: "vendure-files.csv",
        expected_format: Ok("vendure"),
        items: &["S-41"],
        errors: &[(2, Code::ImageInvalid), (4, Code::TitleMissing)],
        values: &[("S-41", "/availability", "\"out_of_stock\"")],
        ..EMPTY_CASE
    },
    Case {
        file: "heureka-damaged.xml",
        expected_format: Ok("heureka"),
        items: &["1", "5"],
        errors: &[
            (4, Code::AvailabilityUnknown),
            (5, Code::PriceMissing),
            (6, Code::RecordMalformed),
        ],
        other_codes: &[Code::DecimalsPadded],
        values: &[("5", "/availability", "\"backorder\"")],
    },
    Case {
        file: "yandex-damaged.xml",
        expected_format: Ok("yandex"),
        items: &["1"],
        errors: &[(4, Code::AvailabilityUnknown), (5, Code::IdMissing)],
        values: &[("1", "/price/currency", "\"RUB\"")],
        ..EMPTY_CASE
    },
    Case {
        file: "idealo-no-time.csv",
        expected_format: Ok("idealo"),
        items: &["1"],
        errors: &[
            (3, Code::AvailabilityMissing),
            (4, Code::AvailabilityMissing),
        ],
        other_codes: &[Code::GtinBadCheckDigit],
        values: &[("1", "/availability", "\"in_stock\"")],
    },
    Case {
        file: "kelkoo-damaged.csv",
        expected_format: Ok("kelkoo"),
        items: &["1"],
        errors: &[(3, Code::AvailabilityUnknown), (4, Code::PriceMissing)],
        values: &[("1", "/price/currency", "\"EUR\"")],
        ..EMPTY_CASE
    },
    Case {
        file: "ceneo-damaged.xml",
        expected_format: Ok("ceneo"),
        items: &["1"],
        errors: &[
            (4, Code::AvailabilityUnknown),
            (5, Code::ImageMissing),
            (5, Code::PriceMissing),
        ],
        values: &[("1", "/price/currency", "\"PLN\"")],
        ..EMPTY_CASE
    },
    Case {
        file: "trovaprezzi-damaged.csv",
        expected_format: Ok("trovaprezzi"),
        items: &["1"],
        errors: &[(3, Code::AvailabilityUnknown)],
        values: &[("1", "/price/amount", "2990")],
        ..EMPTY_CASE
    },
    Case {
        file: "billiger-damaged.csv",
        expected_format: Ok("billiger"),
        items: &["1"],
        errors: &[(3, Code::PriceMissing)],
        values: &[("1", "/availability", "\"in_stock\"")],
        ..EMPTY_CASE
    },
    Case {
        file: "google-german-words.csv",
        expected_format: Ok("google_de"),
        items: &["1", "3"],
        errors: &[(3, Code::AvailabilityUnknown)],
        other_codes: &[Code::UnknownEnum],
        values: &[
            ("1", "/condition", "\"new\""),
            ("3", "/condition", "\"used\""),
            ("3", "/adult", "true"),
            ("3", "/availability", "\"out_of_stock\""),
        ],
    },
    Case {
        file: "woocommerce-german.csv",
        expected_format: Ok("woocommerce_de"),
        items: &["T-1", "T-3"],
        errors: &[(3, Code::PriceMissing)],
        values: &[
            ("T-1", "/price/amount", "1050"),
            ("T-3", "/availability", "\"backorder\""),
            ("T-3", "/for_sale", "false"),
        ],
        ..EMPTY_CASE
    },
];
