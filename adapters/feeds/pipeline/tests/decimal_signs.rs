//! Ambiguous numbers: what the same file proves decides, wherever the proof is.

use super::*;
use crate::pipeline::FeedChecks;
use crate::validate::DecimalSign;

const COLUMNS: &str = "id,title,link,image_link,price,sale_price,shipping_weight,availability";

fn line(id: &str, price: &str, sale: &str, weight: &str) -> String {
    format!(
        "{id},Cup,https://shop.example/{id},https://img.example/{id}.jpg,\"{price}\",\"{sale}\",\"{weight}\",in_stock"
    )
}

/// The price, sale and weight of each item, by id, and the codes of what is ambiguous or was decided.
fn read(rows: &[String], settings: ReaderSettings) -> (Vec<String>, Vec<&'static str>) {
    let text = [&[COLUMNS.to_owned()], rows].concat().join("\n") + "\n";
    let mut feed = open(&text, settings).unwrap();
    let (mut raw, mut steps) = (RawRecord::default(), Vec::new());
    while feed.next_record(&mut raw).unwrap() {
        feed.read(&raw, &mut steps);
    }
    feed.finish(&mut steps);
    let (mut items, mut codes) = (Vec::new(), Vec::new());
    for step in steps {
        let FeedStep::Item(checked) = step else {
            continue;
        };
        if let Some(item) = &checked.item {
            let sale = item.sale.as_ref().map(|sale| sale.amount);
            let (sale, weight) = (sale.unwrap_or(0), item.weight_g.unwrap_or(0));
            items.push(format!("{} {} {sale} {weight}", item.id, item.price.amount));
        }
        let sign_codes = [
            "price_ambiguous",
            "amount_ambiguous",
            "decimal_sign_by_file",
        ];
        let all = checked.issues.iter().map(|issue| issue.code.as_str());
        codes.extend(all.filter(|code| sign_codes.contains(code)));
    }
    items.sort_unstable();
    codes.sort_unstable();
    (items, codes)
}

#[test]
fn the_same_column_decides_wherever_it_does() {
    let sofa = line("sofa", "1.250", "", "");
    let cup = line("cup", "12,50", "", "");
    let bed = line("bed", "1.499,90", "", "");
    for rows in [
        [sofa.clone(), cup.clone(), bed.clone()],
        [bed.clone(), sofa.clone(), cup.clone()],
        [cup, bed, sofa],
    ] {
        let (items, codes) = read(&rows, settings());
        assert_eq!(items, ["bed 149990 0 0", "cup 1250 0 0", "sofa 125000 0 0"]);
        assert_eq!(codes, ["decimal_sign_by_file"]);
    }
}

#[test]
fn another_column_of_prices_decides_where_the_own_one_does_not() {
    let rows = [line("a", "1.250", "999.50", ""), line("b", "2.500", "", "")];
    let (items, codes) = read(&rows, settings());
    // The sale is above its price, so it is ignored.
    assert_eq!(items, ["a 125 0 0", "b 250 0 0"]);
    assert_eq!(codes, ["decimal_sign_by_file"; 2]);
}

#[test]
fn a_file_that_proves_nothing_or_both_refuses() {
    let (items, codes) = read(
        &[line("a", "1.250", "", ""), line("b", "15", "", "")],
        settings(),
    );
    assert_eq!(
        (items, codes),
        (vec!["b 1500 0 0".to_owned()], vec!["price_ambiguous"])
    );
    let rows = [
        line("a", "1.250", "", ""),
        line("b", "12,50", "", ""),
        line("c", "12.50", "", ""),
    ];
    let (items, codes) = read(&rows, settings());
    assert_eq!(items, ["b 1250 0 0", "c 1250 0 0"]);
    assert_eq!(codes, ["price_ambiguous"]);
}

#[test]
fn the_settings_need_no_proof() {
    let rows = [line("a", "1.250", "1,100", "1.250 kg")];
    for (decimal, expected) in [
        (DecimalSign::Point, "a 125 0 1250"),
        (DecimalSign::Comma, "a 125000 110 1250000"),
    ] {
        let mut settings = settings();
        settings.rules.decimal = decimal;
        let (items, codes) = read(&rows, settings);
        assert_eq!((items, codes), (vec![expected.to_owned()], Vec::new()));
    }
}

#[test]
fn sales_and_weights_follow_the_file_too() {
    let rows = [
        line("a", "1.999,00", "1.250", "1,250 kg"),
        line("b", "12,50", "", ""),
    ];
    let (items, _) = read(&rows, settings());
    assert_eq!(items, ["a 199900 125000 1250", "b 1250 0 0"]);
}

#[test]
fn a_number_of_json_has_one_meaning() {
    let text = r#"[{"id":"a","title":"Cup","link":"https://shop.example/c","image_link":"https://img.example/c.jpg","price":15.125,"availability":"in_stock"}]"#;
    assert_eq!(
        summarize(text, settings()).errors,
        [(Some(1), Code::PriceTooPrecise)]
    );
}

#[test]
fn what_a_recognised_record_proves_counts() {
    let rows = [line("cup", "12,50", "", ""), line("sofa", "1.250", "", "")];
    let text = [&[COLUMNS.to_owned()], rows.as_slice()].concat().join("\n") + "\n";
    let first = |feed: &mut FeedReader| {
        let mut raw = RawRecord::default();
        assert!(feed.next_record(&mut raw).unwrap());
        raw
    };
    let mut feed = open(&text, settings()).unwrap();
    let cup = first(&mut feed);
    feed.drafts(&cup, &mut Vec::new());
    let fingerprint = feed.fingerprint(&cup);
    assert_ne!(fingerprint, cup.hash());
    let mut feed = open(&text, settings()).unwrap();
    assert_eq!(first(&mut feed).hash(), cup.hash());
    feed.merge_proofs(fingerprint);
    let (mut raw, mut drafts) = (RawRecord::default(), Vec::new());
    while feed.next_record(&mut raw).unwrap() {
        drafts.extend(feed.drafts(&raw, &mut Vec::new()));
    }
    let checks: FeedChecks = feed.checks();
    let item = drafts
        .pop()
        .map(|draft| checks.check(draft))
        .unwrap()
        .item
        .unwrap();
    assert_eq!((item.price.amount, drafts.len()), (125_000, 0));
}
