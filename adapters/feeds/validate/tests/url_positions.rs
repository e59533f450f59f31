//! Links and their hosts, and the merchant's time zone.

use super::*;

#[test]
fn an_address_that_was_escaped_too_often_is_mended() {
    let item = passed(&[
        ("url", "https://shop.example/p?id=1&amp;amp;v=2"),
        ("image", "https://cdn.example/i?id=1&amp;w=800&copy=1"),
    ]);
    assert_eq!(item.url, "https://shop.example/p?id=1&v=2");
    let image = "https://cdn.example/i?id=1&w=800&copy=1";
    assert_eq!(item.images[0].url, image);
}

#[test]
fn an_image_may_lie_where_the_operator_has_opened_a_range_and_a_link_may_not_lead_there() {
    let rules = Rules {
        private: vec!["127.0.0.0/8".parse().unwrap()],
        domains: Vec::new(),
        ..rules()
    };
    let code = |field, text: &str| {
        let checked = check(draft(&[(field, text)]), &rules, NOW);
        codes(&checked).first().copied()
    };
    assert_eq!(code("image", "https://localhost:8080/a.jpg"), None);
    assert_eq!(code("image", "https://127.0.0.1/a.jpg"), None);
    assert_eq!(
        code("image", "https://10.0.0.1/a.jpg"),
        Some("image_not_public")
    );
    assert_eq!(code("url", "https://127.0.0.1/a"), Some("link_not_public"));
}

#[test]
fn times_without_a_zone_are_the_merchants() {
    let rules = Rules {
        time_zone: jiff::tz::TimeZone::get("Europe/Berlin").ok(),
        ..rules()
    };
    let changes = [
        ("sale_price", "12.00 USD"),
        ("sale_window", "2026-11-27/30.11.2026"),
        ("expires_at", "2026-12-24T18:00"),
    ];
    let checked = check(draft(&changes), &rules, NOW);
    assert_eq!(checked.issues, []);
    let item = checked.item.unwrap();
    let sale = item.sale.unwrap();
    assert_eq!(sale.starts_at, Some(datetime!(2026-11-27 0:00 +01:00)));
    assert_eq!(sale.ends_at, Some(datetime!(2026-12-01 0:00 +01:00)));
    assert_eq!(sale.ends_at.unwrap().offset().whole_hours(), 1);
    assert_eq!(item.expires_at, Some(datetime!(2026-12-24 18:00 +01:00)));
}
