//! How the story is told: short lines, the same columns all the way, colours on a terminal only.

use std::io::IsTerminal;
use std::path::Path;

use buywire_schemas::money::Currency;
use serde_json::Value;

use super::cast::{PARTNERS, word};
use super::receiver::Visit;
use crate::output;
use crate::stage::Gateway;

/// The voice.
pub(super) struct Telling {
    colours: bool,
}

impl Telling {
    pub(super) fn new() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some();
        Self {
            colours: std::io::stdout().is_terminal() && !plain,
        }
    }

    pub(super) fn chapter(&self, title: &str) {
        output::say(format_args!("\n{}", self.paint("1", title)));
    }

    pub(super) fn line(&self, text: &str) {
        output::say(format_args!("  {text}"));
    }

    pub(super) fn started(&self, gateway: &Gateway, port: u16) {
        let names: Vec<_> = PARTNERS.iter().map(|partner| partner.name).collect();
        self.line(&format!(
            "gateway     http://{} on a private PostgreSQL",
            gateway.address
        ));
        self.line(&format!(
            "receiver    port {port}, verifies with the published standardwebhooks crate"
        ));
        self.line(&format!("partners    {}", names.join(", ")));
    }

    pub(super) fn order(&self, what: &str, order: &Value, partners: &[String]) {
        let arrow = self.paint("2", "→");
        self.line(&format!(
            "{:<9}{what:<19}{:>13}  {arrow} {}",
            word(order, "/order_id"),
            price(order),
            partners.join(", "),
        ));
    }

    /// `sent_ns` is when the order was sent, for a first attempt.
    pub(super) fn visit(&self, visit: &Visit, sent_ns: Option<u64>) {
        let said = match (visit.status, &visit.refused) {
            (200, _) => {
                let when = match (sent_ns, visit.attempt) {
                    (Some(sent_ns), 1) => {
                        format!(
                            " {:.1} ms after the request",
                            visit.at_ns.saturating_sub(sent_ns) as f64 / 1e6
                        )
                    }
                    (_, 1) => String::new(),
                    (_, attempt) => format!(" on attempt {attempt}"),
                };
                format!("{} verified{when}", self.paint("32", "✔"))
            }
            (_, Some(fault)) => format!("{} refused: {fault}", self.paint("31", "✘")),
            (status, None) => format!(
                "{} answered {status} to attempt {}",
                self.paint("33", "✘"),
                visit.attempt
            ),
        };
        self.line(&format!("{:<9}{:<15}{said}", visit.order_id, visit.partner));
    }

    pub(super) fn where_to_look(&self, gateway: &Gateway, pages: &[String], order: &Path) {
        let base = format!("http://{}", gateway.address);
        self.chapter("It stays up: look around (Ctrl-C ends it and leaves nothing behind)");
        self.line("in a browser:");
        for page in pages {
            self.line(page);
        }
        self.line(&format!("{base}/shop/acme"));
        self.line(&format!(
            "KEY=$(cat {})",
            gateway.key_file("operator").display()
        ));
        for path in [
            "/v1/orders/P-10005",
            "/v1/deliveries?status=delivered",
            "/metrics",
        ] {
            self.line(&format!(
                "curl -H \"Authorization: Bearer $KEY\" '{base}{path}'"
            ));
        }
        self.line("send an order yourself, and watch it arrive here:");
        self.line(&format!(
            "curl -H \"Authorization: Bearer $KEY\" --json '@{}' {base}/v1/orders",
            order.display()
        ));
        self.line(&format!("the gateway's log: {}", gateway.log().display()));
        output::say("");
    }

    fn paint(&self, code: &str, text: &str) -> String {
        match self.colours {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}

/// `USD 59.12`, with as many digits as the currency has.
fn price(order: &Value) -> String {
    let total = order.pointer("/total").and_then(Value::as_i64).unwrap_or(0);
    let code = word(order, "/currency");
    let digits = Currency::parse(code).map_or(2, Currency::minor_digits);
    let unit = 10_i64.pow(digits);
    match digits as usize {
        0 => format!("{code} {total}"),
        width => format!("{code} {}.{:0width$}", total / unit, total % unit),
    }
}
