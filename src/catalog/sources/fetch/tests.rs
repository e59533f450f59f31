//! Fetches that exceed a bound: bytes, time or allowed addresses.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::egress::testing::{FakeDns, Receiver, clients};

/// Long enough for a busy machine, short enough to wait for.
const SHORT: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(60);

fn fetcher(limits: FetchLimits) -> Fetcher {
    let policy = EgressPolicy::parse("127.0.0.0/8").unwrap();
    Fetcher {
        clients: clients(&policy, FakeDns::all_resolve_to(&["127.0.0.1"])),
        policy,
        limits,
    }
}

fn limits() -> FetchLimits {
    FetchLimits {
        connect: SHORT,
        idle: LONG,
        total: LONG,
        bytes_max: 100,
    }
}

fn request(url: &str, saved_by: SavedBy) -> FetchRequest {
    let policy = EgressPolicy::parse("127.0.0.0/8").unwrap();
    FetchRequest {
        url: TargetUrl::parse(url, saved_by, &policy).unwrap(),
        saved_by,
        headers: HeaderSet::default(),
        etag: None,
        last_modified: None,
        disk: Arc::default(),
        partner: PartnerId::generate(),
    }
}

/// A server that sends `text`, then (if it `drips`) a byte every 50 ms while the client is connected.
async fn server(text: String, drips: bool) -> Receiver {
    let serve = move |mut stream: TcpStream| {
        let text = text.clone();
        async move {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(text.as_bytes()).await;
            while drips && stream.write_all(b".").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            // Kept open.
            let _ = stream.read(&mut request).await;
        }
    };
    Receiver::start(([127, 0, 0, 1], 0).into(), serve)
        .await
        .unwrap()
}

async fn error_code(limits: FetchLimits, text: String, drips: bool) -> Option<Code> {
    let server = server(text, drips).await;
    let url = format!("http://{}/feed.csv", server.address);
    let fetched = fetcher(limits)
        .fetch(&request(&url, SavedBy::Operator))
        .await;
    fetched.err().map(|error| error.code)
}

fn reply(headers: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n{body}")
}

#[tokio::test]
async fn a_body_is_taken_up_to_its_bound() {
    let fits = "x".repeat(100);
    let announced = |length: usize, body: &str| reply(&format!("content-length: {length}"), body);
    assert_eq!(
        error_code(limits(), announced(100, &fits), false).await,
        None
    );
    // Rejected before any of the body is read.
    let begun = std::time::Instant::now();
    assert_eq!(
        error_code(limits(), announced(101, ""), false).await,
        Some(Code::FetchTooLarge)
    );
    assert!(begun.elapsed() < LONG / 2);
    let chunked = reply(
        "transfer-encoding: chunked",
        &format!("60\r\n{}\r\n60\r\n{}\r\n", "x".repeat(96), "x".repeat(96)),
    );
    assert_eq!(
        error_code(limits(), chunked, false).await,
        Some(Code::FetchTooLarge)
    );
}

#[tokio::test]
async fn a_fetch_ends_in_its_time_however_slowly_the_other_side_talks() {
    let large = FetchLimits {
        bytes_max: 1 << 20,
        ..limits()
    };
    let stands_still = FetchLimits {
        idle: SHORT,
        ..large
    };
    let head = reply("content-length: 1000", "a few");
    assert_eq!(
        error_code(stands_still, head.clone(), false).await,
        Some(Code::FetchTimeout)
    );
    assert_eq!(
        error_code(stands_still, String::new(), false).await,
        Some(Code::FetchTimeout)
    );
    let goes_on = FetchLimits {
        total: SHORT,
        ..large
    };
    let endless = reply("content-length: 1000000", "");
    assert_eq!(
        error_code(goes_on, endless, true).await,
        Some(Code::FetchTimeout)
    );
}

#[tokio::test]
async fn a_name_that_means_an_inner_address_is_not_asked_for_a_partner() {
    let server = server(reply("content-length: 0", ""), false).await;
    let url = format!("https://shop.example:{}/feed.csv", server.address.port());
    let fetched = fetcher(limits())
        .fetch(&request(&url, SavedBy::Partner))
        .await;
    let fault = fetched.err().unwrap();
    assert_eq!(fault.code, Code::FetchFailed);
    assert!(fault.to_string().ends_with("(blocked_address)"), "{fault}");
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_files_name_is_the_end_of_its_path() {
    let name = |url: &str| file_name(&url.parse().unwrap());
    assert_eq!(
        name("https://shop.example/a/feed.csv.gz?x=/y").as_deref(),
        Some("feed.csv.gz")
    );
    assert_eq!(name("https://shop.example/"), None);
}
