//! What the law wants beside a price, and what readers of other languages need.

use super::*;

fn with(attributes: &[(&str, &str)]) -> PostView {
    let mut item = shirt();
    let attributes = attributes.iter();
    let pairs = attributes.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    item.attributes = pairs.collect();
    post_view(item)
}

#[test]
fn the_unit_price_stands_beside_the_price() {
    let view = with(&[("unit_pricing_measure", "250 g")]);
    for html in [page(&view), embed(SITE, &view).unwrap()] {
        let unit = "Unit price: </span><bdi>€100.00 / kg</bdi></span>";
        assert!(html.contains(unit), "{html}");
    }
    let html = page(&with(&[]));
    assert!(!html.contains("Unit price"), "{html}");
}

#[test]
fn the_unit_price_follows_a_sale() {
    let mut view = with(&[("unit_pricing_measure", "250 g")]);
    view.product.item.sale = Some(Sale {
        amount: 1_500,
        starts_at: None,
        ends_at: None,
    });
    view.product = listing(view.product.item);
    assert!(page(&view).contains("€60.00 / kg"));
}

#[test]
fn the_energy_class_is_shown_with_its_scale_and_entry() {
    let html = page(&with(&[
        ("energy_efficiency_class", "C"),
        ("certification", "EC:EPREL:123456"),
    ]));
    for part in [
        "<b class=\"c\">C</b>",
        "Energy class, from A to G",
        "<a href=\"https://eprel.ec.europa.eu/qr/123456\"",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[test]
fn a_refused_picture_gives_way_to_the_next() {
    let mut item = shirt();
    let image = |n: u8| Image {
        url: format!("https://img.example/{n}"),
        alt: None,
    };
    item.images = vec![image(1), image(2)];
    let refused = ProductState {
        image_refused: true,
        ..ProductState::default()
    };
    let mut view = post_view(item.clone());
    view.product = ProductListing::at(item, refused, NOW);
    view.image_size = Some((1200, 630));
    let html = page(&view);
    assert!(!html.contains("img.example/1"), "{html}");
    assert!(html.contains("<meta property=\"og:image\" content=\"https://img.example/2\">"));
    assert_eq!(island(&html)["image"][0], "https://img.example/2");
}

#[test]
fn a_price_of_another_direction_stays_in_its_place() {
    let mut view = post_view(shirt());
    view.locale = Locale::from_tag("ar-EG").unwrap();
    let html = page(&view);
    assert!(
        html.contains("<strong><bdi>\u{200f}٢٥٫٠٠\u{a0}€</bdi></strong>"),
        "{html}"
    );
}
