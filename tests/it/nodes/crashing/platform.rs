//! The platform of the crash test: sends every order until it is answered with success, as the contract
//! requires, and later cancels every fifth.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{is_cancelled, sellers};
use crate::support::api::{Api, PLATFORM};
use crate::support::order::order;

const CONCURRENCY: usize = 64;
/// Orders in one batch.
const BATCH: usize = 1_000;
/// Between an order and its cancellation, as long as there are orders to send.
const CANCELLED_AFTER: usize = 100;

pub(super) struct Platform {
    shared: Arc<Shared>,
    clerks: Mutex<JoinSet<()>>,
}

struct Shared {
    api: Api,
    orders: usize,
    next: AtomicUsize,
    accepted: watch::Sender<usize>,
    /// Requests without an answer.
    waiting: AtomicUsize,
    to_cancel: Mutex<VecDeque<usize>>,
}

impl Platform {
    pub(super) fn start(api: Api, orders: usize) -> Self {
        let shared = Arc::new(Shared {
            api,
            orders,
            next: AtomicUsize::new(0),
            accepted: watch::Sender::new(0),
            waiting: AtomicUsize::new(0),
            to_cancel: Mutex::default(),
        });
        let mut clerks = JoinSet::new();
        for _ in 0..CONCURRENCY {
            clerks.spawn(Arc::clone(&shared).send_orders());
        }
        Self {
            shared,
            clerks: Mutex::new(clerks),
        }
    }

    /// Waits until this many orders were answered with success.
    pub(super) async fn accepted(&self, count: usize) {
        let mut accepted = self.shared.accepted.subscribe();
        accepted.wait_for(|so_far| *so_far >= count).await.unwrap();
    }

    /// Requests without an answer.
    pub(super) fn waiting(&self) -> usize {
        self.shared.waiting.load(Ordering::SeqCst)
    }

    /// Sends every order again: each must be a repetition. A lost order would be accepted as new, although its event
    /// may have arrived before the loss.
    pub(super) async fn assert_all_stored(&self) {
        let Shared { api, orders, .. } = &*self.shared;
        for first in (0..*orders).step_by(BATCH) {
            let batch: Vec<_> = (first..(first + BATCH).min(*orders)).map(body).collect();
            let answer = api
                .post_bytes("/v1/orders/batch", PLATFORM, batch.join("\n"))
                .await;
            let text = String::from_utf8(answer.bytes).unwrap();
            let lost: Vec<_> = text
                .lines()
                .filter(|line| !line.contains(r#""status":200"#))
                .collect();
            assert!(
                lost.is_empty() && text.lines().count() == batch.len(),
                "{} lost: {lost:?}",
                lost.len()
            );
        }
    }

    /// Waits until everything was answered with success.
    pub(super) async fn finished(&self) {
        let mut clerks = std::mem::take(&mut *self.clerks.lock().unwrap());
        while let Some(clerk) = clerks.join_next().await {
            clerk.unwrap();
        }
    }
}

impl Shared {
    async fn send_orders(self: Arc<Self>) {
        loop {
            if let Some(order) = self.next_to_cancel() {
                self.send_until_accepted(&format!("/v1/orders/C-{order}/cancel"), String::new())
                    .await;
                continue;
            }
            let order = self.next.fetch_add(1, Ordering::SeqCst);
            if order >= self.orders {
                return;
            }
            self.send_until_accepted("/v1/orders", body(order)).await;
            if is_cancelled(order) {
                self.to_cancel.lock().unwrap().push_back(order);
            }
            self.accepted.send_modify(|count| *count += 1);
        }
    }

    fn next_to_cancel(&self) -> Option<usize> {
        let mut to_cancel = self.to_cancel.lock().unwrap();
        let all_sent = self.next.load(Ordering::SeqCst) >= self.orders;
        if all_sent || to_cancel.len() > CANCELLED_AFTER / 5 {
            return to_cancel.pop_front();
        }
        None
    }

    /// Sends a request until it is answered with success.
    async fn send_until_accepted(&self, path: &str, body: String) {
        loop {
            let request = self
                .api
                .request(Method::POST, path, PLATFORM)
                .body(body.clone());
            self.waiting.fetch_add(1, Ordering::SeqCst);
            let answer = request.send().await;
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            match answer.map(|answer| answer.status()) {
                Ok(status) if status.is_success() => return,
                Ok(status) => assert!(status.is_server_error(), "{path}: {status}"),
                Err(_) => {}
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn body(number: usize) -> String {
    let sellers = sellers(number);
    let mut draft = order(&format!("C-{number}"));
    for slug in &sellers {
        draft = draft.line(slug, 1, 2_500);
    }
    if sellers.len() > 1 {
        let shipping = json!([{"partner": sellers[0], "amount": 500}]);
        draft = draft
            .with("/shipping", shipping)
            .with("/discount", json!([]));
    }
    draft.json().to_string()
}
