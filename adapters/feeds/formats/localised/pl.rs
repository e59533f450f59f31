//! Polish names and words of Google's, Meta's and WooCommerce's files.

use crate::formats::flat::{Field, Words};

/// Names of fields.
pub(super) const NAMES: &[(Field, &str)] = &[
    (Field::Id, "identyfikator"),
    (Field::Title, "tytuł"),
    (Field::Description, "opis"),
    (Field::Url, "odnośnik link"),
    (Field::Image, "link_do_zdjęcia link_do_obrazka"),
    (
        Field::MoreImages,
        "link_do_dodatkowego_zdjęcia dodatkowy_link_do_zdjęcia",
    ),
    (Field::Availability, "dostępność"),
    (Field::AvailableFrom, "data_dostępności"),
    (Field::ExpiresAt, "data_ważności"),
    (Field::Price, "cena"),
    (Field::SalePrice, "cena_promocyjna cena_wyprzedażowa"),
    (Field::SaleWindow, "data_obowiązywania_ceny_promocyjnej"),
    (Field::Quantity, "ilość"),
    (Field::Brand, "marka"),
    (
        Field::IdentifierExists,
        "identyfikator_istnieje istnieje_identyfikator",
    ),
    (Field::Condition, "stan"),
    (Field::Adult, "dla_dorosłych tylko_dla_dorosłych"),
    (
        Field::GoogleCategory,
        "kategoria_produktów_google kategoria_produktu_google",
    ),
    (
        Field::MerchantCategory,
        "rodzaj_produktu typ_produktu kategoria",
    ),
    (Field::AgeGroup, "grupa_wiekowa"),
    (Field::Gender, "płeć"),
    (Field::Option, "kolor rozmiar materiał wzór"),
    (
        Field::Group,
        "identyfikator_grupy_produktów identyfikator_grupy",
    ),
    (Field::Shipping, "dostawa wysyłka"),
    (Field::Weight, "waga_przesyłki"),
    (Field::Attribute, "link_mobilny czas_dostawy"),
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
    ("w magazynie", "in_stock"),
    ("na stanie", "in_stock"),
    ("dostępny", "in_stock"),
    ("brak w magazynie", "out_of_stock"),
    ("niedostępny", "out_of_stock"),
    ("wyprzedany", "out_of_stock"),
    ("przedsprzedaż", "preorder"),
    ("zamówienie przedpremierowe", "preorder"),
    ("na zamówienie", "backorder"),
];
const CONDITION: Words = &[
    ("nowy", "new"),
    ("nowe", "new"),
    ("używany", "used"),
    ("używane", "used"),
    ("odnowiony", "refurbished"),
    ("odnowione", "refurbished"),
];
const FLAG: Words = &[
    ("tak", "yes"),
    ("nie", "no"),
    ("prawda", "yes"),
    ("fałsz", "no"),
];
const GENDER: Words = &[
    ("mężczyzna", "male"),
    ("kobieta", "female"),
    ("unisex", "unisex"),
    ("uniseks", "unisex"),
];
const AGE_GROUP: Words = &[
    ("dorośli", "adult"),
    ("dzieci", "kids"),
    ("niemowlęta", "infant"),
    ("noworodki", "newborn"),
];

/// Columns of WooCommerce's export, with all their translations.
pub(super) const EXPORT: Words = &[
    ("type", "typ rodzaj"),
    ("sku", "sku"),
    ("gtin,_upc,_ean,_or_isbn", "gtin,_upc,_ean_lub_isbn"),
    ("name", "nazwa"),
    ("published", "opublikowano opublikowany"),
    ("is_featured?", "czy_wyróżniony? wyróżniony?"),
    ("visibility_in_catalog", "widoczność_w_katalogu"),
    ("short_description", "krótki_opis"),
    ("description", "opis"),
    ("date_sale_price_starts", "data_rozpoczęcia_promocji"),
    ("date_sale_price_ends", "data_zakończenia_promocji"),
    ("tax_status", "status_podatku"),
    ("tax_class", "klasa_podatkowa"),
    ("in_stock?", "na_stanie? w_magazynie? dostępny?"),
    ("stock", "stan_magazynowy magazyn"),
    (
        "backorders_allowed?",
        "dopuścić_zamówienia_oczekujące? zamówienia_oczekujące_dozwolone?",
    ),
    (
        "sold_individually?",
        "sprzedawany_oddzielnie? sprzedawane_pojedynczo?",
    ),
    ("weight_(*", "waga_(*"),
    ("sale_price", "cena_promocyjna"),
    ("regular_price", "cena_regularna cena_podstawowa"),
    ("categories", "kategorie"),
    ("tags", "tagi znaczniki"),
    ("shipping_class", "klasa_wysyłkowa klasa_wysyłki"),
    ("images", "obrazki obrazy"),
    ("parent", "nadrzędny rodzic"),
    ("external_url", "zewnętrzny_url zewnętrzny_adres_url"),
    ("brands", "marki"),
    ("attribute_#_name", "nazwa_atrybutu_#"),
    (
        "attribute_#_value(s)",
        "wartości_atrybutu_# wartość(i)_atrybutu_#",
    ),
];
