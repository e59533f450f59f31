//! Which documents are recognised as which format, and which are not.

use buywire_schemas::catalog::issue::{Code, FORMAT_NAMES};

use super::super::{Confidence, FORMATS, FormatRules, by_name};
use super::reading::{confidences, read};

fn format_of(name: &str, text: &str) -> Result<&'static str, String> {
    let read = read(text.as_bytes(), name, &FormatRules::default());
    read.map(|read| read.format)
        .map_err(|issue| issue.value.unwrap_or_default())
}

#[test]
fn names_are_unique_and_found() {
    for format in FORMATS {
        let found = by_name(format.name()).unwrap();
        assert_eq!(found.title(), format.title());
        assert!(
            format
                .name()
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'_')
        );
    }
    assert!(by_name("csv").is_none());
}

#[test]
fn help_texts_name_every_format() {
    let mut names: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
    names.sort_unstable();
    assert_eq!(names, FORMAT_NAMES);
    for name in names {
        assert!(Code::FormatUnknown.help().contains(name), "{name}");
    }
}

#[test]
fn the_manual_has_a_line_for_every_format() {
    let manual = include_str!("../../../../docs/OPERATING.md");
    let (_, formats) = manual.split_once("## Feed formats").unwrap();
    let (formats, _) = formats.split_once("\n## ").unwrap();
    let first_cells = formats.lines().filter_map(|line| line.split('|').nth(1));
    let named: Vec<_> = first_cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    let mut named_once = named.clone();
    named_once.sort_unstable();
    assert_eq!(named_once, FORMAT_NAMES);
}

#[test]
fn combinations_without_their_products_are_not_taken_for_an_inventory() {
    let combinations = "Product ID*;Attribute (Name:Type:Position)*;Value (Value:Position)*;Supplier reference;\
                        Reference;EAN13;UPC;Wholesale price;Impact on price;Ecotax;Quantity;Minimal quantity\n\
                        31;Size:select:0;M:2;;SHIRT-M;4006381333931;;;0.000000;;4;1\n";
    assert_eq!(
        format_of("combinations.csv", combinations),
        Ok("prestashop")
    );
    let document = read(
        combinations.as_bytes(),
        "combinations.csv",
        &FormatRules::default(),
    );
    let document = document.unwrap();
    let missing = document
        .issues
        .iter()
        .map(|issue| issue.attribute.as_deref());
    assert_eq!(
        missing.collect::<Vec<_>>(),
        [Some("name_*"), Some("price_tax_included")]
    );
    assert!(
        document
            .drafts
            .iter()
            .all(|draft| draft.title.is_none() && draft.price.is_none())
    );
}

#[test]
fn lists_of_other_things_are_no_feeds() {
    let others = [
        (
            "shipping.csv",
            "id,country_code,service_level,price,title\n1,US,fast,500,Fast\n",
        ),
        ("people.csv", "id,name,email\n1,Jo,jo@example.com\n"),
        ("codes.csv", "code,type,value,description\nX,fixed,5,Five\n"),
        ("posts.csv", "id,title,description\n1,Hello,World\n"),
        (
            "promotions.csv",
            "id,type,min_subtotal,description\n1,free,5,Free\n",
        ),
        (
            "order.json",
            "{\"id\":\"o1\",\"line_items\":[{\"id\":\"l\",\"title\":\"t\",\"price\":1}]}",
        ),
        (
            "error.json",
            "{\"type\":\"invalid_request\",\"code\":\"x\",\"message\":\"No\"}",
        ),
        ("words.json", "[\"a\", \"b\"]"),
    ];
    for (name, text) in others {
        assert!(format_of(name, text).is_err(), "{name}");
    }
    let names = format_of("people.csv", "id,name,email\n1,Jo,jo@example.com\n");
    assert_eq!(names, Err("email, id, name".to_owned()));
}

#[test]
fn stock_by_id_is_no_product_feed() {
    assert_eq!(
        format_of("a.csv", "product_id,quantity\nA,3\n"),
        Ok("inventory")
    );
    assert!(by_name("inventory").unwrap().is_stock_only());
    assert!(!by_name("google").unwrap().is_stock_only());
}

#[test]
fn an_id_beside_a_price_or_a_count_makes_no_inventory() {
    let others = [
        "order_id,product_id,quantity,price,customer\n",
        "id,name_cz,price,created_at,updated_at\n",
        "id,price,weight_class,supplier,warehouse,notes\n",
    ];
    for header in others {
        assert!(format_of("a.csv", header).is_err(), "{header}");
        let rules = FormatRules {
            partial: true,
            ..FormatRules::default()
        };
        let detected = read(header.as_bytes(), "a.csv", &rules).map(|read| read.format);
        assert_eq!(detected, Ok("inventory"), "{header}");
    }
    for header in [
        "id,price,availability,quantity,note",
        "id,store_code,quantity,price,sale_price,sale_price_effective_date,pickup_method,pickup_sla",
        "sku_id;qty",
    ] {
        assert_eq!(format_of("a.csv", header), Ok("inventory"), "{header}");
    }
}

/// The documents of all fixtures, with their formats.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folders = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let mut documents = Vec::new();
    for folder in std::fs::read_dir(folders).unwrap() {
        let folder = folder.unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            if !path.to_str().unwrap().ends_with(".drafts.json") {
                let format = folder.file_name().into_string().unwrap();
                documents.push((format, std::fs::read(path).unwrap()));
            }
        }
    }
    documents
}

#[test]
fn no_format_with_names_of_its_own_takes_the_documents_of_another() {
    let by_common_names = [
        "google",
        "x",
        "inventory",
        "tiktok",
        "pinterest",
        "meta",
        "openai",
        "acp",
        "openai_products",
        "google_retail",
        "schema_org",
        "gumroad",
        "stripe",
        "shopify_json",
        "medusa",
        "shopify_csv",
    ];
    let mut wrong = Vec::new();
    for (own, bytes) in fixtures() {
        for (name, confidence) in confidences(&bytes) {
            if name != own && !by_common_names.contains(&name) && confidence != Confidence::No {
                wrong.push(format!("{name} takes a document of {own}"));
            }
            if name == own && !by_common_names.contains(&name) {
                assert_eq!(confidence, Confidence::Certain, "{name}");
            }
        }
    }
    // A catalog of Meta in a language has all names that a feed of Google has, and comes first.
    wrong.retain(|text| !(text.starts_with("google_") && text.contains(" of meta_")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_header_decides_the_language() {
    let header = |names: &str| format_of("a.csv", &format!("{names}\n"));
    assert_eq!(
        header("id;titel;link;bildlink;preis;verfügbarkeit"),
        Ok("google_de")
    );
    assert_eq!(
        header("id;titel;link;afbeeldingslink;prijs;beschikbaarheid"),
        Ok("google_nl")
    );
    assert_eq!(
        header("ID;TITRE;LIEN;LIEN IMAGE;PRIX;DISPONIBILITE"),
        Ok("google_fr")
    );
    assert_eq!(
        header("id;nazev;odkaz;odkaz na obrazek;cena;dostupnost"),
        Ok("google_cs")
    );
    assert_eq!(
        header("id;tytul;link;link do zdjecia;cena;dostepnosc"),
        Ok("google_pl")
    );
    assert_eq!(
        header("id;titolo;link;link_immagine;prezzo;fb_product_category"),
        Ok("meta_it")
    );
    // As many German as Dutch names, and too few of any.
    assert!(header("id;titel;link;preis;prijs;merk;marke").is_err());
    assert!(header("id;titre;prix").is_err());
    // English feeds with some names of their own stay what they are.
    assert_eq!(
        header("id,title,link,image_link,price,availability,farbe,zustand,bestand"),
        Ok("google")
    );
}

#[test]
fn names_that_many_documents_have_make_no_feed_of_a_partners_own_form() {
    let text = "type,name,regular_price\nsimple,Cup,5\n";
    assert!(format_of("a.csv", text).is_err());
    let own = "type,name,regular_price,published\nsimple,Cup,5,1\n";
    assert_eq!(format_of("a.csv", own), Ok("woocommerce"));
    for text in [
        "[{\"price_info\":\"x\",\"id\":1}]",
        "[{\"id\":1,\"title\":\"A post\",\"url\":\"https://a.example\",\"description\":\"x\"}]",
    ] {
        assert!(format_of("a.json", text).is_err(), "{text}");
    }
}

#[test]
fn a_feed_for_items_that_exist_needs_little_more_than_an_id() {
    let text = "id,custom_label_0\nA,winter\n";
    assert!(format_of("a.csv", text).is_err());
    let rules = FormatRules {
        partial: true,
        ..FormatRules::default()
    };
    let read = read(text.as_bytes(), "a.csv", &rules).unwrap();
    assert_eq!((read.format, read.issues.len()), ("google", 0));
}

#[test]
fn one_record_of_a_sample_is_enough() {
    let text = "{\"note\":\"exported\"}\n{\"id\":\"p\",\"object\":\"product\",\"name\":\"Cup\",\"active\":true}\n";
    assert_eq!(format_of("a.jsonl", text), Ok("stripe"));
}
