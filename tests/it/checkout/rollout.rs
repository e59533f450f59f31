//! Who may buy from a post: the same answer at the page, the quote and the payment, and none for a payment in progress.

use serde_json::{Value, json};

use super::{GOOD, Shop, details, hidden};
use crate::support::api::Answer;
use crate::support::feed::row;
use crate::support::post::RolloutVector;

/// A shop whose only post is that of `rollout.tsv`.
async fn open() -> (Shop, Value) {
    let shop = Shop::start(100).await;
    let post = shop.app.fix_post_id().await;
    (shop, post)
}

impl Shop {
    fn path(&self, end: &str, query: &str) -> String {
        format!("/b/{}{end}?{query}", self.slug)
    }

    /// Whether an answer leads to the post's own page, which has the merchant's link.
    async fn is_plain_page(&self, answer: &Answer) -> bool {
        let location = answer.header("location").unwrap_or_default().to_owned();
        let own = format!("/b/{}", self.slug);
        let rest = location.strip_prefix(&own);
        if answer.status != 303
            || !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('?'))
        {
            return false;
        }
        let page = self.page(&location).await;
        assert_eq!(page.status, 200, "{}", page.body());
        assert!(!page.body().contains("Buy now"), "{}", page.body());
        page.body().contains("See it at")
    }

    /// Submits the form for a viewer.
    async fn submit(&self, query: &str, email: &str) -> Answer {
        self.post(&self.path("/buy", query), &details(1, email))
            .await
    }

    /// The token of the checkout that a viewer has begun.
    async fn begin_as(&self, query: &str, email: &str) -> String {
        let answer = self.submit(query, email).await;
        token(&answer).unwrap_or_else(|| panic!("{}", answer.body()))
    }

    /// Presses the button of a review, without saying who looks.
    async fn press(&self, token: &str, quote: &str) -> Answer {
        let form = format!("checkout={token}&quote={quote}&lang=en");
        self.post(&format!("/b/{}/pay", self.slug), &form).await
    }

    async fn quote(&self, token: &str) -> String {
        let page = self
            .page(&self.path("/buy", &format!("checkout={token}")))
            .await;
        assert_eq!(page.status, 200, "{}", page.body());
        hidden(&page.body(), "quote")
    }
}

fn token(answer: &Answer) -> Option<String> {
    let location = answer.header("location")?;
    let token = location.split("checkout=").nth(1)?;
    token.split('&').next().map(str::to_owned)
}

fn leads_to_the_processor(answer: &Answer) -> bool {
    let location = answer.header("location").unwrap_or_default();
    answer.status == 303 && location.contains("/c/pay")
}

#[tokio::test]
async fn the_page_answers_25_of_25_viewers_as_another_implementation_does() {
    let (shop, post) = open().await;
    let mut agreed = 0;
    for vector in RolloutVector::all() {
        shop.app
            .roll_out(&post, json!({"percent": vector.percent}))
            .await;
        let query = vector.query();
        let form = shop.page(&shop.path("/buy", &query)).await;
        let page = shop.page(&shop.path("", &query)).await.body();
        let button = format!("/b/{}/buy?{query}\" rel=\"nofollow\">Buy now", shop.slug);
        if vector.may_buy {
            assert_eq!(form.status, 200, "{vector:?}");
            assert!(page.contains(&button), "{vector:?}: {page}");
        } else {
            assert!(shop.is_plain_page(&form).await, "{vector:?}: {form:?}");
            assert!(page.contains("See it at"), "{vector:?}: {page}");
        }
        agreed += 1;
    }
    assert_eq!(agreed, 25);
    shop.app.stop().await;
}

#[tokio::test]
async fn the_quote_answers_25_of_25_viewers_as_another_implementation_does() {
    let (shop, post) = open().await;
    let mut allowed = 0;
    for (n, vector) in RolloutVector::all().iter().enumerate() {
        shop.app
            .roll_out(&post, json!({"percent": vector.percent}))
            .await;
        let answer = shop
            .submit(&vector.query(), &format!("reader-{n}@example.com"))
            .await;
        match vector.may_buy {
            true => assert!(token(&answer).is_some(), "{vector:?}: {answer:?}"),
            false => assert!(shop.is_plain_page(&answer).await, "{vector:?}: {answer:?}"),
        }
        allowed += i64::from(vector.may_buy);
    }
    shop.app
        .wait_for_count("SELECT count(*) FROM checkouts", allowed)
        .await;
    shop.app.stop().await;
}

#[tokio::test]
async fn the_payment_answers_25_of_25_viewers_as_another_implementation_does() {
    let (shop, post) = open().await;
    let mut allowed = 0;
    for (n, vector) in RolloutVector::all().iter().enumerate() {
        shop.app.roll_out(&post, json!({"percent": 100})).await;
        let token = shop
            .begin_as(&vector.query(), &format!("reader-{n}@example.com"))
            .await;
        let quote = shop.quote(&token).await;
        shop.app
            .roll_out(&post, json!({"percent": vector.percent}))
            .await;
        let answer = shop.press(&token, &quote).await;
        match vector.may_buy {
            true => assert!(leads_to_the_processor(&answer), "{vector:?}: {answer:?}"),
            false => assert!(shop.is_plain_page(&answer).await, "{vector:?}: {answer:?}"),
        }
        allowed += i64::from(vector.may_buy);
    }
    assert_eq!(shop.stock().await["held"], allowed);
    shop.app.stop().await;
}

#[tokio::test]
async fn country_platform_and_language_count_and_what_is_not_said_is_no() {
    let (shop, post) = open().await;
    let rollout =
        json!({"percent": 100, "countries": ["FR"], "platforms": ["ios"], "languages": ["fr"]});
    shop.app.roll_out(&post, rollout).await;
    for (query, may_buy) in [
        ("country=fr&platform=iOS&lang=fr-BE", true),
        ("country=DE&platform=ios&lang=fr", false),
        ("country=FR&platform=web&lang=fr", false),
        ("country=FR&platform=ios&lang=pt", false),
        ("platform=ios&lang=fr", false),
        ("country=&platform=ios&lang=fr", false),
        ("", false),
    ] {
        let form = shop.page(&shop.path("/buy", query)).await;
        // The address in the form is in France, and is where the goods go: the viewer's country is what the platform says.
        let answer = shop.submit(query, "ada@example.com").await;
        let results = (form.status == 200, token(&answer).is_some());
        assert_eq!(results, (may_buy, may_buy), "{query}");
    }
    // The whole path keeps the viewer, in hidden parts only.
    let query = "viewer=a%26b&country=FR&platform=ios&lang=fr-BE";
    let form = shop.page(&shop.path("/buy", query)).await.body();
    let action = format!(
        "action=\"/b/{}/buy?viewer=a%26b&#38;country=FR&#38;platform=ios&#38;lang=fr-BE\"",
        shop.slug
    );
    assert!(form.contains(&action), "{form}");
    assert!(form.contains("<option value=\"FR\" selected>"), "{form}");
    let french = details(1, "ada@example.com").replace("lang=en", "lang=fr");
    let answer = shop.post(&shop.path("/buy", query), &french).await;
    let location = answer.header("location").unwrap();
    assert!(
        location.ends_with("&viewer=a%26b&country=FR&platform=ios&lang=fr-BE"),
        "{location}"
    );
    shop.app.stop().await;
}

#[tokio::test]
async fn what_is_not_sold_in_a_country_is_neither_offered_nor_sent_there() {
    let (shop, _) = open().await;
    let header = "id,title,link,image_link,price,availability,brand,gtin,excluded_countries";
    let own = row(1, "10.00 EUR");
    let begun = shop.begin_as("", "early@example.com").await;
    let quote = shop.quote(&begun).await;
    shop.app
        .push("acme", format!("{header}\n{own},\"FR, BE\"\n"))
        .await;
    for (query, may_buy) in [
        ("country=DE", true),
        ("country=FR", false),
        ("country=be", false),
    ] {
        let page = shop.page(&shop.path("", query)).await.body();
        assert_eq!(page.contains("Buy now"), may_buy, "{query}: {page}");
        let form = shop.page(&shop.path("/buy", query)).await;
        assert_eq!(form.status == 200, may_buy, "{query}: {form:?}");
        if !may_buy {
            let answer = shop.submit(query, "reader@example.com").await;
            assert!(shop.is_plain_page(&answer).await, "{query}: {answer:?}");
        }
    }
    // Nothing is known of this viewer but the address, which is in France.
    let token = shop.begin_as("", "unknown@example.com").await;
    let review = shop
        .page(&shop.path("/buy", &format!("checkout={token}")))
        .await
        .body();
    assert!(review.contains("Not delivered to France"), "{review}");
    assert_eq!(hidden(&review, "quote"), "");
    // Nor is what was priced before it was excluded.
    let answer = shop.press(&begun, &quote).await;
    assert!(!leads_to_the_processor(&answer), "{answer:?}");
    assert!(
        answer.body().contains("Not delivered to France"),
        "{}",
        answer.body()
    );
    shop.app.finish().await;
}

#[tokio::test]
async fn a_post_that_closes_meanwhile_is_not_sold_at_any_gate() {
    let (shop, post) = open().await;
    let sql = |set: &str| format!("UPDATE posts SET {set}");
    let open = "state = 'live', reason = NULL, starts_at = NULL, ends_at = NULL";
    for (n, closed) in [
        "state = 'withdrawn', reason = 'requested'",
        // The time counts before the stored state follows.
        "ends_at = now()",
        "starts_at = now() + interval '1 hour'",
        "state = 'ended', ends_at = now()",
    ]
    .into_iter()
    .enumerate()
    {
        let token = shop.begin_as("", &format!("reader-{n}@example.com")).await;
        let quote = shop.quote(&token).await;
        shop.app.sql.execute(&sql(closed), &[]).await.unwrap();
        let form = shop.page(&shop.path("/buy", "")).await;
        let review = shop
            .page(&shop.path("/buy", &format!("checkout={token}")))
            .await;
        let submitted = shop.submit("", "eve@example.com").await;
        let pressed = shop.press(&token, &quote).await;
        for answer in [form, review, submitted, pressed] {
            let location = answer.header("location").unwrap_or_default();
            let own = format!("/b/{}", shop.slug);
            let path = location.split('?').next();
            assert_eq!((answer.status, path), (303, Some(own.as_str())), "{closed}");
        }
        shop.app.sql.execute(&sql(open), &[]).await.unwrap();
        assert!(
            leads_to_the_processor(&shop.press(&token, &quote).await),
            "{closed}"
        );
    }
    assert_eq!(post["state"], "live");
    shop.app.stop().await;
}

#[tokio::test]
async fn a_checkout_never_moves_to_another_post() {
    let (shop, post) = open().await;
    let token = shop.begin_as("", "ada@example.com").await;
    let other = shop.app.published("acme", "item-2", json!({})).await;
    let form = details(1, "ada@example.com").replace("option=item-1", "option=item-2");
    let path = format!("/b/{}/buy", other["slug"].as_str().unwrap());
    let moved = shop.post(&path, &format!("{form}&checkout={token}")).await;
    let begun = moved.header("location").unwrap();
    assert!(
        begun.contains("checkout=") && !begun.contains(&token),
        "{begun}"
    );
    shop.app.roll_out(&post, json!({"percent": 0})).await;
    let review = shop
        .page(&shop.path("/buy", &format!("checkout={token}")))
        .await;
    assert!(shop.is_plain_page(&review).await);
    shop.app.stop().await;
}

#[tokio::test]
async fn a_payment_in_progress_finishes_whatever_becomes_of_the_rollout() {
    let (shop, post) = open().await;
    let paying = shop.fill_in(1, "ada@example.com").await;
    let page = paying.begin().await;
    shop.app.roll_out(&post, json!({"percent": 0})).await;
    shop.app.post_action(&post, "withdraw").await;
    // The button again: the payment that was begun goes on.
    assert!(leads_to_the_processor(&shop.press(&paying.token, "").await));
    shop.pay_at(&page, GOOD).await;
    paying.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    shop.app.finish().await;
}

#[tokio::test]
async fn the_viewer_is_sealed_with_the_buyer_and_reaches_no_partner() {
    let (shop, _) = open().await;
    let query = "viewer=canary-viewer-7f3a&country=FR";
    let token = shop.begin_as(query, "ada@example.com").await;
    let quote = shop.quote(&token).await;
    let page = shop.press(&token, &quote).await;
    shop.pay_at(page.header("location").unwrap(), GOOD).await;
    let received = shop.receiver.received(1).await;
    let bodies = format!("{received:?}");
    assert!(!bodies.contains("canary-viewer"), "{bodies}");
    for table in [
        "checkouts",
        "checkout_effects",
        "payments",
        "orders",
        "events",
    ] {
        let select = format!("SELECT coalesce(string_agg(t::text, ''), '') FROM {table} t");
        let rows: String = shop.app.sql.query_one(&select, &[]).await.unwrap().get(0);
        assert!(!rows.contains("canary-viewer"), "{table}");
    }
    shop.app.finish().await;
}

#[tokio::test]
async fn a_page_for_one_viewer_is_kept_by_no_shared_cache() {
    let (shop, _) = open().await;
    for (query, expected) in [
        ("viewer=v", "private, max-age=10"),
        ("country=FR", "private, max-age=10"),
        ("lang=fr", "private, max-age=10"),
        ("v=3&utm_source=x&viewer=", "public, max-age=10"),
    ] {
        let page = shop.page(&shop.path("", query)).await;
        assert_eq!(page.header("cache-control"), Some(expected), "{query}");
        let form = shop.page(&shop.path("/buy", query)).await;
        assert_eq!(form.header("cache-control"), Some("no-store"), "{query}");
    }
    shop.app.stop().await;
}
