//! Fetching images: how much is read, which redirects are followed, which answers are definite.

use buywire::testing::CheckImages;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::image_server::{ImageServer, ServedContent, feed_with_images, jpeg, png};
use crate::support::receiver::Reply;

async fn start() -> (TestApp, ImageServer) {
    let app = TestApp::start_with(|settings| settings.check_images = CheckImages::Private).await;
    app.partner("acme").await;
    (app, ImageServer::start().await)
}

async fn push(app: &TestApp, urls: &[&str]) {
    let ids: Vec<_> = (0..urls.len()).map(|n| format!("item-{n}")).collect();
    let items = ids.iter().zip(urls).map(|(id, url)| (id.as_str(), *url));
    let report = app.push("acme", feed_with_images(items)).await;
    assert_eq!(report["status"], "applied", "{report}");
    app.wait_for_image_checks().await;
}

#[tokio::test]
async fn only_what_is_no_usable_picture_is_definite() {
    let (app, pictures) = start().await;
    let page = b"<!DOCTYPE html><html><body>Our shop has moved</body></html>".to_vec();
    let huge = Reply::status(206)
        .header("content-range", "bytes 0-32/16777217")
        .body(&png(640, 480, 0));
    let cases = [
        (
            pictures.put("/page", ServedContent::WithoutRanges(page)),
            "image_wrong_type",
        ),
        (pictures.file("/small", png(50, 50, 0)), "image_too_small"),
        (pictures.file("/flat", png(1000, 99, 0)), "image_too_small"),
        (
            pictures.file("/wide", png(8001, 8000, 0)),
            "image_too_large",
        ),
        (
            pictures.put("/heavy", ServedContent::Scripted(huge)),
            "image_too_large",
        ),
        (pictures.status("/410", 410), "image_not_found"),
    ];
    let least = pictures.file("/least", png(100, 100, 0));
    let most = pictures.file("/most", png(8000, 8000, 0));
    let mut urls: Vec<_> = cases.iter().map(|(url, _)| url.as_str()).collect();
    urls.extend([least.as_str(), &most]);
    push(&app, &urls).await;
    assert_eq!(app.refused_image_count().await, 0);
    app.recheck_images().await;
    assert_eq!(app.refused_image_count().await, 6);
    for (url, reason) in &cases {
        let shown = app.image("acme", url).await;
        assert_eq!(
            (&shown["status"], &shown["reason"]),
            (&json!("bad"), &json!(reason)),
            "{url}"
        );
    }
    for url in [&least, &most] {
        assert_eq!(app.image("acme", url).await["status"], "good");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_beginning_is_read_and_more_only_where_the_size_is_further_behind() {
    let (app, pictures) = start().await;
    let large = pictures.file("/large.png", png(3000, 2000, 3_000_000));
    let behind = pictures.file("/behind.jpg", jpeg(3000, 2000, 150_000));
    let never = pictures.file("/never.jpg", jpeg(3000, 2000, 600_000));
    let whole = pictures.put(
        "/whole.jpg",
        ServedContent::WithoutRanges(jpeg(3000, 2000, 150_000)),
    );
    push(&app, &[&large, &behind, &never, &whole]).await;
    for (url, path, ranges) in [
        (&large, "/large.png", &["bytes=0-65535"][..]),
        (&behind, "/behind.jpg", &["bytes=0-65535", "bytes=0-524287"]),
        (&whole, "/whole.jpg", &["bytes=0-65535"]),
    ] {
        let shown = app.image("acme", url).await;
        assert_eq!(
            (&shown["status"], &shown["width"]),
            (&json!("good"), &json!(3000)),
            "{path}"
        );
        let request = pictures.requests_for(path);
        let request: Vec<_> = request.iter().map(|one| one.header("range")).collect();
        assert_eq!(request, ranges, "{path}");
    }
    let shown = app.image("acme", &never).await;
    assert_eq!(
        (&shown["status"], &shown["reason"]),
        (&json!("unreachable"), &json!("header"))
    );
    app.stop().await;
}

#[tokio::test]
async fn redirects_are_followed_five_times_and_never_inside() {
    let (app, pictures) = start().await;
    let to =
        |position: &str| ServedContent::Scripted(Reply::status(302).header("location", position));
    pictures.file("/r/0", png(640, 480, 0));
    for n in 1..=6 {
        pictures.put(&format!("/r/{n}"), to(&(n - 1).to_string()));
    }
    let [five, six] = [pictures.url("/r/5"), pictures.url("/r/6")];
    let inside = pictures.put("/inside", to("http://10.0.0.1/secret.png"));
    let spelled = pictures.put("/spelled", to("http://2852039166/latest"));
    let local = pictures.put("/file", to("file:///etc/passwd"));
    let lost = pictures.put("/lost", ServedContent::Scripted(Reply::status(302)));
    push(&app, &[&five, &six, &inside, &spelled, &local, &lost]).await;
    assert_eq!(app.image("acme", &five).await["status"], "good");
    for (url, reason) in [
        (&six, "redirects"),
        (&inside, "blocked_address"),
        (&spelled, "blocked_address"),
        (&local, "scheme"),
        (&lost, "redirects"),
    ] {
        let shown = app.image("acme", url).await;
        assert_eq!(
            (&shown["status"], &shown["reason"]),
            (&json!("unreachable"), &json!(reason)),
            "{url}"
        );
    }
    app.stop().await;
}

#[tokio::test]
async fn a_known_picture_is_asked_for_by_its_version() {
    let (app, pictures) = start().await;
    let url = pictures.file("/cup.png", png(640, 480, 0));
    push(&app, &[&url]).await;
    let monthly = "SELECT count(*) FROM images WHERE status = 'good' AND next_at > checked_at + interval '29 days'";
    app.wait_for_count(monthly, 1).await;
    app.recheck_images().await;
    let request = pictures.requests_for("/cup.png");
    assert_eq!(request[0].try_header("if-none-match"), None);
    assert_eq!(request[1].header("if-none-match"), "\"33\"");
    let shown = app.image("acme", &url).await;
    assert_eq!(
        (&shown["status"], &shown["width"]),
        (&json!("good"), &json!(640))
    );
    // It is another one now.
    pictures.file("/cup.png", png(50, 50, 40));
    app.recheck_images().await;
    let shown = app.image("acme", &url).await;
    assert_eq!(
        (&shown["reason"], &shown["width"]),
        (&json!("image_too_small"), &json!(50))
    );
    app.stop().await;
}

#[tokio::test]
async fn without_an_operators_word_no_picture_is_asked_for_inside() {
    let app = TestApp::start_with(|settings| settings.check_images = CheckImages::On).await;
    app.partner("acme").await;
    let pictures = ImageServer::start().await;
    let plain = pictures.file("/cup.png", png(640, 480, 0));
    let port = plain.split(':').nth(2).unwrap().split('/').next().unwrap();
    let secure = format!("https://127.0.0.1:{port}/cup.png");
    let named = format!("https://localhost:{port}/cup.png");
    let open = "http://pictures.example/cup.png".to_owned();
    push(&app, &[&plain, &secure, &named, &open]).await;
    for (url, reason) in [
        (&plain, "blocked_address"),
        (&secure, "blocked_address"),
        (&named, "blocked_address"),
        (&open, "not_https"),
    ] {
        let shown = app.image("acme", url).await;
        assert_eq!(
            (&shown["status"], &shown["reason"]),
            (&json!("unreachable"), &json!(reason)),
            "{url}"
        );
    }
    assert!(pictures.requests().is_empty());
    app.stop().await;
}

#[tokio::test]
async fn nobody_looks_when_it_is_switched_off() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let pictures = ImageServer::start().await;
    let url = pictures.file("/cup.png", png(640, 480, 0));
    app.push("acme", feed_with_images([("cup", url.as_str())]))
        .await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert!(pictures.requests().is_empty());
    app.wait_for_images(0).await;
    app.stop().await;
}
