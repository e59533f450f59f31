//! Callbacks may be signed with every inbound scheme, and a rotation accepts both keys.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::callback_sender::callback_signers;

#[tokio::test]
async fn every_way_of_signing_is_taken_and_a_rotation_takes_both_keys() {
    let app = TestApp::start().await;
    for (n, (old, new)) in callback_signers(1)
        .into_iter()
        .zip(callback_signers(2))
        .enumerate()
    {
        let slug = format!("partner-{n}");
        app.partner_with_callbacks(&slug, "standard", &old).await;
        let trial = |id: &str| json!({"id": id, "type": "test"});
        app.report_accepted(&old, &slug, &trial("1")).await;
        let mut both = new.settings();
        match both["secret"].take() {
            Value::Null => {
                let keys = [&new, &old].map(|signer| signer.settings()["public_keys"][0].clone());
                both["public_keys"] = json!(keys);
            }
            secret => both["secrets"] = json!([secret, old.settings()["secret"]]),
        }
        assert_eq!(app.set_callback(&slug, &both).await.status, 200);
        app.report_accepted(&old, &slug, &trial("2")).await;
        app.report_accepted(&new, &slug, &trial("3")).await;
        assert_eq!(app.set_callback(&slug, &new.settings()).await.status, 200);
        app.report(&old, &slug, &trial("4"))
            .await
            .problem(401, "signature-refused");
    }
    app.wait_until_callbacks_processed().await;
    app.finish().await;
}
