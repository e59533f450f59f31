//! The requests to the API and their replies, for whoever compares them with Stripe's description.
//!
//! Promises: the newest `REQUESTS_MAX` are kept; digits that could be a card number are blanked in every value; the
//! hosted page's form is never recorded, nor is the key.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::cards::has_right_check_digit;

/// Some 20 MB.
const REQUESTS_MAX: usize = 5_000;
const BLANKED: &str = "[blanked]";

/// One request with its reply.
#[derive(Debug)]
pub(crate) struct RecordedRequest {
    pub(crate) request_id: String,
    pub(crate) at: i64,
    pub(crate) method: String,
    /// The path with its ids.
    pub(crate) path: String,
    /// The path as Stripe's description spells it; none for an unknown route.
    pub(crate) route: Option<&'static str>,
    pub(crate) params: Value,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) status: u16,
    pub(crate) reply: Value,
    pub(crate) is_replay: bool,
}

/// The newest requests.
#[derive(Debug, Default)]
pub(crate) struct Recorder(VecDeque<RecordedRequest>);

impl Recorder {
    pub(crate) fn record(&mut self, mut request: RecordedRequest) {
        blank(&mut request.params);
        // It repeats what was sent.
        blank(&mut request.reply);
        if self.0.len() >= REQUESTS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(request);
    }

    /// All of them, the oldest first.
    pub(crate) fn document(&self) -> Value {
        let requests = self.0.iter().map(|request| {
            json!({
                "request_id": request.request_id,
                "at": request.at,
                "method": request.method,
                "path": request.path,
                "route": request.route,
                "params": request.params,
                "idempotency_key": request.idempotency_key,
                "status": request.status,
                "reply": request.reply,
                "is_replay": request.is_replay,
            })
        });
        json!({"data": requests.collect::<Vec<_>>()})
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Blanks texts that hold a card number, and card security codes by their name.
fn blank(value: &mut Value) {
    match value {
        Value::String(text) if holds_card_number(text) => *text = BLANKED.to_owned(),
        Value::Array(values) => values.iter_mut().for_each(blank),
        Value::Object(members) => {
            for (name, value) in members {
                match name.as_str() {
                    "number" | "cvc" => *value = BLANKED.into(),
                    _ => blank(value),
                }
            }
        }
        _ => {}
    }
}

fn holds_card_number(text: &str) -> bool {
    let kept = text.chars().filter(|c| !" -.".contains(*c));
    let text: String = kept.collect();
    let mut runs = text.split(|c: char| !c.is_ascii_digit());
    runs.any(|run| (12..=19).contains(&run.len()) && has_right_check_digit(run))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_data_is_blanked_wherever_it_was_sent() {
        let mut params = json!({
            "payment_method_data": {"card": {"number": "1", "cvc": "123"}},
            "metadata": {"a": "card 4242 4242-4242 4242", "b": "order 10001", "c": "1732990000"},
        });
        blank(&mut params);
        let expected = json!({
            "payment_method_data": {"card": {"number": BLANKED, "cvc": BLANKED}},
            "metadata": {"a": BLANKED, "b": "order 10001", "c": "1732990000"},
        });
        assert_eq!(params, expected);
    }
}
