//! German names and words of Google's, Meta's and WooCommerce's files.

use crate::formats::flat::{Field, Words};

/// Names of fields.
pub(super) const NAMES: &[(Field, &str)] = &[
    (Field::Title, "titel"),
    (Field::Description, "beschreibung"),
    (Field::Url, "link produktlink"),
    (Field::Image, "bildlink bild_link"),
    (
        Field::MoreImages,
        "zusätzlicher_bildlink zusätzliche_bildlinks",
    ),
    (Field::Availability, "verfügbarkeit verfuegbarkeit"),
    (Field::AvailableFrom, "verfügbarkeitsdatum"),
    (Field::ExpiresAt, "ablaufdatum"),
    (Field::Price, "preis"),
    (Field::SalePrice, "sonderangebotspreis sonderpreis"),
    (
        Field::SaleWindow,
        "sonderangebotszeitraum sonderangebotspreis_gültigkeitszeitraum",
    ),
    (Field::Quantity, "menge bestand"),
    (Field::Brand, "marke"),
    (Field::IdentifierExists, "kennzeichnung_existiert"),
    (Field::Condition, "zustand"),
    (Field::Adult, "nicht_jugendfrei"),
    (Field::GoogleCategory, "google_produktkategorie"),
    (Field::MerchantCategory, "produkttyp produktkategorie"),
    (Field::AgeGroup, "altersgruppe"),
    (Field::Gender, "geschlecht"),
    (Field::Option, "farbe größe groesse muster"),
    (Field::Group, "artikelgruppen_id artikelgruppe"),
    (Field::Shipping, "versand"),
    (Field::Weight, "versandgewicht"),
    (
        Field::Attribute,
        "mobiler_link lieferzeit gehört_zu_set energieeffizienzklasse grundpreis_einheit",
    ),
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
    ("auf Lager", "in_stock"),
    ("vorrätig", "in_stock"),
    ("lieferbar", "in_stock"),
    ("sofort lieferbar", "in_stock"),
    ("nicht auf Lager", "out_of_stock"),
    ("nicht vorrätig", "out_of_stock"),
    ("nicht lieferbar", "out_of_stock"),
    ("ausverkauft", "out_of_stock"),
    ("vorbestellt", "preorder"),
    ("vorbestellbar", "preorder"),
    ("nachbestellt", "backorder"),
    ("in Rückstand", "backorder"),
];
const CONDITION: Words = &[
    ("neu", "new"),
    ("gebraucht", "used"),
    ("erneuert", "refurbished"),
    ("generalüberholt", "refurbished"),
    ("refurbished", "refurbished"),
];
const FLAG: Words = &[
    ("ja", "yes"),
    ("nein", "no"),
    ("wahr", "yes"),
    ("falsch", "no"),
];
const GENDER: Words = &[
    ("männlich", "male"),
    ("herren", "male"),
    ("weiblich", "female"),
    ("damen", "female"),
    ("unisex", "unisex"),
];
const AGE_GROUP: Words = &[
    ("erwachsene", "adult"),
    ("kinder", "kids"),
    ("kleinkinder", "toddler"),
    ("säuglinge", "infant"),
    ("neugeborene", "newborn"),
];

/// Columns of WooCommerce's export, with all their translations.
pub(super) const EXPORT: Words = &[
    ("type", "typ"),
    ("sku", "artikelnummer"),
    ("gtin,_upc,_ean,_or_isbn", "gtin,_upc,_ean_oder_isbn"),
    ("name", "name"),
    ("published", "veröffentlicht"),
    ("is_featured?", "ist_hervorgehoben?"),
    ("visibility_in_catalog", "sichtbarkeit_im_katalog"),
    ("short_description", "kurzbeschreibung"),
    ("description", "beschreibung"),
    (
        "date_sale_price_starts",
        "datum,_an_dem_angebotspreis_beginnt",
    ),
    ("date_sale_price_ends", "datum,_an_dem_angebotspreis_endet"),
    ("tax_status", "steuerstatus"),
    ("tax_class", "steuerklasse"),
    ("in_stock?", "vorrätig? auf_lager?"),
    ("stock", "bestand lager lagerbestand"),
    (
        "backorders_allowed?",
        "lieferrückstände_erlaubt? lieferrückstande_erlaubt? rückstände_erlaubt?",
    ),
    ("sold_individually?", "nur_einzeln_verkaufen?"),
    ("weight_(*", "gewicht_(*"),
    ("sale_price", "angebotspreis"),
    ("regular_price", "regulärer_preis"),
    ("categories", "kategorien"),
    ("tags", "schlagwörter"),
    ("shipping_class", "versandklasse"),
    ("images", "bilder"),
    ("parent", "übergeordnetes_produkt übergeordnet"),
    ("external_url", "externe_url"),
    ("brands", "marken"),
    ("attribute_#_name", "attribut_#_name"),
    ("attribute_#_value(s)", "attribut_#_wert(e)"),
];
