//! What the settings of payments mean together.

use super::*;

const SECRET: &str = "whsec_0123456789abcdef";

fn settings(payments: &str, key: &str, url: &str) -> PaymentSettings {
    PaymentSettings {
        stripe_key_file: None,
        stripe_webhook_secret_file: None,
        payments: payments.to_owned(),
        stripe_key: Some(key.to_owned()),
        stripe_webhook_secret: vec![SECRET.to_owned()],
        stripe_url: url.to_owned(),
    }
}

#[test]
fn what_fits_together_is_enabled() {
    for (payments, key, url, summary) in [
        ("", "", "", "none enabled"),
        ("manual", "", "", "enabled: manual"),
        (
            "stripe, manual",
            "sk_live_1",
            "https://api.stripe.com",
            "enabled: stripe (live key, api.stripe.com), manual",
        ),
        (
            "stripe",
            "rk_test_1",
            "http://[::1]:12111",
            "enabled: stripe (test key, [::1])",
        ),
        (
            "sandbox",
            "sk_test_1",
            "http://localhost:12111",
            "enabled: sandbox (test key, localhost)",
        ),
    ] {
        let read = settings(payments, key, url).read().unwrap();
        assert_eq!(read.summary(), summary);
        assert!(!format!("{read:?}").contains(key) || key.is_empty());
        assert!(!format!("{read:?}").contains(SECRET));
    }
}

#[test]
fn what_does_not_is_refused_by_name_and_without_the_key() {
    use PaymentSettingsError as Refused;
    let api = "https://api.stripe.com";
    for (payments, key, url, expected) in [
        ("paypal", "", "", Refused::UnknownProcessor("paypal".into())),
        ("stripe,sandbox", "", "", Refused::StripeAndSandbox),
        ("stripe", "pk_live_1", api, Refused::Key),
        ("stripe", "sk_live_é", api, Refused::Key),
        ("stripe", "sk_live_1", "http://api.stripe.com", Refused::Url),
        (
            "stripe",
            "sk_live_1",
            "https://api.stripe.com/v1",
            Refused::Url,
        ),
        (
            "stripe",
            "sk_live_1",
            "https://a:b@api.stripe.com",
            Refused::Url,
        ),
        ("stripe", "sk_live_1", "http://10.0.0.1", Refused::Url),
        (
            "stripe",
            "sk_live_1",
            "http://127.0.0.1:1",
            Refused::LiveKeyOnLoopback,
        ),
        (
            "stripe",
            "rk_live_1",
            "https://localhost:1",
            Refused::LiveKeyOnLoopback,
        ),
        ("sandbox", "sk_test_1", api, Refused::SandboxElsewhere),
        (
            "sandbox",
            "rk_test_1",
            "http://127.0.0.1:1",
            Refused::SandboxKey,
        ),
        (
            "sandbox",
            "sk_live_1",
            "http://127.0.0.1:1",
            Refused::SandboxKey,
        ),
    ] {
        let refused = settings(payments, key, url).read().unwrap_err();
        assert_eq!(refused, expected);
        let text = refused.to_string();
        assert!(text.starts_with("BUYWIRE_"), "{text}");
        assert!(key.is_empty() || !text.contains(key), "{text}");
    }
}

#[test]
fn a_missing_setting_is_named_with_what_needs_it() {
    let mut without = settings("sandbox", "sk_test_1", "http://127.0.0.1:1");
    without.stripe_webhook_secret = vec![" ".to_owned()];
    assert_eq!(
        without.read().unwrap_err().to_string(),
        "BUYWIRE_STRIPE_WEBHOOK_SECRET must be set: BUYWIRE_PAYMENTS enables sandbox"
    );
    without.stripe_webhook_secret = vec!["whsec_short".to_owned()];
    assert_eq!(
        without.read().unwrap_err(),
        PaymentSettingsError::WebhookSecret
    );
    without.stripe_key = None;
    assert_eq!(
        without.read().unwrap_err(),
        PaymentSettingsError::Missing("BUYWIRE_STRIPE_KEY", "sandbox")
    );
}

#[test]
fn a_buyer_is_sent_to_the_processors_pages_and_nowhere_else() {
    for (payments, key, url, origins) in [
        (
            "stripe",
            "sk_live_1",
            "https://api.stripe.com",
            vec!["https://checkout.stripe.com"],
        ),
        (
            "sandbox",
            "sk_test_1",
            "http://127.0.0.1:4010",
            vec!["http://127.0.0.1:4010", "http://localhost:4010"],
        ),
        (
            "stripe",
            "sk_test_1",
            "https://pay.example:8443",
            vec!["https://pay.example:8443"],
        ),
    ] {
        let stripe = settings(payments, key, url).read().unwrap().stripe;
        assert_eq!(stripe.unwrap().page_origins(), origins);
    }
}
