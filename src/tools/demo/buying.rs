//! The third part of the demo: a reader buys from a post, and the partner receives the order.
//!
//! Promises: the forms are those that a browser fills in, the payment is made at a processor in another process, and what
//! is printed was read from the pages. Must not use a key for what a buyer does.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::json;
use tokio::time::sleep;

use crate::tools::demo::browser;
use crate::tools::demo::catalog::MERCHANT;
use crate::tools::demo::printer::Printer;
use crate::tools::harness::Api;

/// What the order page says once it is.
const CONFIRMED: &str = "Order confirmed";
/// A card that the sandbox processor accepts.
pub(crate) const TEST_CARD: &str = "4242 4242 4242 4242";
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(20);

const SHIPPING: &str = r#"{"currency": "USD", "zones": [
  {"countries": ["US"], "options": [
    {"id": "ground", "kind": "shipping", "title": "Ground", "price": 490, "days_from": 3, "days_to": 5},
    {"id": "express", "kind": "shipping", "title": "Express", "price": 1490, "days_from": 1, "days_to": 2}]},
  {"countries": ["*"], "options": [
    {"id": "world", "kind": "shipping", "title": "Worldwide", "price": 990, "days_from": 7, "days_to": 14}]}]}"#;

/// Prices contain their tax. The rates are examples, not advice.
const TAXED: [(&str, &str, &str); 10] = [
    ("US", "0", "Sales tax"),
    ("CA", "5", "GST"),
    ("GB", "20", "VAT"),
    ("IE", "23", "VAT"),
    ("FR", "20", "TVA"),
    ("BE", "21", "BTW/TVA"),
    ("DE", "19", "MwSt."),
    ("AT", "20", "USt."),
    ("ES", "21", "IVA"),
    ("NL", "21", "btw"),
];

/// What a buyer types.
const BUYER: [(&str, &str); 9] = [
    ("lang", "en"),
    ("action", "continue"),
    ("quantity", "1"),
    ("email", "ada@example.com"),
    ("name", "Ada Byron"),
    ("country", "US"),
    ("line1", "1 Market Street"),
    ("city", "San Francisco"),
    ("region", "CA"),
];

pub(crate) struct BuyingDemo<'a> {
    pub(crate) operator: &'a Api,
    pub(crate) printer: &'a Printer,
    /// The page of a post whose item is in stock.
    pub(crate) page: &'a str,
    pub(crate) item: &'a str,
}

impl BuyingDemo<'_> {
    /// Lets the merchant sell here, and buys one unit. Returns the order's number.
    ///
    /// # Errors
    /// When the order is not confirmed in time.
    pub(crate) async fn run(&self) -> anyhow::Result<String> {
        self.printer.heading(
            "A reader presses Buy and pays with a test card; no key, no script, no account",
        );
        self.sell_here().await?;
        let begun = Instant::now();
        let review = self.fill_in().await?;
        let hosted = self.press(&review).await?;
        let order_page = browser::submit(&hosted, &card()).await?;
        let number = self.confirmed(&order_page).await?;
        self.printer.line(&format!(
            "order {number} is paid and confirmed, {:.1} s after the first page",
            begun.elapsed().as_secs_f64()
        ));
        Ok(number)
    }

    async fn sell_here(&self) -> anyhow::Result<()> {
        let rates = TAXED.map(|(country, rate, label)| {
            json!({"country": country, "rate": rate, "taxes_shipping": true, "label": label})
        });
        let taxes = json!({"tax_included": true, "rates": rates}).to_string();
        let policy = json!({
            "sells_here": true,
            "seller": {
                "name": "Acme Outfitters", "address": ["1 Market Street", "San Francisco, CA 94105"],
                "country": "US", "email": "shop@acme.example",
            },
            "links": {
                "terms_of_use": "https://shop.acme.example/terms",
                "privacy_policy": "https://shop.acme.example/privacy",
            },
        })
        .to_string();
        for (kind, body) in [
            ("shipping", SHIPPING),
            ("taxes", &taxes),
            ("policy", &policy),
        ] {
            let path = format!("/v1/partners/{MERCHANT}/{kind}");
            self.operator.put(&path, "application/json", body).await?;
        }
        Ok(())
    }

    /// Fills in the form. Returns the review's URL.
    async fn fill_in(&self) -> anyhow::Result<String> {
        let mut form = BUYER.to_vec();
        form.extend([("postal_code", "94105"), ("option", self.item)]);
        browser::submit(&format!("{}/buy", self.page), &form).await
    }

    /// Presses the button of the review. Returns the processor's page.
    async fn press(&self, review: &str) -> anyhow::Result<String> {
        let page = browser::open(review).await?;
        let fields =
            ["checkout", "quote", "total"].map(|name| page.hidden(name).map(|value| (name, value)));
        let form = fields.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
        browser::submit(&format!("{}/pay", self.page), &form).await
    }

    /// Follows the order page until it is confirmed. Returns the order's number.
    async fn confirmed(&self, page: &str) -> anyhow::Result<String> {
        let deadline = Instant::now() + CONFIRM_TIMEOUT;
        loop {
            let read = browser::open(page).await?;
            if read.html.contains(CONFIRMED) {
                return order_number(&read.html).context("the order page shows no number");
            }
            if Instant::now() > deadline {
                bail!("the order is not confirmed: see {page}");
            }
            sleep(Duration::from_millis(200)).await;
        }
    }
}

/// What a buyer types on the processor's page.
fn card() -> [(&'static str, &'static str); 5] {
    [
        ("cc-name", "Ada Byron"),
        ("cc-number", TEST_CARD),
        ("cc-exp", "12/34"),
        ("cc-csc", "123"),
        ("email", "ada@example.com"),
    ]
}

fn order_number(html: &str) -> Option<String> {
    let from = html.split("BW-").nth(1)?;
    let rest: String = from
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .collect();
    Some(format!("BW-{rest}"))
}
