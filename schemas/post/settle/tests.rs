//! The rules for a post's state.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use time::Duration;
use time::macros::datetime;

use super::*;
use crate::catalog::{Availability, ProductState, Sale};
use crate::post::Merchant;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
const HOUR: Duration = Duration::HOUR;

struct Shop {
    item: Item,
    state: ProductState,
    merchant: Merchant,
}

fn shop() -> Shop {
    let text = include_str!("../../examples/valid/catalog/shirt.json");
    let item: Item = serde_json::from_str(text).unwrap();
    Shop {
        item: Item { sale: None, ..item },
        state: ProductState::default(),
        merchant: serde_json::from_str(r#"{"name":"Acme","slug":"acme"}"#).unwrap(),
    }
}

impl Shop {
    fn product(&self) -> SoldProduct<'_> {
        SoldProduct {
            item: &self.item,
            state: self.state,
            merchant: &self.merchant,
        }
    }

    fn settle(&self, post: &Post, now: OffsetDateTime) -> SettledPost {
        post.settle(post.clone(), &self.product(), now)
    }

    /// A post of the item, settled at [`NOW`].
    fn post(&self, state: State) -> Post {
        let text = include_str!("../../examples/valid/post/live.json");
        let post: Post = serde_json::from_str(text).unwrap();
        let reason = (state == State::Withdrawn).then_some(PostReason::Requested);
        let post = Post {
            state,
            reason,
            publications: Vec::new(),
            updated_at: NOW - HOUR,
            starts_at: None,
            ends_at: None,
            template: Some("{title} {was} {price} {url}".to_owned()),
            ..post
        };
        self.settle(&post, NOW).post
    }
}

fn refused(shop: &mut Shop) {
    shop.item.availability = Availability::OutOfStock;
}

#[test]
fn a_published_post_is_live_while_its_product_can_be_bought() {
    let mut shop = shop();
    let live = shop.post(State::Scheduled);
    assert_eq!((live.state, live.reason), (State::Live, None));
    refused(&mut shop);
    let out = shop.settle(&live, NOW);
    let reason = Some(PostReason::NotBuyable(NotBuyable::OutOfStock));
    assert_eq!((out.post.state, out.post.reason), (State::SoldOut, reason));
    assert_eq!(out.post.card.label.as_deref(), Some("Sold out"));
    assert_eq!(out.post.version, live.version + 1);
    shop.item.availability = Availability::InStock;
    let back = shop.settle(&out.post, NOW).post;
    assert_eq!((back.state, back.reason), (State::Live, None));
}

#[test]
fn what_a_person_decided_only_a_person_changes() {
    let mut shop = shop();
    for state in [State::Draft, State::Withdrawn] {
        let post = shop.post(state);
        assert_eq!(post.state, state);
        // Its card is still updated.
        refused(&mut shop);
        let later = Post {
            ends_at: Some(NOW),
            ..post
        };
        let settled = shop.settle(&later, NOW + HOUR).post;
        assert_eq!((settled.state, settled.card.buyable), (state, false));
    }
}

#[test]
fn a_product_that_is_gone_withdraws_and_its_return_does_not_publish() {
    let mut shop = shop();
    let live = shop.post(State::Live);
    shop.state.gone = true;
    let gone = shop.settle(&live, NOW).post;
    assert_eq!(
        (gone.state, gone.reason),
        (State::Withdrawn, Some(PostReason::ProductGone))
    );
    assert_eq!(gone.card.label.as_deref(), Some("No longer available"));
    shop.state.gone = false;
    let back = shop.settle(&gone, NOW).post;
    assert_eq!((back.state, back.card.buyable), (State::Withdrawn, true));
}

#[test]
fn what_is_not_for_everybody_withdraws_also_when_it_is_over() {
    let mut shop = shop();
    let live = shop.post(State::Live);
    let over = Post {
        ends_at: Some(NOW),
        ..live.clone()
    };
    assert_eq!(shop.settle(&over, NOW).post.state, State::Ended);
    let age = || ("age_restriction".to_owned(), "18".to_owned());
    let (adult, restricted) = (shop.item.clone(), shop.item.clone());
    for item in [
        Item {
            adult: true,
            ..adult
        },
        Item {
            attributes: [age()].into(),
            ..restricted
        },
    ] {
        shop.item = item;
        for post in [&live, &over] {
            let settled = shop.settle(post, NOW).post;
            let reason = Some(PostReason::AdultsOnly);
            assert_eq!((settled.state, settled.reason), (State::Withdrawn, reason));
        }
    }
}

#[test]
fn a_window_opens_at_its_start_and_closes_before_its_end() {
    let mut shop = shop();
    let post = Post {
        starts_at: Some(NOW),
        ends_at: Some(NOW + HOUR),
        updated_at: NOW - HOUR,
        ..shop.post(State::Live)
    };
    let nearly = Duration::MICROSECOND;
    let at = |now| {
        let settled = shop.settle(&post, now);
        (settled.post.state, settled.next_at)
    };
    assert_eq!(at(NOW - nearly), (State::Scheduled, Some(NOW)));
    assert_eq!(at(NOW), (State::Live, Some(NOW + HOUR)));
    assert_eq!(at(NOW + HOUR - nearly), (State::Live, Some(NOW + HOUR)));
    assert_eq!(at(NOW + HOUR), (State::Ended, None));
    // Whatever its product does, unless it may not be shown publicly.
    shop.state.gone = true;
    assert_eq!(shop.settle(&post, NOW + HOUR).post.state, State::Ended);
}

#[test]
fn price_and_text_move_with_the_sale_and_a_given_text_does_not() {
    let mut shop = shop();
    shop.item.price.amount = 2_000;
    shop.item.sale = Some(Sale {
        amount: 1_500,
        starts_at: Some(NOW + HOUR),
        ends_at: Some(NOW + 2 * HOUR),
    });
    let post = shop.post(State::Live);
    assert!(post.text.contains("20.00"), "{}", post.text);
    let settled = shop.settle(&post, NOW);
    assert_eq!(settled.next_at, Some(NOW + HOUR));
    assert_eq!((settled.is_changed, settled.event), (false, None));
    assert_eq!(settled.post, post);
    let sale = shop.settle(&post, NOW + HOUR).post;
    assert!(
        sale.text.contains("20.00") && sale.text.contains("15.00"),
        "{}",
        sale.text
    );
    assert_eq!(
        (sale.card.price.amount, sale.card.was),
        (1_500, Some(2_000))
    );
    assert_eq!(sale.weighted_length, measure(&sale.text).weight);
    assert_eq!(
        (sale.version, sale.updated_at),
        (post.version + 1, NOW + HOUR)
    );
    let given = Post {
        template: None,
        text: "Look!".to_owned(),
        ..post
    };
    let given = shop.settle(&given, NOW + HOUR).post;
    assert_eq!(
        (given.text.as_str(), given.card.price.amount),
        ("Look!", 1_500)
    );
}

#[test]
fn time_never_runs_backwards_for_a_post() {
    let shop = shop();
    let post = Post {
        starts_at: Some(NOW),
        updated_at: NOW,
        ..shop.post(State::Live)
    };
    assert_eq!(shop.settle(&post, NOW - HOUR).post.state, State::Live);
}

#[test]
fn a_label_says_only_what_is_known() {
    let mut shop = shop();
    let cases = [
        (Availability::InStock, None, None),
        (Availability::InStock, Some(6), None),
        (Availability::InStock, Some(5), Some("Only 5 left")),
        (Availability::LimitedStock, Some(1), Some("Only 1 left")),
        (Availability::LimitedStock, None, None),
        (Availability::InStock, Some(0), None),
        (Availability::Preorder, Some(3), Some("Preorder")),
        (Availability::Backorder, None, None),
        (Availability::OutOfStock, Some(3), Some("Sold out")),
        (
            Availability::Discontinued,
            None,
            Some("No longer available"),
        ),
    ];
    for (availability, quantity, label) in cases {
        (shop.item.availability, shop.item.quantity) = (availability, quantity);
        let card = PostCard::of(&shop.product(), NOW);
        assert_eq!(
            card.label.as_deref(),
            label,
            "{availability:?} {quantity:?}"
        );
    }
    // An item that cannot be bought shows no quantity, whatever the last valid data says.
    (shop.item.availability, shop.item.quantity) = (Availability::InStock, Some(3));
    shop.state.missing = true;
    let card = PostCard::of(&shop.product(), NOW);
    assert_eq!(
        (card.label.as_deref(), card.quantity),
        (Some("Sold out"), None)
    );
}

#[test]
fn the_platform_hears_of_what_was_live_until_it_is_over() {
    let mut shop = shop();
    let draft = shop.post(State::Draft);
    assert_eq!(shop.settle(&draft, NOW).event, None);
    let publish = |post: &Post| Post {
        state: State::Scheduled,
        reason: None,
        ..post.clone()
    };
    let first = draft.settle(publish(&draft), &shop.product(), NOW);
    assert_eq!(first.event, Some(EventType::PostLive));
    assert_eq!(shop.settle(&first.post, NOW).event, None);
    refused(&mut shop);
    // A post that was never live causes no event.
    assert_eq!(
        draft.settle(publish(&draft), &shop.product(), NOW).event,
        None
    );
    let out = shop.settle(&first.post, NOW);
    assert_eq!(out.event, Some(EventType::PostUpdated));
    shop.item.availability = Availability::InStock;
    assert_eq!(shop.settle(&out.post, NOW).event, Some(EventType::PostLive));
    shop.item.price.amount += 1;
    let dearer = shop.settle(&first.post, NOW);
    assert_eq!(dearer.event, Some(EventType::PostUpdated));
    shop.state.gone = true;
    let gone = shop.settle(&first.post, NOW);
    assert_eq!(gone.event, Some(EventType::PostUpdated));
    shop.item.title.push('!');
    let quiet = shop.settle(&gone.post, NOW);
    assert_eq!((quiet.is_changed, quiet.event), (true, None));
    // A platform that it is not published to receives no event.
    let elsewhere = Post {
        publish: vec!["web_intent".to_owned()],
        ..draft.clone()
    };
    shop.state.gone = false;
    assert_eq!(
        elsewhere
            .settle(publish(&elsewhere), &shop.product(), NOW)
            .event,
        None
    );
}

#[test]
fn a_text_that_no_longer_fits_stays_as_it_was() {
    let shop = shop();
    let post = Post {
        url: format!("http://localhost:1/b/{}", "x".repeat(300)),
        ..shop.post(State::Live)
    };
    assert_eq!(shop.settle(&post, NOW).post.text, post.text);
}

#[test]
fn a_text_that_names_a_price_of_before_rests_until_somebody_publishes_it() {
    let mut shop = shop();
    shop.item.price.amount = 1_000;
    let currency = shop.item.price.currency.code();
    let given = |shop: &Shop, text: String, state| {
        let post = Post {
            template: None,
            text,
            ..shop.post(state)
        };
        shop.settle(&post, NOW).post
    };
    let named = given(&shop, format!("Only 10.00 {currency}!"), State::Live);
    let silent = given(&shop, "Look!".to_owned(), State::Live);
    let both = given(
        &shop,
        format!("12.00 {currency}, was 10.00 {currency}"),
        State::Live,
    );
    let draft = given(&shop, format!("{currency} 10"), State::Draft);
    let composed = shop.post(State::Live);
    shop.item.price.amount = 1_200;
    let reason = Some(PostReason::TextPriceOutdated);
    for post in [&named, &draft] {
        let rests = shop.settle(post, NOW).post;
        assert_eq!((rests.state, rests.reason), (State::Withdrawn, reason));
        assert!(rests.needs_review());
    }
    for post in [&silent, &both, &composed] {
        assert_eq!(
            shop.settle(post, NOW).post.state,
            State::Live,
            "{}",
            post.text
        );
    }
    let rests = shop.settle(&named, NOW).post;
    // Only a person ends the review: neither the old price nor the next feed does.
    shop.item.price.amount = 1_000;
    assert_eq!(shop.settle(&rests, NOW).post.reason, reason);
    let requested = Post {
        state: State::Scheduled,
        reason: None,
        ..rests.clone()
    };
    let again = rests.settle(requested, &shop.product(), NOW).post;
    assert_eq!((again.state, again.reason), (State::Live, None));
    // A text that comes with the change counts as reviewed.
    shop.item.price.amount = 1_200;
    let rewritten = Post {
        text: format!("Still 10.00 {currency} tomorrow"),
        ..silent.clone()
    };
    assert_eq!(
        silent.settle(rewritten, &shop.product(), NOW).post.state,
        State::Live
    );
}

#[test]
fn only_a_given_text_that_is_shown_rests_for_another_item() {
    let shop = shop();
    let post = |template: Option<&str>, state| Post {
        template: template.map(str::to_owned),
        ..shop.post(state)
    };
    let reason = PostReason::ItemChangedIdentity;
    for state in [State::Draft, State::Live] {
        let rests = post(None, state).withdrawn_for_review(reason);
        assert_eq!(
            (rests.state, rests.reason),
            (State::Withdrawn, Some(reason))
        );
        assert_eq!(
            post(Some("{title} {url}"), state)
                .withdrawn_for_review(reason)
                .state,
            state
        );
    }
    let withdrawn = post(None, State::Withdrawn);
    assert_eq!(withdrawn.withdrawn_for_review(reason), withdrawn);
}
