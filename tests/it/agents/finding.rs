//! How agents find us, and how a link leads to the button.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, redirect};
use serde_json::json;

use super::{Market, acp, ucp};
use crate::support::api::{Answer, OPERATOR};

#[tokio::test]
async fn agents_find_both_protocols() {
    let market = Market::open().await;
    let found = Answer::send(
        market
            .app
            .unauthenticated_request(Method::GET, "/.well-known/acp.json"),
    )
    .await;
    assert_eq!(found.header("cache-control"), Some("public, max-age=3600"));
    acp::must_be_discovery(&found.json());
    let profile = Answer::send(
        market
            .app
            .unauthenticated_request(Method::GET, "/.well-known/ucp"),
    )
    .await
    .json();
    ucp::must_be_profile(&profile);
    let service = &profile["ucp"]["services"]["dev.ucp.shopping"][0];
    assert_eq!(
        service["endpoint"],
        format!("{}/ucp", market.app.base_url())
    );
    assert!(
        profile["ucp"]["capabilities"]["dev.ucp.shopping.order"].is_array(),
        "the platform's part stays"
    );
    assert!(profile["signing_keys"].is_array() && profile["keys"].is_array());
    market.app.stop().await;
}

#[tokio::test]
async fn a_permalink_leads_to_the_post_or_the_merchant_and_orders_nothing() {
    let market = Market::open().await;
    let name = |item: &str| format!("~{}", URL_SAFE_NO_PAD.encode(format!("acme:{item}")));
    let follow = async |path: String| {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(buywire::testing::client_config().unwrap())
            .redirect(redirect::Policy::none())
            .build()
            .unwrap();
        let answer = client
            .get(format!("{}{path}", market.app.base_url()))
            .send()
            .await
            .unwrap();
        let location = answer
            .headers()
            .get("location")
            .map(|value| value.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location)
    };
    let link = format!("/buy/{}:1", name("item-0"));
    assert_eq!(
        follow(link.clone()).await,
        (303, Some("https://shop.example/0".to_owned()))
    );
    let post = market.app.published("acme", "item-0", json!({})).await;
    let page = format!(
        "{}/b/{}/buy",
        market.app.base_url(),
        post["slug"].as_str().unwrap()
    );
    assert_eq!(follow(link.clone()).await, (303, Some(page.clone())));
    let products = market
        .app
        .get("/v1/products?partner=acme", OPERATOR)
        .await
        .json();
    let products = products["data"].as_array().unwrap();
    let product = products
        .iter()
        .find(|one| one["item"]["id"] == "item-0")
        .unwrap();
    let by_id = format!(
        "/buy/{}:2?buyer/email=a@b.example&buyer/first_name=Ada&context/address_country=FR&viewer=v&continue_to=/b/x",
        product["id"].as_str().unwrap()
    );
    let filled = format!("{page}?viewer=v&email=a%40b.example&country=FR&name=Ada&quantity=2");
    assert_eq!(follow(by_id).await, (303, Some(filled.clone())));
    let path = filled.strip_prefix(market.app.base_url()).unwrap();
    let form = Answer::send(market.app.unauthenticated_request(Method::GET, path)).await;
    let form = form.body();
    for part in [
        "value=\"a@b.example\"",
        "value=\"Ada\"",
        "<option value=\"FR\" selected>",
        "<option value=\"2\" selected>",
    ] {
        assert!(form.contains(part), "{part}: {form}");
    }
    for elsewhere in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "javascript:x",
    ] {
        assert_eq!(
            follow(format!("{link}?continue_to={elsewhere}")).await.0,
            400,
            "{elsewhere}"
        );
    }
    for (path, status) in [
        ("/buy/prd_1:1", 404),
        ("/buy/~!:1", 404),
        ("/buy/a:0", 400),
        ("/buy/a:1,b:1", 400),
    ] {
        assert_eq!(follow(path.to_owned()).await.0, status, "{path}");
    }
    assert_eq!(market.count("SELECT count(*) FROM checkouts").await, 0);
    market.app.stop().await;
}
