//! An image server like a merchant's CDN: with ranges and versions. It records every request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::api::{Api, OPERATOR};
use super::app::TestApp;
use super::receiver::{Received, Receiver, Reply};

pub(crate) struct ImageServer {
    receiver: Receiver,
    state: Arc<Mutex<ServerState>>,
}

#[derive(Default)]
struct ServerState {
    content: HashMap<String, ServedContent>,
    requests: Vec<Received>,
}

/// What a path serves.
#[derive(Clone)]
pub(crate) enum ServedContent {
    /// A file, with support for ranges.
    File(Vec<u8>),
    /// A file, without support for ranges.
    WithoutRanges(Vec<u8>),
    /// Any reply.
    Scripted(Reply),
}

impl ImageServer {
    /// Starts a server without files.
    pub(crate) async fn start() -> Self {
        let receiver = Receiver::start().await;
        let shared: Arc<Mutex<ServerState>> = Arc::default();
        let state = Arc::clone(&shared);
        receiver.respond_with(move |request| {
            let mut state = state.lock().unwrap();
            let path = request.target.clone();
            let served = state.content.get(&path).cloned();
            let reply = answer(served, &request);
            state.requests.push(request);
            reply
        });
        Self {
            receiver,
            state: shared,
        }
    }

    /// Serves something at a path and returns the URL.
    pub(crate) fn put(&self, path: &str, served: ServedContent) -> String {
        let mut state = self.state.lock().unwrap();
        state.content.insert(path.to_owned(), served);
        self.url(path)
    }

    /// A file.
    pub(crate) fn file(&self, path: &str, bytes: Vec<u8>) -> String {
        self.put(path, ServedContent::File(bytes))
    }

    /// Serves an empty reply with a status.
    pub(crate) fn status(&self, path: &str, status: u16) -> String {
        self.put(path, ServedContent::Scripted(Reply::status(status)))
    }

    /// An address.
    pub(crate) fn url(&self, path: &str) -> String {
        let hook = self.receiver.url();
        format!("{}{path}", hook.strip_suffix("/hook").unwrap())
    }

    /// The requests for a path, in order.
    pub(crate) fn requests_for(&self, path: &str) -> Vec<Received> {
        let all = self.requests().into_iter();
        all.filter(|request| request.target == path).collect()
    }

    /// All requests.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.state.lock().unwrap().requests.clone()
    }

    /// Requests that are not answered yet.
    pub(crate) fn pending(&self) -> usize {
        self.receiver.pending()
    }

    /// Releases the requests that hang.
    pub(crate) fn release(&self) {
        self.receiver.release();
    }
}

fn answer(served: Option<ServedContent>, request: &Received) -> Reply {
    match served {
        None => Reply::status(404),
        Some(ServedContent::Scripted(reply)) => reply,
        Some(ServedContent::WithoutRanges(bytes)) => Reply::status(200).body(&bytes),
        Some(ServedContent::File(bytes)) => {
            let etag = format!("\"{}\"", bytes.len());
            if request.try_header("if-none-match") == Some(&etag) {
                return Reply::status(304);
            }
            let range = request.header("range").strip_prefix("bytes=0-").unwrap();
            let end = (range.parse::<usize>().unwrap() + 1).min(bytes.len());
            Reply::status(206)
                // The content type must not decide whether a file is an image.
                .header("content-type", "text/plain")
                .header("etag", etag)
                .header(
                    "content-range",
                    format!("bytes 0-{}/{}", end - 1, bytes.len()),
                )
                .body(&bytes[..end])
        }
    }
}

/// A PNG of these dimensions and this number of bytes.
pub(crate) fn png(width: u32, height: u32, bytes: usize) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    file.extend(width.to_be_bytes());
    file.extend(height.to_be_bytes());
    file.extend(b"\x08\x06\0\0\0\0\0\0\0");
    file.resize(bytes.max(file.len()), 0);
    file
}

/// A JPEG whose dimensions follow this many bytes of profiles.
pub(crate) fn jpeg(width: u16, height: u16, profile_bytes: usize) -> Vec<u8> {
    let mut file = b"\xff\xd8".to_vec();
    let mut left = profile_bytes;
    while left > 0 {
        let part = left.min(60_000);
        file.extend(b"\xff\xe2");
        file.extend(u16::try_from(part + 2).unwrap().to_be_bytes());
        file.resize(file.len() + part, b'x');
        left -= part;
    }
    file.extend(b"\xff\xc0\0\x11\x08");
    file.extend(height.to_be_bytes());
    file.extend(width.to_be_bytes());
    file.extend(b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9");
    file
}

/// A GIF.
pub(crate) fn gif(width: u16, height: u16) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file.extend(b"\0\0\0;");
    file
}

/// A TIFF.
pub(crate) fn tiff(width: u16, height: u16) -> Vec<u8> {
    let entry = |tag: u16, value: u16| {
        let [tag, kind] = [tag.to_le_bytes(), 3_u16.to_le_bytes()];
        let [count, value] = [1_u32.to_le_bytes(), u32::from(value).to_le_bytes()];
        [&tag[..], &kind, &count, &value].concat()
    };
    let head = b"II*\0\x08\0\0\0\x02\0";
    [&head[..], &entry(256, width), &entry(257, height), &[0; 4]].concat()
}

/// A WebP.
pub(crate) fn webp(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
    file.extend(&(width - 1).to_le_bytes()[..3]);
    file.extend(&(height - 1).to_le_bytes()[..3]);
    file
}

/// A feed of items with these main images, at 10.00 each.
pub(crate) fn feed_with_images<'a>(items: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    feed_with_prices(items.into_iter().map(|(id, url)| (id, url, "10.00 EUR")))
}

/// The same with these prices.
pub(crate) fn feed_with_prices<'a>(
    items: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>,
) -> String {
    let mut feed = "id,title,link,image_link,price,availability\n".to_owned();
    for (id, url, price) in items {
        feed += &format!("{id},Cup {id},https://shop.example/{id},{url},{price},in_stock\n");
    }
    feed
}

impl Api {
    /// A partner's main images, all or with one status.
    pub(crate) async fn images(&self, partner: &str, status: &str) -> Vec<Value> {
        let path = format!("/v1/partners/{partner}/feed/images?limit=500{status}");
        let page = self.get(&path, OPERATOR).await.json();
        page["data"].as_array().unwrap().clone()
    }

    /// The document of one image.
    pub(crate) async fn image(&self, partner: &str, url: &str) -> Value {
        let all = self.images(partner, "").await;
        let found = all.iter().find(|one| one["url"] == url);
        found.unwrap_or_else(|| panic!("{url}: {all:?}")).clone()
    }
}

impl TestApp {
    /// Waits until no check is due and every verdict is applied.
    pub(crate) async fn wait_for_image_checks(&self) {
        let walks = "SELECT count(*) FROM feeds f LEFT JOIN image_walks w USING (partner)
            WHERE f.updated_at IS NOT NULL AND (w.since IS NULL OR w.target IS NOT NULL OR f.updated_at > w.since)";
        self.wait_for_count(walks, 0).await;
        self.wait_for_count(
            "SELECT count(*) FROM image_hosts WHERE lease IS NOT NULL OR next_at <= now()",
            0,
        )
        .await;
        self.wait_for_count("SELECT count(*) FROM images WHERE unsettled", 0)
            .await;
    }

    /// Makes every image due for a check now.
    pub(crate) async fn recheck_images(&self) {
        self.wait_for_image_checks().await;
        let now = "UPDATE images SET next_at = now(); UPDATE image_hosts SET next_at = now(), failing = 0";
        self.sql.batch_execute(now).await.unwrap();
        self.wait_for_image_checks().await;
    }

    /// Waits for products whose image was refused.
    pub(crate) async fn refused_image_count(&self) -> i64 {
        let refused = "SELECT count(*) FROM products WHERE image_refused";
        self.sql.query_one(refused, &[]).await.unwrap().get(0)
    }
}
