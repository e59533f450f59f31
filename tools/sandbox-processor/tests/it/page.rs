//! The hosted page: a buyer pays, makes mistakes, is declined, proves who he is.

use crate::support::{GOOD_CARD, HELD_SESSION, TestSandbox, card, text};

#[actix_web::test]
async fn the_page_shows_the_order_and_needs_no_script() {
    let sandbox = TestSandbox::start();
    let (_, path) = sandbox.session(HELD_SESSION).await;
    let page = sandbox.page(&path).await;
    assert_eq!(
        (page.status, page.header("cache-control")),
        (200, Some("no-store"))
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with(
            "default-src 'none'; style-src 'self'; form-action 'self' http://127.0.0.1:9;"
        ),
        "{policy}"
    );
    for expected in [
        "<h1>Pay €33.90</h1>",
        "T-shirt",
        "€29.00",
        "Standard",
        "€4.90",
        "no money moves",
        "4242 4242 4242 4242",
        "autocomplete=\"cc-name\"",
        "autocomplete=\"cc-number\"",
        "autocomplete=\"cc-exp\"",
        "autocomplete=\"cc-csc\"",
        "<label for=\"cc-number\">",
        "href=\"http://127.0.0.1:9/b\"",
    ] {
        assert!(page.text.contains(expected), "{expected}");
    }
    assert!(!page.text.contains("<script"));
    let style = sandbox.page("/c/style.css").await;
    assert_eq!(
        style.header("content-type"),
        Some("text/css; charset=utf-8")
    );
}

#[actix_web::test]
async fn each_mistake_is_named_beside_its_field_and_nothing_of_the_card_is_shown_again() {
    let sandbox = TestSandbox::start();
    let (_, path) = sandbox.session(HELD_SESSION).await;
    let form = "cc-number=4242424242424241&cc-exp=12/20&cc-csc=98765&cc-name=Ada+%3Cb%3E&email=ada";
    let page = sandbox.submit(&path, form).await;
    assert_eq!(page.status, 422);
    for field in ["cc-number", "cc-exp", "cc-csc", "email"] {
        assert!(
            page.text.contains(&format!("<a href=\"#{field}\">")),
            "{field}"
        );
        assert!(
            page.text
                .contains(&format!("aria-describedby=\"{field}-error\"")),
            "{field}"
        );
    }
    assert!(page.text.contains("value=\"Ada &lt;b&gt;\"") && page.text.contains("value=\"12/20\""));
    assert!(!page.text.contains("4241") && !page.text.contains("98765"));
    let page = sandbox.submit(&path, &card("4111111111111111")).await;
    assert!(page.text.contains("This is not a test card."));
}

#[actix_web::test]
async fn a_decline_says_why_and_the_buyer_tries_again_with_the_same_intent() {
    let sandbox = TestSandbox::start();
    let (id, path) = sandbox.session(HELD_SESSION).await;
    let declined = sandbox.submit(&path, &card("4000000000009995")).await;
    assert_eq!(declined.status, 422);
    assert!(
        declined.text.contains("insufficient funds")
            && declined.text.contains("value=\"Ada Byron\"")
    );
    assert!(
        sandbox
            .page(&path)
            .await
            .text
            .contains("insufficient funds")
    );
    assert_eq!(sandbox.submit(&path, GOOD_CARD).await.status, 303);
    let session = sandbox.get(&format!("/v1/checkout/sessions/{id}")).await;
    let charges = sandbox
        .get(&format!(
            "/v1/charges?payment_intent={}",
            text(&session, "/payment_intent")
        ))
        .await;
    assert_eq!(
        charges.pointer("/data").unwrap().as_array().unwrap().len(),
        2
    );
    let again = sandbox.submit(&path, GOOD_CARD).await;
    assert!(again.status == 200 && again.text.contains("complete"));
}

#[actix_web::test]
async fn a_challenge_is_failed_or_passed_once() {
    let sandbox = TestSandbox::start();
    let (_, path) = sandbox.session(HELD_SESSION).await;
    let secure = card("4000002760003184");
    let challenge = sandbox
        .submit(&path, &secure)
        .await
        .header("location")
        .unwrap()
        .to_owned();
    assert!(sandbox.page(&challenge).await.text.contains("ends in 3184"));
    let failed = sandbox.submit(&challenge, "outcome=fail").await;
    assert_eq!(
        (failed.status, failed.header("location")),
        (303, Some(path.as_str()))
    );
    assert!(
        sandbox
            .page(&path)
            .await
            .text
            .contains("could not confirm that it is you")
    );
    let challenge = sandbox
        .submit(&path, &secure)
        .await
        .header("location")
        .unwrap()
        .to_owned();
    // The second answer finds the first one done.
    for outcome in ["outcome=confirm", "outcome=fail"] {
        let reply = sandbox.submit(&challenge, outcome).await;
        assert!(
            reply
                .header("location")
                .unwrap()
                .starts_with("http://127.0.0.1:9/o?s=cs_test_"),
            "{outcome}"
        );
    }
}

#[actix_web::test]
async fn what_a_merchant_or_buyer_writes_never_becomes_markup() {
    let sandbox = TestSandbox::start();
    let form = HELD_SESSION.replace("=T-shirt", "=%3Cscript%3Ealert(1)%3C/script%3E");
    let (_, path) = sandbox.session(&form).await;
    let page = sandbox.page(&path).await;
    assert!(page.text.contains("&lt;script&gt;") && !page.text.contains("<script"));
}
