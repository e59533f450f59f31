//! Which documents are recognised as which format, and which are not.

use super::super::{FORMATS, FormatRules, by_name};
use super::reading::read;

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
