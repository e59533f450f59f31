//! Feed commands of the command line.

use serde_json::{Value, json};

use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::feed::{feed, item_counts};

/// Runs `buywire feed …` as the operator. Returns whether it succeeded, and its output.
async fn feed_command(app: &TestApp, arguments: &[&str]) -> (bool, String, String) {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_buywire"));
    command
        .env("BUYWIRE_SERVER", format!("http://{}", app.address))
        .env("BUYWIRE_KEY", OPERATOR);
    let output = command.arg("feed").args(arguments).output().await.unwrap();
    (
        output.status.success(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[tokio::test]
async fn the_command_line_pushes_a_file_and_lists_the_runs() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed.csv");
    std::fs::write(&file, feed(30).csv()).unwrap();
    let buywire = async |arguments: &[&str]| feed_command(&app, arguments).await;
    let path = file.to_str().unwrap();
    let (done, stdout, stderr) = buywire(&["push", path, "--partner", "acme", "--json"]).await;
    assert!(done, "{stderr}");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&report["status"], item_counts(&report)[3]),
        (&json!("applied"), 30)
    );
    assert!(stderr.contains("applied"), "{stderr}");
    let bytes = feed(30).csv().len() as f64 / 1024.0;
    let sent = format!("{bytes:.2} KiB of {bytes:.2} KiB sent");
    assert!(stderr.contains(&sent), "{stderr}");
    std::fs::write(&file, feed(5).csv()).unwrap();
    let (done, stdout, stderr) = buywire(&["push", path, "--partner", "acme"]).await;
    assert!(!done && stdout.contains("large_drop_held"), "{stdout}");
    assert!(
        stderr.contains("the feed was not applied: it is held (large_drop_held)"),
        "{stderr}"
    );
    let (done, stdout, _) = buywire(&["runs", "--partner", "acme"]).await;
    let lines: Vec<_> = stdout.lines().collect();
    assert!(
        done && lines.len() == 3 && lines[0].starts_with("ID"),
        "{stdout}"
    );
    assert!(
        lines[1].contains("held") && lines[2].contains("applied"),
        "{stdout}"
    );
    app.finish().await;
}

/// A report's counts and findings.
fn summary(report: &Value) -> (Value, Vec<(String, u64)>) {
    let items = &report["items"];
    let issues = report["issues"].as_array().unwrap();
    let mut issues: Vec<_> = issues
        .iter()
        .map(|one| (one["code"].to_string(), one["count"].as_u64().unwrap()))
        .collect();
    issues.sort();
    (
        json!([items["read"], items["valid"], items["invalid"]]),
        issues,
    )
}

#[tokio::test]
async fn a_check_of_a_file_finds_what_a_push_of_it_finds() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed.csv");
    let row = |id: &str, price: &str| {
        let page = format!("https://shop.example/{id}");
        format!("{id},Cup,A cup,{page},{page}.jpg,in_stock,{price},Ume,,\n")
    };
    let variant = |id: &str, page: &str, price: &str, brand: &str, gtin: &str| {
        let page = format!("https://shop.example/{page}");
        format!("{id},Hat,A hat,{page},{page}.jpg,in_stock,{price},{brand},HAT,{gtin}\n")
    };
    let rows = ["A", "B", "C", "TWICE", "TWICE"].map(|id| row(id, "12.00 USD"));
    // Conflicts across items: links, brands, a currency, and GTINs, one of them with two numbers.
    let (cup, pen) = ("4006381333931", "5901234123457");
    let variants = [
        variant("S", "hat", "9.00 USD", "Ume", cup),
        variant("M", "hat", "9.00 USD", "Ume", pen),
        variant("L", "hat", "9.00 USD", "Umi", &format!("\"{cup},{pen}\"")),
        variant("XL", "xl", "9.00 EUR", "Umi", ""),
        variant("XXL", "xxl", "9.00 USD", "Ume", cup),
    ];
    let header =
        "id,title,description,link,image_link,availability,price,brand,item_group_id,gtin\n";
    let bad = row("BAD", "twelve");
    let document = [header, &rows.concat(), &variants.concat(), &bad].concat();
    std::fs::write(&file, document).unwrap();
    let path = file.to_str().unwrap();
    let buywire = async |arguments: &[&str]| {
        let (done, stdout, _) = feed_command(&app, arguments).await;
        (done, summary(&serde_json::from_str(&stdout).unwrap()))
    };
    let (usable, checked) = buywire(&["check", path, "--json"]).await;
    assert!(usable);
    assert_eq!(checked.0, json!([11, 7, 4]));
    for (code, count) in [
        ("gtin_duplicate_across_items", 3),
        ("group_attribute_conflict", 2),
        ("group_currency_conflict", 1),
        ("link_shared_by_variants", 2),
    ] {
        let one = (format!("\"{code}\""), count);
        assert!(checked.1.contains(&one), "{code}: {:?}", checked.1);
    }
    let (_, mut pushed) =
        buywire(&["push", path, "--partner", "acme", "--dry-run", "--json"]).await;
    // The gate compares a feed with the catalog: a file alone has none.
    pushed
        .1
        .retain(|(code, _)| code != "\"too_many_errors_held\"");
    assert_eq!(checked, pushed);
    // An open quote swallows the rest: such a file would not be applied.
    std::fs::write(&file, [header, &rows.concat(), "\"D,Cup"].concat()).unwrap();
    let (usable, (_, issues)) = buywire(&["check", path, "--json"]).await;
    assert!(
        !usable && issues.contains(&("\"csv_unterminated_quote\"".into(), 1)),
        "{issues:?}"
    );
    app.finish().await;
}
