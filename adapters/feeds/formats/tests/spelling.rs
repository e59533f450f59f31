//! Names in all their spellings.

use std::collections::BTreeSet;

use buywire_schemas::catalog::issue::Code;

use super::super::flat::{Field, names};
use super::reading::{read, rules};

#[test]
fn one_name_has_many_spellings() {
    let spellings = [
        "image_link",
        "Image link",
        "IMAGE LINK",
        "image-link",
        "imageLink",
        "g:image_link",
        "G:Image_Link",
        "\u{feff}image_link",
        " image  link ",
        "image_link_",
    ];
    for spelling in spellings {
        assert_eq!(names::plain(spelling), "image_link", "{spelling}");
        assert_eq!(
            names::field(&names::plain(spelling)),
            Some(Field::Image),
            "{spelling}"
        );
    }
    assert_eq!(names::plain("image[12].url"), "image[].url");
    assert_eq!(names::plain("Meta: colour"), "meta:_colour");
    assert_eq!(
        names::field(&names::plain("Shipping(country:price)")),
        Some(Field::Shipping)
    );
    assert_eq!(
        names::field("price_(usd)"),
        Some(Field::Price),
        "found for the sample"
    );
}

fn header(text: &str) -> Vec<(Code, String, String)> {
    let read = read(text.as_bytes(), "feed.csv", &rules()).unwrap();
    let issues = read.issues.into_iter();
    let findings = issues.map(|issue| {
        (
            issue.code,
            issue.attribute.unwrap_or_default(),
            issue.value.unwrap_or_default(),
        )
    });
    findings.collect()
}

#[test]
fn a_missing_column_is_told_with_the_one_that_was_meant() {
    let findings =
        header("id,title,lnik,description,price,image_link,availability\n1,a,b,c,d,e,f\n");
    let missing = (
        Code::HeaderMissingRequired,
        "link".to_owned(),
        "lnik".to_owned(),
    );
    assert!(findings.contains(&missing), "{findings:?}");
    let far = header("id,title,description,price,image_link,where\n1,a,b,c,d,e\n");
    let missing = (
        Code::HeaderMissingRequired,
        "link".to_owned(),
        String::new(),
    );
    assert!(far.contains(&missing), "{far:?}");
}

#[test]
fn a_name_of_another_channel_will_do() {
    assert_eq!(
        header("item_id,title,url,price,image_url\n1,a,b,c,d\n"),
        vec![]
    );
}

#[test]
fn a_column_that_may_repeat_may_repeat() {
    let text = "id,title,link,price,image_link,additional_image_link,additional_image_link,Price\n";
    let findings = header(&format!("{text}1,a,b,c,d,e,f,g\n"));
    assert_eq!(
        findings,
        vec![(Code::HeaderDuplicate, "Price".to_owned(), String::new())]
    );
}

#[test]
fn unknown_columns_are_told_once_and_at_most_fifty_of_them() {
    let mut text = "id,title,link,price,image_link".to_owned();
    (0..80).for_each(|at| text.push_str(&format!(",mine_{at}")));
    let findings = header(&format!(
        "{text}\n1,a,b,c,d{}\n2,a,b,c,d\n",
        ",x".repeat(80)
    ));
    let unknown: BTreeSet<_> = findings
        .iter()
        .filter(|notice| notice.0 == Code::HeaderUnknown)
        .collect();
    assert_eq!((unknown.len(), findings.len()), (50, 50));
}
