//! Servers that never end, and downloads that exceed a bound.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::sync::mpsc;

use super::download::FileState;
use super::login::LoginSecret;
use super::*;
use crate::egress::SavedBy;
use crate::egress::testing::Receiver;

/// Long enough for a busy machine, short enough to wait for.
const SHORT: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_mins(1);
/// An SSH packet that says nothing (RFC 4253, 11.2), before encryption.
const IGNORE: [u8; 16] = [0, 0, 0, 12, 6, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

fn fetcher(idle: Duration) -> FileFetcher {
    let limits = FetchLimits {
        connect: SHORT,
        idle,
        total: LONG,
        bytes_max: 100,
    };
    FileFetcher::new(policy(), limits).unwrap()
}

fn policy() -> EgressPolicy {
    EgressPolicy::parse("127.0.0.0/8").unwrap()
}

fn request(url: &str) -> FileRequest {
    FileRequest {
        url: FileUrl::parse(url, SavedBy::Operator, &policy()).unwrap(),
        login: Login::new("ann".to_owned(), LoginSecret::Password("x".to_owned())),
        host_key: None,
        validator: None,
        disk: Arc::default(),
        partner: PartnerId::generate(),
    }
}

#[tokio::test]
async fn a_server_that_only_keeps_talking_is_hung_up_on() {
    let (ended, mut has_ended) = mpsc::unbounded_channel();
    let server = Receiver::start(([127, 0, 0, 1], 0).into(), move |mut stream| {
        let ended = ended.clone();
        async move {
            let _ = stream.write_all(b"SSH-2.0-endless\r\n").await;
            while stream.write_all(&IGNORE).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let _ = ended.send(());
        }
    });
    let url = format!("sftp://{}/feed.csv", server.await.unwrap().address);
    let fetched = fetcher(SHORT).fetch(&request(&url)).await;
    assert_eq!(fetched.err().unwrap().code, Code::FetchTimeout);
    let hung_up = timeout(LONG, has_ended.recv()).await;
    assert_eq!(hung_up, Ok(Some(())));
}

async fn download_error(idle: Duration, mut file: impl AsyncRead + Unpin) -> Option<Code> {
    let request = request("sftp://127.0.0.1/feed.csv");
    let downloaded = fetcher(idle).download(&request, &mut file).await;
    downloaded.err().map(|error| error.code)
}

#[tokio::test]
async fn a_file_is_read_up_to_its_bound() {
    let fits = download_error(LONG, &[b'x'; 100][..]).await;
    assert_eq!(fits, None);
    let too_large = download_error(LONG, &[b'x'; 101][..]).await;
    assert_eq!(too_large, Some(Code::FetchTooLarge));
    let endless = download_error(LONG, tokio::io::repeat(b'x')).await;
    assert_eq!(endless, Some(Code::FetchTooLarge));
}

#[tokio::test]
async fn a_download_that_stalls_or_breaks_off_is_not_a_document() {
    let (_open, silent) = tokio::io::duplex(64);
    let stalled = download_error(SHORT, silent).await;
    assert_eq!(stalled, Some(Code::FetchTimeout));
    assert_eq!(
        download_error(LONG, Broken).await,
        Some(Code::FetchTruncated)
    );
}

#[tokio::test]
async fn a_file_that_is_too_large_or_changes_while_it_is_read_is_not_a_document() {
    let (fetcher, request) = (fetcher(LONG), request("sftp://127.0.0.1/feed.csv"));
    let state = |bytes| FileState {
        bytes: Some(bytes),
        modified_at_s: Some(0),
    };
    let size = fetcher.check_size(&request, state(101));
    assert_eq!(size.unwrap_err().code, Code::FetchTooLarge);
    assert!(fetcher.check_size(&request, state(100)).is_ok());
    for (before, after, is_document) in [(7, 7, true), (7, 8, false), (8, 8, false)] {
        let spooled = fetcher.download(&request, &mut &b"1234567"[..]).await;
        let read = request.document(spooled.ok().unwrap(), state(before), state(after), 1_000);
        let refused = read.err().map(|error| error.code);
        let expected = (!is_document).then_some(Code::FetchTruncated);
        assert_eq!(refused, expected, "{before} {after}");
    }
}

#[test]
fn no_server_proves_itself_with_sha_1() {
    let offered = sftp::config(LONG).preferred.key;
    let names: Vec<_> = offered.iter().map(ToString::to_string).collect();
    assert!(names.contains(&"rsa-sha2-256".to_owned()) && !names.contains(&"ssh-rsa".to_owned()));
}

/// A connection that breaks.
struct Broken;

impl AsyncRead for Broken {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }
}
