//! Redaction: the buyer leaves, and does not come back with what was under way.

use std::sync::mpsc;

use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

/// On threads, because the receiver holds its answer back by holding up one of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reply_that_comes_after_the_redaction_leaves_no_buyer_behind() {
    for (status, attempts) in [(200, 2), (500, 3)] {
        let app = TestApp::start().await;
        let receiver = Receiver::start().await;
        let acme = app.partner("acme").await;
        app.endpoint(&acme, &receiver).create().await;
        let (arrived, arrives) = tokio::sync::oneshot::channel();
        let (redacted, redaction) = mpsc::channel();
        let mut first = Some(arrived);
        receiver.judge(move |_| match first.take() {
            Some(arrived) => {
                arrived.send(()).unwrap();
                redaction.recv().unwrap();
                Reply::status(status).body(b"thank you, Ada Lovelace")
            }
            None => Reply::status(204),
        });
        app.order(&order("P-1")).await;
        arrives.await.unwrap();
        assert_eq!(app.redact("P-1").await.status, 200);
        redacted.send(()).unwrap();

        app.counts("SELECT count(*) FROM attempts", attempts).await;
        let kept = "SELECT count(*) FROM attempts WHERE response_body IS NOT NULL";
        app.counts(kept, 0).await;
        app.finish().await;
    }
}
