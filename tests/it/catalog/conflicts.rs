//! Conflicts between items: every run finds them, whether it reads records or skips unchanged ones.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::feed::{issue_count, item_counts};

const HEADER: &str = "id,title,link,image_link,price,availability,brand,item_group_id,gtin";
/// Codes that warn and never cost an item.
const WARNINGS: [&str; 3] = [
    "group_attribute_conflict",
    "gtin_duplicate_across_items",
    "link_shared_by_variants",
];
const CUP: &str = "4006381333931";
const PEN: &str = "5901234123457";

/// A row whose link is `page`.
fn row(id: &str, page: &str, brand: &str, group: &str, gtin: &str) -> String {
    format!(
        "{id},Hat,https://shop.example/{page},https://img.example/h.jpg,9.00 EUR,in_stock,{brand},{group},{gtin}"
    )
}

/// Rows without findings, then these rows.
fn document(plain: usize, rows: &[String]) -> String {
    let plain = (0..plain).map(|n| row(&format!("plain-{n}"), &n.to_string(), "Acme", "", ""));
    let mut lines: Vec<_> = plain.chain(rows.iter().cloned()).collect();
    lines.insert(0, HEADER.to_owned());
    lines.join("\n") + "\n"
}

fn warned(report: &Value) -> [u64; 3] {
    WARNINGS.map(|code| issue_count(report, code))
}

#[tokio::test]
async fn what_shows_across_items_is_found_in_every_run_until_it_is_mended() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let mut rows = vec![
        row("s", "hat", "Ume", "HAT", CUP),
        row("m", "hat", "Ume", "HAT", ""),
        row("l", "l", "Umi", "HAT", ""),
        row("mug", "mug", "Ume", "", CUP),
    ];
    let report = app.push("acme", document(20, &rows)).await;
    assert_eq!(item_counts(&report), [24, 24, 0, 24, 0, 0, 0], "{report}");
    assert_eq!(warned(&report), [1, 1, 1], "{report}");
    let first = |code: &str| {
        let issues = report["issues"].as_array().unwrap();
        let issue = issues.iter().find(|issue| issue["code"] == code).unwrap();
        (issue["attribute"].clone(), issue["examples"][0].clone())
    };
    let position =
        |row: u64, id: &str, value: &str| json!({"row": row, "item_id": id, "value": value});
    assert_eq!(
        first(WARNINGS[0]),
        (json!("group"), position(24, "l", "HAT"))
    );
    assert_eq!(
        first(WARNINGS[1]),
        (json!("gtin"), position(25, "mug", "04006381333931"))
    );
    assert_eq!(
        first(WARNINGS[2]),
        (json!("url"), position(23, "m", "https://shop.example/hat"))
    );
    // Only records with findings are read again: being unchanged must not hide a finding.
    app.wait_for_products_to_reread(3).await;
    rows.reverse();
    let again = app.push("acme", document(20, &rows)).await;
    assert_eq!(item_counts(&again), [24, 24, 0, 0, 0, 24, 0], "{again}");
    assert_eq!(warned(&again), [1, 1, 1], "{again}");
    assert_eq!(again["changes"], Value::Null, "{again}");
    // The item with the finding leaves: the others had no other finding.
    let fewer: Vec<_> = rows
        .iter()
        .filter(|row| !row.starts_with("l,"))
        .cloned()
        .collect();
    let report = app.push("acme", document(20, &fewer)).await;
    assert_eq!(warned(&report), [0, 1, 1], "{report}");
    // Corrected.
    let mended = [
        row("s", "hat", "Ume", "HAT", CUP),
        row("m", "m", "Ume", "HAT", ""),
        row("mug", "mug", "Ume", "", PEN),
    ];
    let report = app.push("acme", document(20, &mended)).await;
    assert_eq!(warned(&report), [0, 0, 0], "{report}");
    let fixed = report["changes"].as_array().unwrap();
    assert_eq!(
        fixed.iter().filter(|one| one["fixed"] == 1).count(),
        2,
        "{report}"
    );
    app.wait_for_count(
        "SELECT count(*) FROM products WHERE raw_hash IS NULL AND missing_runs = 0",
        0,
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn a_new_item_is_compared_with_those_that_were_recognised() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let mut rows = vec![
        row("s", "s", "Ume", "HAT", CUP),
        row("two", "two", "Ume", "", &format!("\"{PEN},96385074\"")),
    ];
    let report = app.push("acme", document(20, &rows)).await;
    assert_eq!(warned(&report), [0, 0, 0], "{report}");
    rows.push(row("m", "s", "Umi", "HAT", ""));
    rows.push(row("mug", "mug", "Ume", "", CUP));
    rows.push(row("pen", "pen", "Ume", "", PEN));
    for inserted in [3, 0] {
        let report = app.push("acme", document(20, &rows)).await;
        assert_eq!(
            item_counts(&report),
            [25, 25, 0, inserted, 0, 25 - inserted, 0],
            "{report}"
        );
        assert_eq!(warned(&report), [1, 2, 1], "{report}");
        // Other bytes, or the document would be skipped.
        rows.reverse();
    }
    // The unchanged one of each pair leaves the feed: the other is alone.
    rows.retain(|row| !row.starts_with("s,") && !row.starts_with("two,"));
    let report = app.push("acme", document(20, &rows)).await;
    assert_eq!(warned(&report), [0, 0, 0], "{report}");
    app.finish().await;
}

#[tokio::test]
async fn an_upsert_is_compared_with_the_live_variants_of_its_products() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", document(20, &[row("s", "hat", "Ume", "HAT", "")]))
        .await;
    let item = |id: &str, brand: &str| {
        json!({
            "id": id, "title": "Hat", "link": "https://shop.example/hat", "image_link": "https://img.example/h.jpg",
            "price": "9.00 EUR", "availability": "in_stock", "brand": brand, "item_group_id": "HAT"
        })
    };
    let report = app
        .patch_items("acme", &[item("m", "Umi"), item("l", "Ume")])
        .await;
    assert_eq!(
        (warned(&report), item_counts(&report)[3]),
        ([1, 0, 2], 2),
        "{report}"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_record_of_which_one_variant_is_told_of_is_read_again_whole() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let product = |n: usize, pages: [usize; 2]| {
        let variants = pages.map(|page| {
            json!({
                "id": format!("hat-{n}-{page}-{}", pages[0]), "title": format!("Hat {n}"),
                "url": format!("https://shop.example/{n}/{page}"), "price": {"amount": 500, "currency": "EUR"},
                "availability": {"available": true}, "brand": "Acme"
            })
        });
        let mut variants = variants.to_vec();
        variants[1]["id"] = json!(format!("hat-{n}-second"));
        json!({
            "id": format!("hat-{n}"), "title": "Hat", "url": format!("https://shop.example/{n}"),
            "media": [{"type": "image", "url": "https://img.example/h.jpg"}], "variants": variants
        })
    };
    let products: Vec<_> = (0..10)
        .map(|n| product(n, [1, 1 + usize::from(n > 0)]))
        .collect();
    let document = json!({"products": products}).to_string();
    for inserted in [20, 0] {
        // Other bytes each time, or the document would be skipped.
        let bytes = match inserted {
            0 => format!("{document}\n"),
            _ => document.clone(),
        };
        let report = app.push("acme", bytes).await;
        assert_eq!(
            item_counts(&report),
            [20, 20, 0, inserted, 0, 20 - inserted, 0],
            "{report}"
        );
        assert_eq!(
            issue_count(&report, "link_shared_by_variants"),
            1,
            "{report}"
        );
        // Both variants of the one product.
        app.wait_for_products_to_reread(2).await;
    }
    app.finish().await;
}

#[tokio::test]
async fn findings_are_counted_all_and_listed_a_thousand_of_a_kind() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let rows: Vec<_> = (0..1_205)
        .map(|n| row(&format!("v-{n}"), "same", "Ume", "HAT", ""))
        .collect();
    let report = app.push("acme", document(20, &rows)).await;
    assert_eq!(
        (&report["status"], warned(&report)),
        (&json!("applied"), [0, 0, 1_204]),
        "{report}"
    );
    app.wait_for_count(
        "SELECT count(*) FROM feed_issues WHERE code = 'link_shared_by_variants'",
        1_000,
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn ids_that_differ_only_in_capital_letters_are_told_in_every_run() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let conflict = |report: &Value| issue_count(report, "id_case_conflict");
    let mut rows = vec![
        row("Hat", "hat", "Ume", "", ""),
        row("cap", "cap", "Ume", "", ""),
    ];
    let report = app.push("acme", document(20, &rows)).await;
    assert_eq!(conflict(&report), 0, "{report}");
    // A new item beside unchanged ones.
    rows.push(row("hat", "h", "Ume", "", ""));
    for _ in 0..2 {
        let report = app.push("acme", document(20, &rows)).await;
        assert_eq!(conflict(&report), 1, "{report}");
        let issues = report["issues"].as_array().unwrap();
        let issue = issues.iter().find(|one| one["code"] == "id_case_conflict");
        let example = json!({"row": 24, "item_id": "hat", "value": "hat"});
        assert_eq!(issue.unwrap()["examples"][0], example);
        assert_eq!(issue.unwrap()["attribute"], "id");
    }
    // Both of them new.
    rows.extend(["Pen", "PEN", "pen"].map(|id| row(id, id, "Ume", "", "")));
    let report = app.push("acme", document(21, &rows)).await;
    assert_eq!(conflict(&report), 3, "{report}");
    // Corrected.
    let rows = [row("Hat", "hat", "Ume", "", "")];
    let report = app.push("acme", document(20, &rows)).await;
    assert_eq!(conflict(&report), 0, "{report}");
    app.finish().await;
}
