//! A buyer's details are where the documents say, and nowhere else.

use buywire::testing::{DatabaseTarget, Store};
use reqwest::Method;
use serde_json::json;

use super::canary::{details_in, hex, tables_with};
use super::{Deployment, Person, acp_cart, person};
use crate::checkout::GOOD;

/// An order's buyer is in the order and its events, for its partners, until the order is redacted. Everything else is sealed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_buyer_is_in_no_log_and_stored_where_the_documents_say() {
    let shop = Deployment::start_for_canaries().await;
    let key = shop.agent_key().await;
    let (paid, paying, abandoned) = (person(0), person(1), person(2));
    let (token, page) = shop.begin_as(&paid).await;
    shop.pay_at(&page, GOOD).await;
    shop.wait_for_words(&token, "Order confirmed").await;
    shop.receiver.received(1).await;
    shop.begin_as(&paying).await;
    shop.fill_in(0, &abandoned.form).await.unwrap();
    let [mail, forename, surname, street, floor, phone] = abandoned.details;
    let mut cart = acp_cart();
    cart["buyer"] = json!({"first_name": forename, "last_name": surname, "email": format!("{mail}@example.com"),
        "phone_number": format!("+{phone}")});
    cart["fulfillment_details"]["name"] = forename.into();
    cart["fulfillment_details"]["email"] = format!("{mail}@example.com").into();
    for (name, value) in [("name", surname), ("line_one", street), ("line_two", floor)] {
        cart["fulfillment_details"]["address"][name] = value.into();
    }
    assert_eq!(
        shop.agent(Method::POST, "/acp/checkout_sessions", &key, &cart)
            .await
            .status,
        201
    );
    shop.wait_for_count("SELECT count(*) FROM checkout_effects", 0)
        .await;

    let mails = shop.mail.mails();
    assert!(
        mails
            .iter()
            .any(|mail| mail.to == ["kanariamail@example.com"]),
        "{mails:?}"
    );
    let everybody = [paid.details, paying.details, abandoned.details].concat();
    for (trace, text) in shop.traces().await {
        if trace == "log" || trace == "metrics" {
            let lines: Vec<_> = text
                .lines()
                .filter(|line| !details_in(line, &everybody).is_empty())
                .collect();
            assert!(lines.is_empty(), "{trace}: {lines:#?}");
        }
    }
    let dump = shop.dump();
    assert_eq!(
        Vec::from_iter(tables_with(&dump, &paid.details)),
        ["events", "orders"]
    );
    for person in [&paying, &abandoned] {
        assert!(
            details_in(&dump, &person.details).is_empty(),
            "{:?}",
            tables_with(&dump, &person.details)
        );
    }
    forget(&shop, &token, &paid).await;
    shred(&shop, &abandoned).await;
}

/// The buyer's own request reaches the order and its events.
async fn forget(shop: &Deployment, token: &str, paid: &Person) {
    let forgotten = shop
        .post(&format!("/o/{token}/forget"), "confirm=yes&lang=en")
        .await;
    assert_eq!(forgotten.status, 303, "{forgotten:?}");
    let dump = shop.dump();
    assert!(
        details_in(&dump, &paid.details).is_empty(),
        "{:?}",
        tables_with(&dump, &paid.details)
    );
}

/// A day later, an abandoned buyer's key is gone, and with it everything that it opens.
async fn shred(shop: &Deployment, abandoned: &Person) {
    let sealed = "SELECT buyer, buyer_key, details FROM checkouts WHERE state IN ('open', 'priced') AND buyer_key IS NOT NULL";
    let rows = shop.sql.query(sealed, &[]).await.unwrap();
    assert_eq!(rows.len(), 2, "by the page and by an agent");
    let values: Vec<Vec<u8>> = rows
        .iter()
        .flat_map(|row| (0..3).filter_map(|column| row.get::<_, Option<Vec<u8>>>(column)))
        .collect();
    let is_in = |dump: &str| {
        values
            .iter()
            .filter(|value| dump.contains(&hex(value)))
            .count()
    };
    assert_eq!((values.len(), is_in(&shop.dump())), (5, 5));
    shop.execute("UPDATE checkouts SET updated_at = now() - interval '25 hours'")
        .await;
    let target = DatabaseTarget::from_url(&shop.database.url).unwrap();
    let store = Store::open_migrated(&target).unwrap();
    store.shred_buyers(86_400.0, 100).await.unwrap();
    let dump = shop.dump();
    assert_eq!(is_in(&dump), 0);
    assert!(details_in(&dump, &abandoned.details).is_empty());
    // The one that is being paid is kept.
    assert_eq!(
        shop.count("SELECT count(*) FROM checkouts WHERE buyer_key IS NOT NULL")
            .await,
        1
    );
}
