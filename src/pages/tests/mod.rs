//! The pages of values that no honest feed would send, and of every state.

mod buttons;
mod facts;

use buywire_checkout::address::Language;
use buywire_schemas::catalog::{Availability, Choice, Image, Item, NotBuyable, ProductState, Sale};
use buywire_schemas::ids::PostId;
use serde_json::Value;
use time::Duration;
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
const SITE: Site<'_> = Site("https://pay.example");
const HOSTILE: &str = "</script></title><script>alert(1)</script>\"'`<img src=x onerror=alert(2)>&amp;\u{202e}gnp\u{2028}🧨";

fn shirt() -> Item {
    let text = include_str!("../../../schemas/examples/valid/catalog/shirt.json");
    serde_json::from_str(text).unwrap()
}

fn listing(item: Item) -> ProductListing {
    let offer = item.offer(ProductState::default(), NOW);
    ProductListing { item, offer }
}

fn post_view(item: Item) -> PostView {
    PostView {
        post: PostId::generate(),
        slug: "tour-shirt-x1".to_owned(),
        version: 3,
        window: SaleWindow::Open(None),
        viewer: ViewerDetails::default(),
        locale: Locale::of(Language::English),
        may_buy: true,
        sells_here: false,
        merchant: "Lorelei".to_owned(),
        product: listing(item),
        image_size: None,
        variants: Vec::new(),
        more_variants: 0,
    }
}

fn page(view: &PostView) -> String {
    product(SITE, view).unwrap()
}

fn island(page: &str) -> Value {
    let open = "<script type=\"application/ld+json\">";
    let (_, rest) = page.split_once(open).unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

fn has_button(page: &str) -> bool {
    page.contains("<a class=\"button\"")
}

#[test]
fn what_a_merchant_wrote_is_never_markup() {
    let mut item = shirt();
    for text in [&mut item.title, &mut item.description, &mut item.id] {
        HOSTILE.clone_into(text);
    }
    item.brand = Some(HOSTILE.to_owned());
    item.group = Some(HOSTILE.to_owned());
    item.sku = Some(HOSTILE.to_owned());
    item.options = vec![Choice {
        name: HOSTILE.to_owned(),
        value: HOSTILE.to_owned(),
    }];
    item.images = vec![Image {
        url: "https://img.example/\"><script>alert(3)</script>".to_owned(),
        alt: Some(HOSTILE.to_owned()),
    }];
    let mut shown = post_view(item);
    HOSTILE.clone_into(&mut shown.merchant);
    shown.variants = vec![shown.product.clone(), shown.product.clone()];
    let described = OEmbed::of(SITE, &shown, MaxSize::default()).unwrap();
    let frame = serde_json::to_value(&described).unwrap()["html"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(frame.matches('<').count(), 2, "{frame}");
    for page in [page(&shown), embed(SITE, &shown).unwrap()] {
        let scripts = page.matches("<script").count();
        assert_eq!(
            scripts,
            page.matches("<script type=\"application/ld+json\">")
                .count()
        );
        assert_eq!(page.matches("</title>").count(), 1);
        for forbidden in ["<img src=x", "onerror=alert(2)>", "alert(3)</script"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }
    let page = page(&shown);
    let data = island(&page);
    assert_eq!(data["name"], HOSTILE);
    let (_, raw) = page.split_once("ld+json\">").unwrap();
    let raw = raw.split_once("</script>").unwrap().0;
    assert!(!raw.contains(['<', '>', '&', '\u{2028}']), "{raw}");
}

#[test]
fn a_sale_ends_with_its_last_day_and_a_day_that_is_over_is_not_told() {
    let mut item = shirt();
    item.price.amount = 2_000;
    item.sale = Some(Sale {
        amount: 1_500,
        starts_at: None,
        ends_at: Some(datetime!(2026-12-01 00:00 +01:00)),
    });
    let page = page(&post_view(item.clone()));
    assert!(page.contains("This price ends <time datetime=\"2026-11-30\">30 November 2026</time>"));
    assert_eq!(island(&page)["offers"]["priceValidUntil"], "2026-11-30");
    item.availability = Availability::Preorder;
    item.available_from = Some(datetime!(2026-11-21 00:00 +01:00));
    let available_from = |now| {
        ProductListing::at(item.clone(), ProductState::default(), now)
            .item
            .available_from
    };
    assert_eq!(available_from(NOW), None);
    assert_eq!(available_from(NOW - Duration::DAY), item.available_from);
}

#[test]
fn choices_that_are_not_listed_are_counted() {
    let mut shown = post_view(shirt());
    shown.variants = vec![shown.product.clone(), shown.product.clone()];
    assert!(!page(&shown).contains(" more</p>"));
    shown.more_variants = 12;
    assert!(page(&shown).contains("<p class=\"fine\">and 12 more</p>"));
}

#[test]
fn a_link_leads_to_the_web_and_nowhere_else() {
    let mut item = shirt();
    item.url = "javascript:alert(1)".to_owned();
    item.images[0].url = "javascript:alert(1)".to_owned();
    let page = page(&post_view(item));
    assert!(!page.contains("javascript:"), "{page}");
    assert!(!has_button(&page));
}

#[test]
fn price_currency_and_availability_are_the_same_everywhere() {
    for (currency, amount, decimal, shown) in [
        ("USD", 250_000, "2500.00", "$2,500.00"),
        ("JPY", 2500, "2500", "¥2,500"),
        ("KWD", 2500, "2.500", "KWD\u{a0}2.500"),
    ] {
        for (availability, iri, network, words) in [
            (Availability::InStock, "InStock", "in stock", "In stock"),
            (
                Availability::LimitedStock,
                "LimitedAvailability",
                "in stock",
                "Limited stock",
            ),
            (Availability::Preorder, "PreOrder", "preorder", "Preorder"),
            (
                Availability::Backorder,
                "BackOrder",
                "available for order",
                "On backorder: ships later",
            ),
            (
                Availability::OutOfStock,
                "SoldOut",
                "out of stock",
                "Sold out",
            ),
            (
                Availability::Discontinued,
                "Discontinued",
                "discontinued",
                "No longer sold",
            ),
        ] {
            let mut item = shirt();
            item.price.currency = buywire_schemas::money::Currency::parse(currency).unwrap();
            item.price.amount = amount;
            item.availability = availability;
            let page = page(&post_view(item));
            let data = island(&page);
            assert_eq!(data["offers"]["price"], decimal);
            assert_eq!(data["offers"]["priceCurrency"], currency);
            assert_eq!(
                data["offers"]["availability"],
                format!("https://schema.org/{iri}")
            );
            for part in [
                format!("<meta property=\"product:price:amount\" content=\"{decimal}\">"),
                format!("<meta property=\"product:price:currency\" content=\"{currency}\">"),
                format!("<meta property=\"product:availability\" content=\"{network}\">"),
                format!("<meta name=\"twitter:data1\" content=\"{shown}\">"),
                format!("<meta name=\"twitter:data2\" content=\"{words}\">"),
                format!("<strong><bdi>{shown}</bdi></strong>"),
            ] {
                assert!(page.contains(&part), "{part} is not in {page}");
            }
        }
    }
}

#[test]
fn few_are_counted_and_many_are_not() {
    for (quantity, words) in [
        (Some(1), "Only 1 left"),
        (Some(5), "Only 5 left"),
        (Some(6), "In stock"),
        (Some(0), "In stock"),
        (None, "In stock"),
    ] {
        let item = Item {
            quantity,
            ..shirt()
        };
        assert_eq!(
            stock::Stock::of(&listing(item)).label,
            words,
            "{quantity:?}"
        );
    }
    let item = Item {
        quantity: Some(3),
        availability: Availability::OutOfStock,
        ..shirt()
    };
    assert_eq!(stock::Stock::of(&listing(item)).label, "Sold out");
}

#[test]
fn a_time_is_said_and_marked_up() {
    let start = NOW + Duration::HOUR;
    let before = page(&PostView {
        window: SaleWindow::Upcoming(start),
        ..post_view(shirt())
    });
    assert!(
        before.contains(
            "Starts <time datetime=\"2026-11-21T13:00:00Z\">21 November 2026, 13:00 UTC</time>"
        ),
        "{before}"
    );
    let item = Item {
        availability: Availability::Preorder,
        available_from: Some(datetime!(2027-03-01 0:00 UTC)),
        ..shirt()
    };
    let ahead = page(&post_view(item));
    assert!(
        ahead.contains(
            "Preorder: available from <time datetime=\"2027-03-01T00:00:00Z\">1 March 2027</time>"
        ),
        "{ahead}"
    );
}

#[test]
fn a_reduced_price_names_the_former_one_to_everybody() {
    let mut item = shirt();
    item.sale = Some(Sale {
        amount: 1_500,
        starts_at: None,
        ends_at: Some(datetime!(2026-11-30 0:00 UTC)),
    });
    let page = page(&post_view(item));
    assert!(
        page.contains("Former price: </span><s><bdi>€25.00</bdi></s>"),
        "{page}"
    );
    assert_eq!(island(&page)["offers"]["price"], "15.00");
    assert_eq!(island(&page)["offers"]["priceValidUntil"], "2026-11-29");
}

#[test]
fn a_shared_address_has_the_version_and_the_canonical_one_has_none() {
    let page = page(&post_view(shirt()));
    assert!(page.contains("<link rel=\"canonical\" href=\"https://pay.example/b/tour-shirt-x1\">"));
    assert!(page.contains(
        "<meta property=\"og:url\" content=\"https://pay.example/b/tour-shirt-x1?v=3\">"
    ));
    assert!(page.contains("/oembed?url=https%3A%2F%2Fpay.example%2Fb%2Ftour-shirt-x1"));
}

#[test]
fn no_value_of_the_markup_is_empty() {
    let item = Item {
        description: String::new(),
        brand: Some(" ".to_owned()),
        images: Vec::new(),
        ..shirt()
    };
    let page = page(&post_view(item));
    assert!(
        !page.contains("content=\"\"") && !page.contains("content=\" \""),
        "{page}"
    );
    assert!(page.contains("content=\"Tour shirt at Lorelei\""));
}

#[test]
fn a_page_and_its_styles_are_small_however_much_there_is_to_say() {
    assert!(STYLE.len() <= 10_000, "{}", STYLE.len());
    let mut item = shirt();
    item.title = "W".repeat(150);
    item.description = "抹".repeat(5_000);
    item.images = (0..11)
        .map(|n| Image {
            url: format!("https://img.example/{n}/{}", "p".repeat(1_900)),
            alt: Some("a".repeat(500)),
        })
        .collect();
    item.url = format!("https://shop.example/{}", "p".repeat(1_900));
    let mut shown = post_view(item);
    let variant = listing(Item {
        id: "SHIRT-L".to_owned(),
        url: format!("https://shop.example/{}", "p".repeat(1_900)),
        ..shirt()
    });
    shown.variants = vec![variant; usize::try_from(VARIANTS_MAX).unwrap()];
    let html = page(&shown);
    assert!(html.len() <= 50_000, "{}", html.len());
    let card = embed(SITE, &shown).unwrap();
    assert!(card.len() <= 30_000, "{}", card.len());
}

#[test]
fn a_frame_fits_the_room_that_there_is() {
    let max_size = MaxSize {
        width_max: Some(320),
        height_max: Some(9_999),
    };
    let described =
        serde_json::to_value(OEmbed::of(SITE, &post_view(shirt()), max_size).unwrap()).unwrap();
    assert_eq!(
        (
            &described["width"],
            &described["version"],
            &described["type"]
        ),
        (&320.into(), &"1.0".into(), &"rich".into())
    );
    let frame = described["html"].as_str().unwrap();
    assert!(
        frame.contains("width=\"320\"") && frame.contains("title=\"Tour shirt\""),
        "{frame}"
    );
}
