//! Spanish names and words of Google's, Meta's and WooCommerce's files.

use crate::formats::flat::{Field, Words};

/// Names of fields.
pub(super) const NAMES: &[(Field, &str)] = &[
    (Field::Title, "título"),
    (Field::Description, "descripción"),
    (Field::Url, "enlace"),
    (Field::Image, "enlace_imagen enlace_de_imagen"),
    (
        Field::MoreImages,
        "enlace_imagen_adicional enlace_de_imagen_adicional",
    ),
    (Field::Availability, "disponibilidad"),
    (Field::AvailableFrom, "fecha_de_disponibilidad"),
    (Field::ExpiresAt, "fecha_de_vencimiento"),
    (Field::Price, "precio"),
    (Field::SalePrice, "precio_de_oferta precio_oferta"),
    (
        Field::SaleWindow,
        "fecha_de_entrada_en_vigor_del_precio_de_oferta",
    ),
    (Field::Quantity, "cantidad"),
    (Field::Brand, "marca"),
    (
        Field::IdentifierExists,
        "identificador_existe existe_identificador",
    ),
    (Field::Condition, "estado"),
    (Field::Adult, "para_adultos"),
    (
        Field::GoogleCategory,
        "categoría_de_producto_de_google categoría_google_product",
    ),
    (Field::MerchantCategory, "tipo_de_producto categoría"),
    (Field::AgeGroup, "grupo_de_edad"),
    (Field::Gender, "género sexo"),
    (Field::Option, "talla diseño"),
    (Field::Group, "id_grupo id_de_grupo identificador_de_grupo"),
    (Field::Shipping, "envío"),
    (Field::Weight, "peso_de_envío peso_del_envío"),
    (Field::Attribute, "enlace_móvil plazo_de_entrega"),
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
    ("en existencias", "in_stock"),
    ("sin existencias", "out_of_stock"),
    ("agotado", "out_of_stock"),
    ("fuera de stock", "out_of_stock"),
    ("no disponible", "out_of_stock"),
    ("preventa", "preorder"),
    ("pedido pendiente", "backorder"),
    ("bajo pedido", "backorder"),
];
const CONDITION: Words = &[
    ("nuevo", "new"),
    ("usado", "used"),
    ("de segunda mano", "used"),
    ("reacondicionado", "refurbished"),
    ("restaurado", "refurbished"),
];
const FLAG: Words = &[
    ("sí", "yes"),
    ("no", "no"),
    ("verdadero", "yes"),
    ("falso", "no"),
];
const GENDER: Words = &[
    ("hombre", "male"),
    ("mujer", "female"),
    ("unisex", "unisex"),
];
const AGE_GROUP: Words = &[
    ("adultos", "adult"),
    ("niños", "kids"),
    ("recién nacidos", "newborn"),
];

/// Columns of WooCommerce's export, with all their translations.
pub(super) const EXPORT: Words = &[
    ("type", "tipo"),
    ("sku", "sku"),
    ("gtin,_upc,_ean,_or_isbn", "gtin,_upc,_ean_o_isbn"),
    ("name", "nombre"),
    ("published", "publicado"),
    ("is_featured?", "está_destacado?"),
    ("visibility_in_catalog", "visibilidad_en_el_catálogo"),
    ("short_description", "descripción_corta"),
    ("description", "descripción"),
    (
        "date_sale_price_starts",
        "día_en_que_empieza_el_precio_rebajado",
    ),
    (
        "date_sale_price_ends",
        "día_en_que_termina_el_precio_rebajado",
    ),
    ("tax_status", "estado_del_impuesto"),
    ("tax_class", "clase_de_impuesto"),
    ("in_stock?", "en_inventario? existencias? hay_existencias?"),
    ("stock", "inventario existencias"),
    (
        "backorders_allowed?",
        "permitir_reservas_de_productos_agotados?",
    ),
    ("sold_individually?", "vendido_individualmente?"),
    ("weight_(*", "peso_(*"),
    ("sale_price", "precio_rebajado"),
    ("regular_price", "precio_normal"),
    ("categories", "categorías categorias"),
    ("tags", "etiquetas"),
    ("shipping_class", "clase_de_envío"),
    ("images", "imágenes"),
    ("parent", "superior"),
    ("external_url", "url_externa"),
    ("brands", "marcas"),
    ("attribute_#_name", "nombre_del_atributo_#"),
    ("attribute_#_value(s)", "valor(es)_del_atributo_#"),
];
