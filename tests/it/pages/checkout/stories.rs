//! The pages of the checkout, as a browser without scripts and cookies meets them.

use reqwest::Method;
use serde_json::json;

use super::{BUYER, Shop, buyer_with, hidden, location, policy, text};
use crate::support::api::{Answer, OPERATOR};
use crate::support::feed::feed;

#[tokio::test]
async fn a_reader_buys_and_reads_that_the_order_is_confirmed() {
    let shop = Shop::open().await;
    let post = text(&shop.get(&shop.path("")).await);
    assert!(
        post.contains(&shop.path("/buy\" rel=\"nofollow\">Buy now")),
        "{post}"
    );
    let form = shop.get(&shop.path("/buy?lang=en")).await;
    assert_eq!(form.status, 200);
    assert!(text(&form).contains("Sold by Acme GmbH"));

    let token = shop.begin().await;
    let review = shop.review(&token).await;
    let page = text(&review);
    for part in [
        "2 × Cup 0, sold by Acme GmbH. €24.90 in all.",
        "Order and pay €24.90",
        "75002 PARIS",
        "within 14 days",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let paid = shop.pay(&token, &review).await;
    assert_eq!(paid.status, 303, "{}", text(&paid));
    let hosted = location(&paid).to_owned();
    assert!(
        shop.order_page(&token)
            .await
            .contains("Pay to complete your order")
    );

    // At the processor.
    let card = "cc-number=4242424242424242&cc-exp=12/34&cc-csc=123&cc-name=Ada+Byron&email=ada@example.com";
    let request = shop.browser.post(hosted).body(card);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let back = request.send().await.unwrap();
    assert_eq!(back.status(), 303);
    assert!(
        back.headers()["location"]
            .to_str()
            .unwrap()
            .contains(&format!("/o/{token}"))
    );

    let page = shop.wait_for(&token, "Order confirmed").await;
    for part in ["Visa ending in 4242", "ada@example.com", ">Cancel order<"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let orders = shop.app.get("/v1/checkouts", OPERATOR).await.json();
    assert_eq!(orders["data"][0]["state"], "captured");
    shop.app.stop().await;
}

#[tokio::test]
async fn a_total_that_has_changed_is_shown_before_it_is_paid() {
    let shop = Shop::open().await;
    let token = shop.begin().await;
    let review = shop.review(&token).await;
    shop.app
        .push("acme", feed(2).priced([0], "11.00 EUR").csv())
        .await;
    let refused = shop.pay(&token, &review).await;
    assert_eq!(refused.status, 409);
    let page = text(&refused);
    assert!(page.contains("It was €24.90 and is now €26.90."), "{page}");
    // The button beside it carries the new total, and leads on.
    assert!(page.contains("Order and pay €26.90"), "{page}");
    assert_eq!(shop.pay(&token, &refused).await.status, 303);
    shop.app.stop().await;
}

#[tokio::test]
async fn another_delivery_changes_the_total_before_it_is_paid() {
    let shop = Shop::open().await;
    let token = shop.begin().await;
    let form = [
        ("checkout", token.as_str()),
        ("action", "delivery"),
        ("delivery", "fast"),
        ("lang", "en"),
    ];
    let changed = shop.submit(&shop.path("/buy"), &form).await;
    assert_eq!(changed.status, 303);
    let review = shop.review(&token).await;
    assert!(text(&review).contains("Order and pay €32.00"));
    // The button with another choice: it is shown first.
    let refused = shop.pay(&token, &review).await;
    assert_eq!(refused.status, 409);
    assert!(text(&refused).contains("It was €32.00 and is now €24.90."));
    shop.app.stop().await;
}

#[tokio::test]
async fn errors_come_back_with_what_was_typed_and_without_a_card_number() {
    let shop = Shop::open().await;
    let refused = shop
        .submit(&shop.path("/buy"), &buyer_with("postal_code", "7500"))
        .await;
    assert_eq!(refused.status, 422);
    let page = text(&refused);
    assert!(
        page.contains("href=\"#postal_code\"") && page.contains("value=\"12 rue de la Paix\""),
        "{page}"
    );
    for field in ["email", "name", "line1", "city", "postal_code"] {
        let refused = shop
            .submit(
                &shop.path("/buy"),
                &buyer_with(field, "4242 4242 4242 4242"),
            )
            .await;
        assert_eq!(refused.status, 422, "{field}");
        assert!(!text(&refused).contains("4242 4242"), "{field}");
    }
    let country = [
        ("action", "country"),
        ("country", "JP"),
        ("email", "ada@example.com"),
        ("lang", "en"),
    ];
    let form = shop.submit(&shop.path("/buy"), &country).await;
    assert_eq!(form.status, 200);
    assert!(
        text(&form).contains("Prefecture") && text(&form).contains("value=\"ada@example.com\"")
    );
    shop.app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_sold_is_said_with_what_helps() {
    let shop = Shop::open().await;
    let review_of = async |form: &[(&str, &str)]| {
        let answer = shop.submit(&shop.path("/buy"), form).await;
        assert_eq!(answer.status, 303, "{}", text(&answer));
        text(&shop.get(location(&answer)).await)
    };
    let japan = [
        ("lang", "en"),
        ("email", "a@b.co"),
        ("name", "Ada"),
        ("country", "JP"),
        ("line1", "1-1"),
        ("city", "Chiyoda"),
        ("region", "Tokyo"),
        ("postal_code", "100-0001"),
    ];
    let page = review_of(&japan).await;
    assert!(
        page.contains("Not delivered to Japan") && page.contains(">Change the address<"),
        "{page}"
    );
    assert!(!page.contains("Order and pay"));

    let stock = shop
        .app
        .request(Method::PUT, "/v1/partners/acme/stock/item-0", OPERATOR);
    let body = json!({"kind": "counter", "total": 0}).to_string();
    assert_eq!(Answer::send(stock.body(body)).await.status, 200);
    let sold_out = shop.submit(&shop.path("/buy"), &BUYER).await;
    assert_eq!(sold_out.status, 409);
    assert!(text(&sold_out).contains("Sold out meanwhile"));
    let stock = shop
        .app
        .request(Method::PUT, "/v1/partners/acme/stock/item-0", OPERATOR);
    let body = json!({"kind": "counter", "total": 9}).to_string();
    assert_eq!(Answer::send(stock.body(body)).await.status, 200);

    let token = shop.begin().await;
    let review = shop.review(&token).await;
    let switch = shop
        .app
        .request(Method::PUT, "/v1/switches/channel:page", OPERATOR);
    let body = json!({"enabled": false, "reason": "test"}).to_string();
    assert_eq!(Answer::send(switch.body(body)).await.status, 200);
    let refused = shop.pay(&token, &review).await;
    assert_eq!(refused.status, 409);
    assert!(text(&refused).contains("Not for sale at the moment"));
    assert_eq!(shop.submit(&shop.path("/buy"), &BUYER).await.status, 409);
    shop.app.stop().await;
}

#[tokio::test]
async fn a_post_that_is_not_sold_here_leads_to_its_page() {
    let shop = Shop::open().await;
    let token = shop.begin().await;
    let review = shop.review(&token).await;
    shop.set("policy", &policy(false)).await;
    let post = shop.path("");
    assert_eq!(location(&shop.get(&shop.path("/buy")).await), post);
    // The forms say in which language the buyer reads.
    let in_english = format!("{post}?lang=en");
    let submitted = shop.submit(&shop.path("/buy"), &BUYER).await;
    assert_eq!(location(&submitted), in_english);
    assert_eq!(location(&shop.pay(&token, &review).await), in_english);
    let page = text(&shop.get(&post).await);
    assert!(
        !page.contains("Buy now") && page.contains("https://shop.example/0"),
        "{page}"
    );
    shop.app.stop().await;
}

#[tokio::test]
async fn a_page_of_the_checkout_is_for_its_buyer_alone() {
    let shop = Shop::open().await;
    let token = shop.begin().await;
    for path in [
        shop.path("/buy"),
        shop.path(&format!("/buy?checkout={token}")),
        format!("/o/{token}"),
    ] {
        let answer = shop.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"));
        assert_eq!(answer.header("set-cookie"), None);
        let policy = answer.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'self' http://127.0.0.1:",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(text(&answer).contains("<meta name=\"robots\" content=\"noindex\">"));
    }
    let unknown = format!("/o/{}", "x".repeat(32));
    let malformed = "/o/x".to_owned();
    for path in [
        unknown,
        malformed,
        shop.path("/buy?checkout=x"),
        "/b/nosuchpost/buy".to_owned(),
    ] {
        let answer = Answer::send(
            shop.app
                .unauthenticated_request(Method::GET, &path)
                .header("accept-language", "de-AT"),
        );
        let answer = answer.await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(text(&answer).contains("Hier ist nichts"), "{path}");
    }
    shop.app.stop().await;
}

#[tokio::test]
async fn a_buyer_who_pays_can_have_more_time_or_change_his_mind() {
    let shop = Shop::open().await;
    let stock = shop
        .app
        .request(Method::PUT, "/v1/partners/acme/stock/item-0", OPERATOR);
    let body = json!({"kind": "counter", "total": 500}).to_string();
    assert_eq!(Answer::send(stock.body(body)).await.status, 200);
    let token = shop.begin().await;
    let review = shop.review(&token).await;
    assert_eq!(shop.pay(&token, &review).await.status, 303);
    let page = shop.order_page(&token).await;
    assert!(
        page.contains("minutes left") && page.contains(">More time<"),
        "{page}"
    );
    let order = format!("/o/{token}");
    let extended = shop
        .submit(&format!("{order}/extend"), &[("lang", "en")])
        .await;
    assert_eq!(location(&extended), format!("{order}?lang=en"));
    let page = shop.order_page(&token).await;
    assert!(!page.contains(">More time<"), "once: {page}");
    let stopped = shop
        .submit(&format!("{order}/cancel-payment"), &[("lang", "en")])
        .await;
    assert_eq!(stopped.status, 303);
    shop.wait_for(&token, "Ready to order").await;
    let edit = text(
        &shop
            .get(&shop.path(&format!("/buy?checkout={token}&edit=1")))
            .await,
    );
    assert!(edit.contains("value=\"75002\"") && hidden(&edit, "checkout") == token);
    shop.app.stop().await;
}
