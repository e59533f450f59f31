//! Czech names and words of Google's, Meta's and WooCommerce's files.

use crate::formats::flat::{Field, Words};

/// Names of fields.
pub(super) const NAMES: &[(Field, &str)] = &[
    (Field::Title, "název titulek"),
    (Field::Description, "popis"),
    (Field::Url, "odkaz"),
    (Field::Image, "odkaz_na_obrázek odkaz_obrázku"),
    (
        Field::MoreImages,
        "odkaz_na_další_obrázek další_odkaz_na_obrázek",
    ),
    (Field::Availability, "dostupnost"),
    (Field::AvailableFrom, "datum_dostupnosti"),
    (Field::ExpiresAt, "datum_vypršení_platnosti"),
    (Field::Price, "cena"),
    (
        Field::SalePrice,
        "akční_cena zlevněná_cena výprodejová_cena",
    ),
    (Field::SaleWindow, "platnost_akční_ceny"),
    (Field::Quantity, "množství"),
    (Field::Brand, "značka"),
    (
        Field::IdentifierExists,
        "identifikátor_existuje existuje_identifikátor",
    ),
    (Field::Condition, "stav"),
    (Field::Adult, "pro_dospělé"),
    (Field::GoogleCategory, "kategorie_produktů_google"),
    (Field::MerchantCategory, "typ_produktu kategorie"),
    (Field::AgeGroup, "věková_skupina"),
    (Field::Gender, "pohlaví"),
    (Field::Option, "barva velikost materiál vzor"),
    (Field::Group, "id_skupiny id_skupiny_položek"),
    (Field::Shipping, "doprava doručení"),
    (Field::Weight, "přepravní_hmotnost hmotnost_zásilky"),
    (Field::Attribute, "odkaz_pro_mobily dodací_lhůta"),
];

/// Values of fields.
pub(super) const WORDS: &[(Field, Words)] = &[
    (Field::Availability, AVAILABILITY),
    (Field::Condition, CONDITION),
    (Field::Gender, GENDER),
    (Field::AgeGroup, AGE_GROUP),
    (Field::Adult, FLAG),
    (Field::IdentifierExists, FLAG),
    (Field::Digital, FLAG),
    (Field::Delete, FLAG),
];

const AVAILABILITY: Words = &[
    ("skladem", "in_stock"),
    ("na skladě", "in_stock"),
    ("není skladem", "out_of_stock"),
    ("vyprodáno", "out_of_stock"),
    ("nedostupné", "out_of_stock"),
    ("předobjednávka", "preorder"),
    ("předprodej", "preorder"),
    ("na objednávku", "backorder"),
];
const CONDITION: Words = &[
    ("nové", "new"),
    ("nový", "new"),
    ("použité", "used"),
    ("použitý", "used"),
    ("repasované", "refurbished"),
    ("repasovaný", "refurbished"),
];
const FLAG: Words = &[
    ("ano", "yes"),
    ("ne", "no"),
    ("pravda", "yes"),
    ("nepravda", "no"),
];
const GENDER: Words = &[("muži", "male"), ("ženy", "female"), ("unisex", "unisex")];
const AGE_GROUP: Words = &[
    ("dospělí", "adult"),
    ("děti", "kids"),
    ("batolata", "toddler"),
    ("kojenci", "infant"),
    ("novorozenci", "newborn"),
];

/// Columns of WooCommerce's export, with all their translations.
pub(super) const EXPORT: Words = &[
    ("type", "typ"),
    ("sku", "katalogové_číslo sku"),
    ("gtin,_upc,_ean,_or_isbn", "gtin,_upc,_ean_nebo_isbn"),
    ("name", "název jméno"),
    ("published", "publikováno zveřejněno"),
    ("is_featured?", "doporučené? doporučený?"),
    ("visibility_in_catalog", "viditelnost_v_katalogu"),
    ("short_description", "krátký_popis"),
    ("description", "popis"),
    ("date_sale_price_starts", "datum_začátku_slevy"),
    ("date_sale_price_ends", "datum_konce_slevy"),
    ("tax_status", "stav_daně"),
    ("tax_class", "daňová_třída"),
    ("in_stock?", "skladem?"),
    ("stock", "sklad množství_na_skladě"),
    (
        "backorders_allowed?",
        "povolit_objednávky_předem? objednávky_předem_povoleny?",
    ),
    (
        "sold_individually?",
        "prodáváno_jednotlivě? prodávat_jednotlivě?",
    ),
    ("weight_(*", "hmotnost_(*"),
    ("sale_price", "akční_cena zvýhodněná_cena"),
    ("regular_price", "běžná_cena"),
    ("categories", "kategorie"),
    ("tags", "štítky"),
    ("shipping_class", "třída_dopravy"),
    ("images", "obrázky"),
    ("parent", "nadřazený nadřazené"),
    ("external_url", "externí_url"),
    ("brands", "značky"),
    ("attribute_#_name", "název_vlastnosti_# vlastnost_#_název"),
    (
        "attribute_#_value(s)",
        "hodnota(y)_vlastnosti_# vlastnost_#_hodnota(y)",
    ),
];
