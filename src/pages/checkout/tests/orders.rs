//! The order page: what is true, what helps, and when it looks again.

use buywire_checkout::machine::PageSituation;

use super::super::*;
use super::scenes::{self, SITUATIONS, Stage, TOKEN};

#[test]
fn only_a_confirmed_order_is_said_to_be_confirmed() {
    let stage = Stage::new(Language::English);
    for situation in SITUATIONS {
        let page = stage.order(situation).render().unwrap();
        let is_confirmed = situation == PageSituation::Confirmed;
        assert_eq!(
            page.contains("Order confirmed"),
            is_confirmed,
            "{situation:?}"
        );
        assert_eq!(
            page.contains(">Cancel order<"),
            is_confirmed,
            "{situation:?}"
        );
        let may_pay = matches!(situation, PageSituation::PayNow | PageSituation::Declined);
        assert_eq!(
            page.contains("checkout.stripe.example"),
            may_pay,
            "{situation:?}"
        );
        let is_invoiced = situation == PageSituation::PayInvoice;
        assert_eq!(page.contains("IBAN DE02"), is_invoiced, "{situation:?}");
        let may_stop = may_pay || is_invoiced;
        assert_eq!(
            page.contains("/cancel-payment\""),
            may_stop,
            "{situation:?}"
        );
    }
}

#[test]
fn a_page_that_waits_looks_again_at_growing_intervals() {
    let stage = Stage::new(Language::English);
    let after = |checks| {
        let page = OrderPage {
            checks,
            ..stage.order(PageSituation::Processing)
        };
        page.refresh().map(|(seconds, _)| seconds)
    };
    assert_eq!([0, 1, 2, 3, 9].map(after), [3, 3, 5, 8, 30].map(Some));
    assert_eq!(after(150), None);
    let path = stage.order(PageSituation::Processing).refresh().unwrap().1;
    assert_eq!(path, format!("/o/{TOKEN}?checks=1&lang=en"));
    assert_eq!(stage.order(PageSituation::Confirmed).refresh(), None);
    let held = |seconds| {
        let hold = Some(scenes::hold(seconds, false));
        let page = OrderPage {
            hold,
            checks: 9,
            ..stage.order(PageSituation::PayNow)
        };
        page.refresh().map(|(seconds, _)| seconds)
    };
    // There when the end is announced, and when it has come.
    assert_eq!([444, 45, 20, 3].map(held), [30, 25, 21, 4].map(Some));
}

#[test]
fn the_last_seconds_are_announced_and_more_time_is_offered_where_it_may_be() {
    let stage = Stage::new(Language::English);
    let page = |seconds, is_scarce| {
        let hold = Some(scenes::hold(seconds, is_scarce));
        OrderPage {
            hold,
            ..stage.order(PageSituation::PayNow)
        }
        .render()
        .unwrap()
    };
    assert!(page(444, false).contains("about 7 minutes left"));
    assert!(page(444, false).contains("<p role=\"status\"></p>"));
    assert!(page(14, false).contains("<p role=\"status\"><b>Less than 20 seconds left"));
    assert!(page(444, false).contains("/extend\""));
    assert!(!page(95, true).contains("/extend\""));
    assert!(page(95, true).contains("Others are waiting"));
}
