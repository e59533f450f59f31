//! Replies that want the sender's time or memory, and get neither.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::testing::*;
use super::*;

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n";

/// Sends to a receiver and checks that the attempt ended in time.
async fn sent(to: &PreparedTarget) -> Result<Reply, SendFailure> {
    let begun = Instant::now();
    let reply = sender().send(to, signed()).await;
    let elapsed = begun.elapsed();
    assert!(
        elapsed < TOTAL + Duration::from_millis(500),
        "took {elapsed:?}"
    );
    reply
}

/// A receiver that writes `first` and then `again` after each pause, for ever.
async fn endless(first: &'static [u8], again: Vec<u8>, pause: Duration) -> PreparedTarget {
    let again: Arc<[u8]> = again.into();
    let serve = move |mut stream: TcpStream| {
        let again = Arc::clone(&again);
        async move {
            let _ = read_request(&mut stream).await;
            let _ = stream.write_all(first).await;
            while stream.write_all(&again).await.is_ok() {
                sleep(pause).await;
            }
        }
    };
    http_target(&receiver(serve).await)
}

#[tokio::test]
async fn a_dripping_head_times_out() {
    let drip = endless(HEAD, b"x".into(), Duration::from_millis(100)).await;
    assert_eq!(sent(&drip).await, Err(SendFailure::Timeout));
}

#[tokio::test]
async fn endless_interim_replies_time_out() {
    let interim = b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec();
    let endless = endless(b"", interim, Duration::from_millis(1)).await;
    assert_eq!(sent(&endless).await, Err(SendFailure::Timeout));
}

#[tokio::test]
async fn silence_times_out() {
    let silent = endless(b"", Vec::new(), TOTAL * 3).await;
    assert_eq!(sent(&silent).await, Err(SendFailure::Timeout));
}

#[tokio::test]
async fn a_dripping_body_is_cut_at_the_timeout_and_the_status_stands() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
    let drip = endless(head, b"x".into(), Duration::from_millis(300)).await;
    let reply = sent(&drip).await.unwrap();
    assert_eq!((reply.status, reply.truncated), (200, true));
    assert!((1..10).contains(&reply.body.len()), "{}", reply.body.len());
}

#[tokio::test]
async fn an_endless_body_is_cut_at_once() {
    let begun = Instant::now();
    for head in [
        b"HTTP/1.1 200 OK\r\n\r\n".as_slice(),
        b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n",
    ] {
        let endless = endless(head, vec![b'x'; 5000], Duration::ZERO).await;
        let reply = sent(&endless).await.unwrap();
        assert_eq!((reply.body.len(), reply.truncated), (REPLY_BYTES_MAX, true));
    }
    assert!(begun.elapsed() < TOTAL);
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_the_status() {
    let serve = |mut stream: TcpStream| async move {
        let _ = read_request(&mut stream).await;
        let half = b"HTTP/1.1 500 Oops\r\ncontent-length: 10\r\n\r\nhalf";
        let _ = stream.write_all(half).await;
    };
    let reply = sent(&http_target(&receiver(serve).await)).await.unwrap();
    assert_eq!((reply.status, reply.truncated), (500, true));
    assert_eq!(reply.body, b"half");
}

#[tokio::test]
async fn a_body_of_exactly_the_bound_is_whole_and_keeps_its_connection() {
    for (length, truncated) in [(REPLY_BYTES_MAX, false), (REPLY_BYTES_MAX + 1, true)] {
        let mut reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes();
        reply.resize(reply.len() + length, b'x');
        let (receiver, _) = receiver_replying(reply).await;
        let (sender, to) = (sender(), http_target(&receiver));
        for _ in 0..3 {
            let reply = sender.send(&to, signed()).await.unwrap();
            assert_eq!(
                (reply.body.len(), reply.truncated),
                (REPLY_BYTES_MAX, truncated)
            );
        }
        // What becomes of a cut one's connection is the client's business.
        assert!(truncated || receiver.connections() == 1);
    }
}

#[tokio::test]
async fn a_compressed_body_stays_compressed() {
    // 10 MB of zeros begin like this.
    let bomb = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xec\xc1\x01\x01\x00\x00";
    let mut reply =
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 16\r\n\r\n".to_vec();
    reply.extend(bomb);
    let (receiver, arrived) = receiver_replying(reply).await;
    let reply = sent(&http_target(&receiver)).await.unwrap();
    assert_eq!(reply.body, bomb);
    assert!(!arrived.lock().unwrap().join("").contains("accept-encoding"));
}

#[tokio::test]
async fn a_megabyte_of_headers_is_no_reply() {
    let one_long = [HEAD, b"x: ", &vec![b'x'; 1 << 20], b"\r\n\r\n"].concat();
    let many = [HEAD, &b"x: 1234567890\r\n".repeat(70_000), b"\r\n"].concat();
    for reply in [one_long, many] {
        let (receiver, _) = receiver_replying(reply).await;
        assert_eq!(
            sent(&http_target(&receiver)).await,
            Err(SendFailure::BadReply)
        );
    }
}
