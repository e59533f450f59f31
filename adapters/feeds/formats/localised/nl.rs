//! Dutch names and words of Google's, Meta's and WooCommerce's files.

use crate::formats::flat::{Field, Words};

/// Names of fields.
pub(super) const NAMES: &[(Field, &str)] = &[
    (Field::Title, "titel"),
    (Field::Description, "beschrijving"),
    (Field::Url, "link"),
    (Field::Image, "afbeeldingslink afbeelding_link"),
    (
        Field::MoreImages,
        "aanvullende_afbeeldingslink extra_afbeeldingslink",
    ),
    (Field::Availability, "beschikbaarheid"),
    (Field::AvailableFrom, "beschikbaarheidsdatum"),
    (Field::ExpiresAt, "vervaldatum"),
    (Field::Price, "prijs"),
    (Field::SalePrice, "actieprijs aanbiedingsprijs"),
    (Field::SaleWindow, "actieprijs_geldigheidsperiode"),
    (Field::Quantity, "aantal voorraad"),
    (Field::Brand, "merk"),
    (Field::IdentifierExists, "id_bestaat identificatie_bestaat"),
    (Field::Condition, "staat conditie"),
    (Field::Adult, "alleen_voor_volwassenen"),
    (Field::GoogleCategory, "google_productcategorie"),
    (Field::MerchantCategory, "producttype productcategorie"),
    (Field::AgeGroup, "leeftijdsgroep"),
    (Field::Gender, "geslacht"),
    (Field::Option, "kleur maat materiaal patroon"),
    (Field::Group, "artikelgroep_id artikelgroep"),
    (Field::Shipping, "verzending"),
    (Field::Weight, "verzendgewicht"),
    (Field::Attribute, "mobiele_link levertijd"),
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
    ("op voorraad", "in_stock"),
    ("niet op voorraad", "out_of_stock"),
    ("uitverkocht", "out_of_stock"),
    ("niet leverbaar", "out_of_stock"),
    ("vooruitbestellen", "preorder"),
    ("pre-order", "preorder"),
    ("nabestelling", "backorder"),
    ("nabestellen", "backorder"),
];
const CONDITION: Words = &[
    ("nieuw", "new"),
    ("gebruikt", "used"),
    ("tweedehands", "used"),
    ("gereviseerd", "refurbished"),
    ("refurbished", "refurbished"),
];
const FLAG: Words = &[
    ("ja", "yes"),
    ("nee", "no"),
    ("waar", "yes"),
    ("onwaar", "no"),
];
const GENDER: Words = &[
    ("mannen", "male"),
    ("heren", "male"),
    ("vrouwen", "female"),
    ("dames", "female"),
    ("unisex", "unisex"),
];
const AGE_GROUP: Words = &[
    ("volwassenen", "adult"),
    ("kinderen", "kids"),
    ("peuters", "toddler"),
    ("baby's", "infant"),
    ("pasgeborenen", "newborn"),
];

/// Columns of WooCommerce's export, with all their translations.
pub(super) const EXPORT: Words = &[
    ("type", "type"),
    ("sku", "sku"),
    ("gtin,_upc,_ean,_or_isbn", "gtin,_upc,_ean_of_isbn"),
    ("name", "naam"),
    ("published", "gepubliceerd"),
    ("is_featured?", "is_uitgelicht? uitgelicht?"),
    ("visibility_in_catalog", "zichtbaarheid_in_catalogus"),
    ("short_description", "korte_beschrijving"),
    ("description", "beschrijving"),
    ("date_sale_price_starts", "startdatum_actieprijs"),
    ("date_sale_price_ends", "einddatum_actieprijs"),
    ("tax_status", "belastingstatus"),
    ("tax_class", "belastingklasse belastingtarief"),
    ("in_stock?", "op_voorraad?"),
    ("stock", "voorraad"),
    (
        "backorders_allowed?",
        "nabestellingen_toestaan? nabestellingen_toegestaan?",
    ),
    (
        "sold_individually?",
        "wordt_individueel_verkocht? individueel_verkocht?",
    ),
    ("weight_(*", "gewicht_(*"),
    ("sale_price", "actieprijs"),
    ("regular_price", "reguliere_prijs normale_prijs"),
    ("categories", "categorieën"),
    ("tags", "tags"),
    ("shipping_class", "verzendklasse"),
    ("images", "afbeeldingen"),
    ("parent", "hoofd bovenliggend"),
    ("external_url", "externe_url"),
    ("brands", "merken"),
    ("attribute_#_name", "naam_eigenschap_# attribuut_#_naam"),
    (
        "attribute_#_value(s)",
        "waarde(n)_eigenschap_# attribuut_#_waarde(n)",
    ),
];
