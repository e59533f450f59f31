//! One rendered request: signed, sent, and during a rotation signed and sent again.
//!
//! A scheme with room for every valid key (Standard Webhooks, Stripe) is sent once, and either secret
//! verifies it. Where there is room for one signature (Shopify, UCP), we cannot know which secret the receiver
//! has: a 401 or 403 shows that it was the wrong one, and the other key follows at once, so that a
//! rotation makes no receiver fail. Must not interpret a reply in any other way.

use crate::ambient;
use buywire_adapters::contract::reply::Reply;
use buywire_adapters::contract::request::Rendered;
use buywire_adapters::signing::{self, Schemes, SigningKey, sign};

use super::sender::{Exchange, PreparedTarget, Sender};

/// One rendered request, ready to be signed and sent.
pub(crate) struct WebhookRequest<'a> {
    /// The delivery's id, `dlv_…`.
    pub id: String,
    pub schemes: Schemes,
    /// The current key first.
    pub keys: Vec<SigningKey>,
    pub rendered: Rendered,
    pub target: &'a PreparedTarget,
}

impl WebhookRequest<'_> {
    /// Sends it signed with the key at `first_key`, then once with each other key while the receiver
    /// rejects the signature. Successive attempts start with different keys, for
    /// receivers that reject with another status. `None` if nothing may be sent any more.
    pub(crate) async fn send(
        &self,
        sender: &Sender,
        first_key: usize,
        may_start: impl Fn() -> bool,
    ) -> Option<Exchange> {
        let key_count = signing::rotations(&self.schemes, &self.keys);
        let mut sent = None;
        for key_index in (first_key..).take(key_count) {
            if !may_start() {
                break;
            }
            let exchange = self.send_once(sender, key_index).await;
            let another_may_fit = exchange.outcome.as_ref().is_ok_and(rejects_signature);
            sent = Some(exchange);
            if !another_may_fit {
                break;
            }
        }
        sent
    }

    async fn send_once(&self, sender: &Sender, key_index: usize) -> Exchange {
        let attempt = signing::Attempt {
            webhook_id: &self.id,
            timestamp_s: ambient::now().unix_timestamp(),
            method: "POST",
            endpoint: self.target.target_url().url(),
            rotation: key_index,
        };
        let signed = sign(&self.schemes, &self.keys, &attempt, self.rendered.clone());
        sender.exchange(self.target, signed).await
    }
}

/// Whether the receiver did not recognise the signature.
fn rejects_signature(reply: &Reply) -> bool {
    matches!(reply.status, 401 | 403)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use buywire_adapters::signing::Scheme;
    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::delivery::sender::testing;
    use crate::egress::testing::Receiver;

    /// A receiver that knows one secret, and every signature that it was shown.
    async fn receiver_with_key(
        key: &SigningKey,
        status: u16,
    ) -> (Receiver, Arc<Mutex<Vec<String>>>) {
        let signatures = Arc::new(Mutex::new(Vec::new()));
        let expected = signature(key);
        let recorded = Arc::clone(&signatures);
        let receiver = testing::receiver(move |mut stream| {
            let (expected, recorded) = (expected.clone(), Arc::clone(&recorded));
            async move {
                while let Some(text) = testing::read_request(&mut stream).await {
                    let line = text.lines().find(|line| line.starts_with("x-shopify"));
                    let line = line.unwrap_or_default().to_owned();
                    let status = if line == expected { 200 } else { status };
                    recorded.lock().unwrap().push(line);
                    let reply = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                    if stream.write_all(reply.as_bytes()).await.is_err() {
                        return;
                    }
                }
            }
        });
        (receiver.await, signatures)
    }

    const BODY: &str = r#"{"a":1}"#;

    fn signature(key: &SigningKey) -> String {
        let attempt = signing::Attempt {
            webhook_id: "dlv_1",
            timestamp_s: 0,
            method: "POST",
            endpoint: &"http://127.0.0.1/".parse().unwrap(),
            rotation: 0,
        };
        let rendered = Rendered::json(BODY).unwrap();
        let signed = sign(
            &[Scheme::SHOPIFY],
            std::slice::from_ref(key),
            &attempt,
            rendered,
        );
        let (name, value) = &signed.headers()[0];
        format!("{name}: {value}")
    }

    /// The status of the last reply, and what the receiver was shown.
    async fn sent(
        keys: &[SigningKey],
        receiver_key: &SigningKey,
        status: u16,
        first_key: usize,
    ) -> (u16, Vec<String>) {
        let (receiver, signatures) = receiver_with_key(receiver_key, status).await;
        let request = WebhookRequest {
            id: "dlv_1".to_owned(),
            schemes: vec![Scheme::SHOPIFY].into(),
            keys: keys.to_vec(),
            rendered: Rendered::json(BODY).unwrap(),
            target: &testing::http_target(&receiver),
        };
        let exchange = request
            .send(&testing::sender(), first_key, || true)
            .await
            .unwrap();
        let signatures = signatures.lock().unwrap().clone();
        (exchange.outcome.unwrap().status, signatures)
    }

    #[test]
    fn a_scheme_without_a_key_of_its_kind_cannot_sign() {
        let keys = [SigningKey::fresh(&[1; 32])];
        assert!(signing::can_sign(&[Scheme::SHOPIFY], &keys));
        assert!(!signing::can_sign(&[Scheme::SHOPIFY], &[]));
        assert!(!signing::can_sign(&[Scheme::UCP], &keys));
    }

    #[tokio::test]
    async fn during_a_rotation_a_receiver_that_knows_either_secret_accepts() {
        let keys = [SigningKey::fresh(&[1; 32]), SigningKey::fresh(&[2; 32])];
        let [new, old] = [signature(&keys[0]), signature(&keys[1])];
        for status in [401, 403] {
            assert_eq!(
                sent(&keys, &keys[0], status, 0).await,
                (200, vec![new.clone()])
            );
            let both = vec![new.clone(), old.clone()];
            assert_eq!(sent(&keys, &keys[1], status, 0).await, (200, both));
        }
        let unknown_key = SigningKey::fresh(&[3; 32]);
        let (status, signatures) = sent(&keys, &unknown_key, 401, 0).await;
        assert_eq!((status, signatures.len()), (401, 2), "each key once");
    }

    #[tokio::test]
    async fn a_receiver_that_refuses_in_other_words_meets_the_other_key_at_the_next_attempt() {
        let keys = [SigningKey::fresh(&[1; 32]), SigningKey::fresh(&[2; 32])];
        assert_eq!(sent(&keys, &keys[1], 400, 0).await.0, 400);
        assert_eq!(sent(&keys, &keys[1], 400, 1).await.0, 200);
    }

    #[tokio::test]
    async fn without_a_rotation_a_refused_signature_is_sent_once() {
        let keys = [SigningKey::fresh(&[1; 32])];
        let (status, signatures) = sent(&keys, &SigningKey::fresh(&[2; 32]), 401, 0).await;
        assert_eq!((status, signatures.len()), (401, 1));
    }

    #[tokio::test]
    async fn nothing_is_sent_once_the_lease_is_over() {
        let keys = [SigningKey::fresh(&[1; 32])];
        let (receiver, signatures) = receiver_with_key(&keys[0], 401).await;
        let request = WebhookRequest {
            id: "dlv_1".to_owned(),
            schemes: vec![Scheme::SHOPIFY].into(),
            keys: keys.to_vec(),
            rendered: Rendered::json(BODY).unwrap(),
            target: &testing::http_target(&receiver),
        };
        assert!(
            request
                .send(&testing::sender(), 0, || false)
                .await
                .is_none()
        );
        assert!(signatures.lock().unwrap().is_empty());
    }
}
