//! Italian names and words of Google's, Meta's and WooCommerce's files.

use crate::formats::flat::{Field, Words};

/// Names of fields.
pub(super) const NAMES: &[(Field, &str)] = &[
    (Field::Title, "titolo"),
    (Field::Description, "descrizione"),
    (Field::Image, "link_immagine"),
    (
        Field::MoreImages,
        "link_immagine_aggiuntiva link_immagini_aggiuntive",
    ),
    (Field::Availability, "disponibilità"),
    (
        Field::AvailableFrom,
        "data_di_disponibilità data_disponibilità",
    ),
    (Field::ExpiresAt, "data_di_scadenza"),
    (Field::Price, "prezzo"),
    (Field::SalePrice, "prezzo_scontato"),
    (Field::SaleWindow, "data_validità_prezzo_scontato"),
    (Field::Quantity, "quantità"),
    (Field::Brand, "marca"),
    (
        Field::IdentifierExists,
        "identificatore_esistente identificatore_esiste",
    ),
    (Field::Condition, "condizione condizioni"),
    (Field::Adult, "per_adulti"),
    (
        Field::GoogleCategory,
        "categoria_prodotto_google categoria_di_prodotto_google",
    ),
    (Field::MerchantCategory, "tipo_di_prodotto categoria"),
    (Field::AgeGroup, "fascia_d'età"),
    (Field::Gender, "sesso genere"),
    (Field::Option, "colore taglia materiale fantasia"),
    (Field::Group, "id_gruppo id_gruppo_articoli"),
    (Field::Shipping, "spedizione"),
    (Field::Weight, "peso_di_spedizione peso_spedizione"),
    (
        Field::Attribute,
        "link_per_dispositivi_mobili tempi_di_consegna",
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
    ("disponibile", "in_stock"),
    ("in magazzino", "in_stock"),
    ("non disponibile", "out_of_stock"),
    ("esaurito", "out_of_stock"),
    ("preordine", "preorder"),
    ("preordinabile", "preorder"),
    ("arretrato", "backorder"),
    ("ordine arretrato", "backorder"),
];
const CONDITION: Words = &[
    ("nuovo", "new"),
    ("usato", "used"),
    ("ricondizionato", "refurbished"),
    ("rigenerato", "refurbished"),
];
const FLAG: Words = &[
    ("sì", "yes"),
    ("no", "no"),
    ("vero", "yes"),
    ("falso", "no"),
];
const GENDER: Words = &[("uomo", "male"), ("donna", "female"), ("unisex", "unisex")];
const AGE_GROUP: Words = &[
    ("adulti", "adult"),
    ("bambini", "kids"),
    ("neonati", "newborn"),
];

/// Columns of WooCommerce's export, with all their translations.
pub(super) const EXPORT: Words = &[
    ("type", "tipo"),
    ("sku", "sku cod"),
    ("gtin,_upc,_ean,_or_isbn", "gtin,_upc,_ean_o_isbn"),
    ("name", "nome"),
    ("published", "pubblicato"),
    ("is_featured?", "in_primo_piano? in_evidenza?"),
    ("visibility_in_catalog", "visibilità_nel_catalogo"),
    ("short_description", "breve_descrizione"),
    ("description", "descrizione"),
    (
        "date_sale_price_starts",
        "data_di_inizio_del_prezzo_in_offerta",
    ),
    ("date_sale_price_ends", "data_di_fine_del_prezzo_in_offerta"),
    ("tax_status", "stato_delle_imposte stato_imposta"),
    ("tax_class", "classe_di_imposta aliquota_di_imposta"),
    ("in_stock?", "in_magazzino? in_stock?"),
    ("stock", "magazzino"),
    (
        "backorders_allowed?",
        "ordini_arretrati_consentiti? consentire_gli_ordini_arretrati?",
    ),
    ("sold_individually?", "venduto_singolarmente?"),
    ("weight_(*", "peso_(*"),
    ("sale_price", "prezzo_in_offerta"),
    ("regular_price", "prezzo_di_listino"),
    ("categories", "categorie"),
    ("tags", "tag"),
    ("shipping_class", "classe_di_spedizione"),
    ("images", "immagini"),
    ("parent", "genitore"),
    ("external_url", "url_esterno"),
    ("brands", "marchi"),
    ("attribute_#_name", "nome_dell'attributo_#"),
    (
        "attribute_#_value(s)",
        "valore_dell'attributo_# valore(i)_dell'attributo_#",
    ),
];
