//! Our client of Stripe's API, one call for each run: `second_opinion read|capture|void|refund|refund-status ID [AMOUNT] [KEY]`.
//! It takes the settings of the gateway, such as BUYWIRE_STRIPE_URL, and prints what it made of the answer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a wrong test should stop"
)]

use std::env;

use buywire::testing::{
    Amount, EgressPolicy, IdempotencyKey, PaymentError, PaymentProcessor, PaymentSettings,
    ProcessorPayment, ProcessorPaymentId, ProcessorRefund, ProcessorRefundId, StripeProcessor,
    StripeTimeouts,
};
use buywire_schemas::money::Currency;
use clap::Parser;
use serde_json::{Value, json};

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    settings: PaymentSettings,
    call: String,
    id: String,
    #[arg(default_value_t = 0)]
    amount: i64,
    #[arg(default_value = "key")]
    key: String,
}

#[tokio::main]
async fn main() {
    let mut arguments = Arguments::parse();
    let secret = |name| env::var(name).ok();
    arguments.settings.stripe_key = secret("BUYWIRE_STRIPE_KEY");
    arguments.settings.stripe_webhook_secret =
        Vec::from_iter(secret("BUYWIRE_STRIPE_WEBHOOK_SECRET"));
    let settings = arguments.settings.read().unwrap().stripe.unwrap();
    let client = StripeProcessor::open(
        &settings,
        EgressPolicy::default(),
        StripeTimeouts::default(),
    );
    println!("{}", call(&client.unwrap(), &arguments).await);
}

async fn call(client: &StripeProcessor, arguments: &Arguments) -> Value {
    let key = IdempotencyKey::parse(&arguments.key).unwrap();
    let amount = Amount {
        minor: arguments.amount,
        currency: Currency::parse("EUR").unwrap(),
    };
    let payment = || ProcessorPaymentId::parse(&arguments.id).unwrap();
    match arguments.call.as_str() {
        "read" => of_payment(client.payment(&payment()).await),
        "capture" => of_payment(client.capture(&payment(), amount, &key).await),
        "void" => of_payment(client.void(&payment(), &key).await),
        "refund" => of_refund(client.refund(&payment(), amount, &key).await),
        "refund-status" => {
            let id = ProcessorRefundId::parse(&arguments.id).unwrap();
            of_refund(client.refund_status(&id).await)
        }
        other => panic!("no such call: {other}"),
    }
}

fn of_payment(answer: Result<ProcessorPayment, PaymentError>) -> Value {
    match answer {
        Ok(payment) => json!({
            "status": format!("{:?}", payment.status),
            "amount": payment.amount,
            "amount_refunded": payment.amount_refunded,
            "card": payment.card.map(|card| format!("{} {}", card.brand, card.last4)),
            "decline_code": payment.decline_code,
            "checkout": payment.checkout_id,
        }),
        Err(error) => refused(&error),
    }
}

fn of_refund(answer: Result<ProcessorRefund, PaymentError>) -> Value {
    match answer {
        Ok(refund) => json!({
            "id": refund.id.as_str(),
            "status": format!("{:?}", refund.status),
            "amount": refund.amount,
            "payment": refund.payment_id.map(|id| id.to_string()),
        }),
        Err(error) => refused(&error),
    }
}

fn refused(error: &PaymentError) -> Value {
    json!({"error": format!("{error:?}")})
}
