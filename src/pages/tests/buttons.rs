//! Where the button of a post leads, and when there is none.

use super::*;

#[test]
fn there_is_a_button_only_when_it_can_be_bought() {
    let hour = Duration::HOUR;
    let base = post_view(shirt());
    assert!(has_button(&page(&base)));
    for window in [
        SaleWindow::Upcoming(NOW + hour),
        SaleWindow::Ended(NOW - hour),
    ] {
        let page = page(&PostView {
            window,
            ..base.clone()
        });
        assert!(!has_button(&page), "{window:?}");
        assert!(page.contains("See it at"));
    }
    let refused = ProductListing {
        offer: base.product.item.offer(
            ProductState {
                blocked: true,
                ..ProductState::default()
            },
            NOW,
        ),
        ..base.product.clone()
    };
    assert_eq!(refused.offer.not_buyable, Some(NotBuyable::Blocked));
    let page = page(&PostView {
        product: refused,
        ..base
    });
    assert!(!has_button(&page));
    assert!(page.contains("Not available right now"));
}

#[test]
fn the_button_leads_to_our_own_page_where_the_seller_sells_here() {
    let here = PostView {
        sells_here: true,
        ..post_view(shirt())
    };
    let href = "href=\"https://pay.example/b/tour-shirt-x1/buy\"";
    for html in [page(&here), embed(SITE, &here).unwrap()] {
        assert!(
            html.contains(&format!("<a class=\"button\" {href}")),
            "{html}"
        );
    }
    assert!(page(&here).contains("You order and pay here."));
    let viewer = ViewerDetails::from_parameters([("viewer", "a&b"), ("country", "FR")]);
    let for_viewer = page(&PostView {
        viewer,
        ..here.clone()
    });
    let carried = "/b/tour-shirt-x1/buy?viewer=a%26b&#38;country=FR\" rel=\"nofollow\">";
    assert!(for_viewer.contains(carried), "{for_viewer}");
    assert_eq!(for_viewer.matches("country=FR").count(), 1, "{for_viewer}");
    let over = PostView {
        window: SaleWindow::Ended(NOW),
        ..here
    };
    assert!(!page(&over).contains(href));
}

#[test]
fn a_rollout_that_leaves_a_viewer_out_leaves_a_plain_link() {
    let page = page(&PostView {
        may_buy: false,
        ..post_view(shirt())
    });
    assert!(!has_button(&page) && !page.contains("button off"));
    assert!(page.contains("class=\"see\""));
    assert!(page.contains("In stock"));
}
