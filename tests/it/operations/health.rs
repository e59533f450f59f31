//! Health checks, as load balancers make them.

use reqwest::Method;

use crate::support::api::Answer;
use crate::support::app::TestApp;

#[tokio::test]
async fn health_and_readiness_answer_get_and_head_without_a_key() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/readyz"] {
        let get = Answer::send(app.unauthenticated_request(Method::GET, path)).await;
        assert_eq!(get.status, 200, "{path}: {get:?}");
        assert!(!get.bytes.is_empty(), "{path}");
        let head = Answer::send(app.unauthenticated_request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.bytes.len()), (200, 0), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"));
        let post = Answer::send(app.unauthenticated_request(Method::POST, path)).await;
        post.problem(405, "method-not-allowed");
    }
    app.finish().await;
}
