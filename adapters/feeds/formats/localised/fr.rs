//! French names and words of Google's, Meta's and WooCommerce's files.

use crate::formats::flat::{Field, Words};

/// Names of fields.
pub(super) const NAMES: &[(Field, &str)] = &[
    (Field::Id, "identifiant"),
    (Field::Title, "titre"),
    (Field::Url, "lien"),
    (Field::Image, "lien_image"),
    (
        Field::MoreImages,
        "lien_image_supplémentaire lien_images_supplémentaires",
    ),
    (Field::Availability, "disponibilité"),
    (Field::AvailableFrom, "date_de_disponibilité"),
    (Field::ExpiresAt, "date_d'expiration"),
    (Field::Price, "prix"),
    (Field::SalePrice, "prix_soldé prix_promotionnel"),
    (Field::SaleWindow, "période_de_validité_du_prix_soldé"),
    (Field::Quantity, "quantité"),
    (Field::Brand, "marque"),
    (Field::IdentifierExists, "identifiant_existe"),
    (Field::Condition, "état"),
    (Field::Adult, "réservé_aux_adultes"),
    (Field::GoogleCategory, "catégorie_de_produits_google"),
    (Field::MerchantCategory, "type_de_produit catégorie"),
    (Field::AgeGroup, "tranche_d'âge"),
    (Field::Gender, "sexe"),
    (Field::Option, "couleur taille matière motif"),
    (Field::Group, "identifiant_groupe identifiant_de_groupe"),
    (Field::Shipping, "livraison"),
    (Field::Weight, "poids_du_colis poids_d'expédition"),
    (Field::Attribute, "lien_mobile délai_de_livraison"),
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
    ("en stock", "in_stock"),
    ("épuisé", "out_of_stock"),
    ("en rupture de stock", "out_of_stock"),
    ("rupture de stock", "out_of_stock"),
    ("non disponible", "out_of_stock"),
    ("précommande", "preorder"),
    ("en précommande", "preorder"),
    ("commande en attente", "backorder"),
    ("en réapprovisionnement", "backorder"),
];
const CONDITION: Words = &[
    ("neuf", "new"),
    ("occasion", "used"),
    ("d'occasion", "used"),
    ("reconditionné", "refurbished"),
    ("remis à neuf", "refurbished"),
];
const FLAG: Words = &[
    ("oui", "yes"),
    ("non", "no"),
    ("vrai", "yes"),
    ("faux", "no"),
];
const GENDER: Words = &[
    ("homme", "male"),
    ("femme", "female"),
    ("mixte", "unisex"),
    ("unisexe", "unisex"),
];
const AGE_GROUP: Words = &[
    ("adultes", "adult"),
    ("adulte", "adult"),
    ("enfants", "kids"),
    ("tout-petits", "toddler"),
    ("nourrissons", "infant"),
    ("nouveau-nés", "newborn"),
];

/// Columns of WooCommerce's export, with all their translations.
pub(super) const EXPORT: Words = &[
    ("type", "type"),
    ("sku", "ugs"),
    ("gtin,_upc,_ean,_or_isbn", "gtin,_upc,_ean_ou_isbn"),
    ("name", "nom"),
    ("published", "publié"),
    ("is_featured?", "mis_en_avant_?"),
    ("visibility_in_catalog", "visibilité_dans_le_catalogue"),
    ("short_description", "description_courte"),
    ("description", "description"),
    ("date_sale_price_starts", "date_de_début_de_promo"),
    ("date_sale_price_ends", "date_de_fin_de_promo"),
    ("tax_status", "état_de_la_tva"),
    ("tax_class", "classe_de_tva"),
    ("in_stock?", "en_stock_? en_stock?"),
    ("stock", "stock"),
    (
        "backorders_allowed?",
        "autoriser_les_commandes_de_produits_en_rupture_?",
    ),
    ("sold_individually?", "vendre_individuellement_?"),
    ("weight_(*", "poids_(*"),
    ("sale_price", "tarif_promo"),
    ("regular_price", "tarif_régulier"),
    ("categories", "catégories"),
    ("tags", "étiquettes"),
    ("shipping_class", "classe_d'expédition"),
    ("images", "images"),
    ("parent", "parent"),
    ("external_url", "url_externe"),
    ("brands", "marques"),
    ("attribute_#_name", "nom_de_l'attribut_#"),
    ("attribute_#_value(s)", "valeur(s)_de_l'attribut_#"),
];
