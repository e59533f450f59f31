//! Open pages do not keep a gateway from stopping.

use std::time::{Duration, Instant};

use reqwest::Method;

use super::browser::Browser;
use crate::support::api::OPERATOR;
use crate::support::node::Node;

const TABS: usize = 10;

#[tokio::test]
async fn a_gateway_stops_in_15_seconds_with_ten_live_pages_and_ends_their_streams() {
    let mut node = Node::private(&[]).await;
    let base = node.url("");
    let mut streams = Vec::new();
    for _ in 0..TABS {
        let browser = Browser::signed_in(&base, OPERATOR).await;
        let request = browser.request(Method::GET, "/console/live");
        let mut stream = request.send().await.unwrap();
        assert_eq!(stream.status(), 200);
        let first = stream.chunk().await.unwrap().unwrap();
        assert_eq!(first.as_ref(), b"retry: 2000\n\n");
        streams.push(stream);
    }
    let began = Instant::now();
    node.request_stop();
    for mut stream in streams {
        // The streams end by themselves: none is cut off.
        while stream.chunk().await.unwrap().is_some() {}
    }
    assert!(node.wait_for_exit().success());
    let took = began.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
}
