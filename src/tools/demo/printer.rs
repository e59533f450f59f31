//! Prints the demo: short lines in fixed columns, with colours on a terminal only.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::Path;

use buywire_schemas::money::Currency;
use serde_json::Value;

use crate::output;
use crate::tools::demo::buying::TEST_CARD;
use crate::tools::demo::fixtures::{PARTNERS, text_at};
use crate::tools::demo::receiver::ReceivedRequest;
use crate::tools::harness::GatewayProcess;

pub(crate) struct Printer {
    colours: bool,
}

impl Printer {
    pub(crate) fn new() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some();
        Self {
            colours: std::io::stdout().is_terminal() && !plain,
        }
    }

    pub(crate) fn heading(&self, title: &str) {
        output::say(format_args!("\n{}", self.paint("1", title)));
    }

    pub(crate) fn line(&self, text: &str) {
        output::say(format_args!("  {text}"));
    }

    pub(crate) fn startup(&self, gateway: &GatewayProcess, port: u16, processor: SocketAddr) {
        let names: Vec<_> = PARTNERS.iter().map(|partner| partner.name).collect();
        self.line(&format!(
            "gateway     http://{} on a private PostgreSQL",
            gateway.address
        ));
        self.line(&format!(
            "receiver    port {port}, verifies with the published crate standardwebhooks"
        ));
        self.line(&format!(
            "processor   http://{processor}, the sandbox: no money moves"
        ));
        self.line(&format!("partners    {}", names.join(", ")));
    }

    pub(crate) fn order(&self, what: &str, order: &Value, partners: &[String]) {
        let arrow = self.paint("2", "→");
        self.line(&format!(
            "{:<9}{what:<19}{:>13}  {arrow} {}",
            text_at(order, "/order_id"),
            price(order),
            partners.join(", "),
        ));
    }

    /// For a first attempt, `sent_ns` is when the order was sent.
    pub(crate) fn request(&self, request: &ReceivedRequest, sent_ns: Option<u64>) {
        let outcome = match (request.status, &request.signature_error) {
            (200, _) => {
                let when = match (sent_ns, request.attempt) {
                    (Some(sent_ns), 1) => {
                        format!(
                            " {:.1} ms after the request",
                            request.received_at_ns.saturating_sub(sent_ns) as f64 / 1e6
                        )
                    }
                    (_, 1) => String::new(),
                    (_, attempt) => format!(" on attempt {attempt}"),
                };
                format!("{} verified{when}", self.paint("32", "✔"))
            }
            (_, Some(error)) => format!("{} refused: {error}", self.paint("31", "✘")),
            (status, None) => format!(
                "{} answered {status} to attempt {}",
                self.paint("33", "✘"),
                request.attempt
            ),
        };
        self.line(&format!(
            "{:<8} {:<15}{outcome}",
            request.order_id, request.partner
        ));
    }

    pub(crate) fn next_steps(&self, gateway: &GatewayProcess, pages: &[String], order: &Path) {
        let base = format!("http://{}", gateway.address);
        self.heading("The gateway stays up: look around (Ctrl-C stops it and removes everything)");
        if let Some(page) = pages.first() {
            output::say(format_args!("buy: {page}"));
            self.line(&format!(
                "press Buy there, pay with the card {TEST_CARD}, any date to come and any code, and watch the order arrive here"
            ));
        }
        output::say(format_args!("console: {base}/console"));
        if let Ok(key) = gateway.key("operator") {
            self.line(&format!(
                "sign in there with this key, which ends with the demo: {key}"
            ));
            self.line("orders keep coming, every sixth for a shop that is closed again");
        }
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
        self.line("send an order and watch it arrive here:");
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
    let code = text_at(order, "/currency");
    let digits = Currency::parse(code).map_or(2, Currency::minor_digits);
    let unit = 10_i64.pow(digits);
    match digits as usize {
        0 => format!("{code} {total}"),
        width => format!("{code} {}.{:0width$}", total / unit, total % unit),
    }
}
