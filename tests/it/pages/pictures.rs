//! Pictures on pages: those that can be shown, with their size for networks, and no others.

use buywire::testing::CheckImages;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::image_server::{ImageServer, feed_with_images, png, tiff};

async fn html(app: &TestApp, path: &str) -> String {
    let answer = Answer::send(app.unauthenticated_request(Method::GET, path)).await;
    assert_eq!(answer.status, 200, "{path}");
    String::from_utf8(answer.bytes).unwrap()
}

fn slug(post: &Value) -> &str {
    post["slug"].as_str().unwrap()
}

async fn start() -> (TestApp, ImageServer) {
    let app = TestApp::start_with(|settings| settings.check_images = CheckImages::Private).await;
    app.partner("acme").await;
    (app, ImageServer::start().await)
}

async fn open_shop(app: &TestApp, items: &[&str]) {
    let body = json!({"enabled": true, "items": items}).to_string();
    let set = app.request(Method::PUT, "/v1/partners/acme/shop", OPERATOR);
    assert_eq!(Answer::send(set.body(body)).await.status, 200);
}

#[tokio::test]
async fn networks_read_the_size_of_a_picture_once_it_is_known() {
    let (app, pictures) = start().await;
    let url = pictures.file("/cup", png(1200, 630, 0));
    app.push("acme", feed_with_images([("cup", url.as_str())]))
        .await;
    app.wait_for_image_checks().await;
    let post = app.published("acme", "cup", json!({})).await;
    open_shop(&app, &["cup"]).await;
    for path in [format!("/b/{}", slug(&post)), "/shop/acme".to_owned()] {
        let page = html(&app, &path).await;
        for (key, content) in [
            ("og:image", url.as_str()),
            ("og:image:width", "1200"),
            ("og:image:height", "630"),
        ] {
            let meta = format!("<meta property=\"{key}\" content=\"{content}\">");
            assert!(page.contains(&meta), "{meta} is not in {page}");
        }
    }
    // Of another picture nothing is known yet.
    let other = url.replace("/cup", "/other");
    app.push("acme", feed_with_images([("cup", other.as_str())]))
        .await;
    let page = html(&app, &format!("/b/{}", slug(&post))).await;
    assert!(page.contains(&other), "{page}");
    app.stop().await;
}

#[tokio::test]
async fn a_refused_picture_is_shown_nowhere() {
    let (app, pictures) = start().await;
    let gone = pictures.status("/gone", 410);
    let print = pictures.file("/print", tiff(800, 600));
    let feed = feed_with_images([("gone", gone.as_str()), ("print", &print)]);
    app.push("acme", feed.clone()).await;
    app.wait_for_image_checks().await;
    let mut posts = Vec::new();
    for item in ["gone", "print"] {
        posts.push(app.published("acme", item, json!({})).await);
    }
    open_shop(&app, &["gone", "print"]).await;
    app.recheck_images().await;
    assert_eq!(app.refused_image_count().await, 2);
    assert_eq!(app.image("acme", &print).await["reason"], "image_tiff");
    let mut pages = vec![html(&app, "/shop/acme").await];
    for post in &posts {
        pages.push(html(&app, &format!("/b/{}", slug(post))).await);
        pages.push(html(&app, &format!("/embed/{}", slug(post))).await);
    }
    for page in pages {
        assert!(
            !page.contains("<img") && !page.contains("og:image"),
            "{page}"
        );
        assert!(page.contains("class=\"blank\""), "{page}");
    }
    let path = format!("/v1/posts/{}", posts[0]["id"].as_str().unwrap());
    assert_eq!(
        app.get(&path, OPERATOR).await.json()["card"]["image"],
        Value::Null
    );
    let report = app.push("acme", feed.replace("10.00", "11.00")).await;
    let codes = report["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["code"]);
    let codes: Vec<_> = codes.filter_map(Value::as_str).collect();
    assert!(
        codes.contains(&"image_tiff") && codes.contains(&"image_not_found"),
        "{report}"
    );
    app.stop().await;
}
