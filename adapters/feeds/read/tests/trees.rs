//! XML: records, references, and the document around them.

use super::*;

fn child<'a>(element: &'a Element, name: &str) -> &'a Element {
    element
        .children
        .iter()
        .find(|child| child.name == name)
        .unwrap()
}

/// Root and record.
fn names(read: &Reading) -> (&str, &str) {
    match &*read.kind {
        DocumentKind::Xml { root, record, .. } => (root, record),
        other => panic!("{other:?}"),
    }
}

/// An RSS document of these items.
fn rss(items: &str) -> String {
    format!("<rss><channel>{items}</channel></rss>")
}

#[test]
fn items_are_found_and_taken_apart() {
    let read = read(RSS);
    assert_eq!(names(&read), ("rss", "item"));
    assert_eq!(read.rows(), [7, 14]);
    let items = read.elements();
    assert_eq!(child(&items[0], "title").text, "Vase <small> & round");
    assert_eq!(
        child(&items[0], "description").text,
        "Clay <b>fired</b> — 20\u{a0}cm"
    );
    assert_eq!(
        child(child(&items[0], "g:shipping"), "g:price").text,
        "4.90 EUR"
    );
    assert!(
        read.records[1].1.starts_with("<item><g:id>pot-2<")
            && read.records[1].1.ends_with("</item>")
    );
}

#[test]
fn a_bare_ampersand_and_unknown_entities_stay_as_they_are_written() {
    assert_eq!(
        child(&read(RSS).elements()[1], "title").text,
        "Salt & pepper&nbsp;pot"
    );
    let text = "<item a='&quot;&x;& &#x41;'>&lt;&&amp;&#0;&#1114112;&;&#66;</item>";
    let item = read(rss(text)).elements().remove(0);
    assert_eq!(item.text, "<&&&#0;&#1114112;&;B");
    assert_eq!(item.attributes, [("a".to_owned(), "\"&x;& A".to_owned())]);
}

#[test]
fn prefixes_need_no_declaration_and_attributes_are_kept() {
    let read = read(ATOM);
    assert_eq!(names(&read), ("feed", "entry"));
    let entries = read.elements();
    assert_eq!(child(&entries[0], "g:id").text, "fern");
    let link = &child(&entries[0], "link").attributes;
    assert_eq!(
        link[1],
        (
            "href".to_owned(),
            "https://shop.example/fern?a=1&b=2".to_owned()
        )
    );
}

#[test]
fn other_roots_hold_usual_names_or_their_own_children() {
    assert_eq!(names(&read(OTHER)), ("SHOP", "SHOPITEM"));
    let nested = "<catalog><info/><list><product><id>1</id></product></list></catalog>";
    assert_eq!(names(&read(nested)), ("catalog", "product"));
    let own = read("<shop><name>x</name><ware><id>1</id></ware><ware><id>2</id></ware></shop>");
    assert_eq!(names(&own), ("shop", "ware"));
    assert_eq!(own.elements().len(), 2);
    let itself = read("<entry><id>1</id></entry>");
    assert_eq!(itself.rows(), [1]);
    let inside = read("<list><item><item>a</item></item><item/></list>");
    assert_eq!(inside.elements().len(), 2);
}

#[test]
fn comments_and_cdata_hide_tags() {
    let items = "<!-- <item> --><item><!-- </item> --><t><![CDATA[</item>]]></t></item>";
    let read = read(rss(items));
    assert_eq!(child(&read.elements()[0], "t").text, "</item>");
}

#[test]
fn an_empty_channel_is_whole() {
    assert_eq!(read(rss("<title>Nothing</title>")).rows(), [] as [u64; 0]);
}

#[test]
fn what_is_open_at_the_end_is_told() {
    let whole = String::from_utf8(RSS.to_vec()).unwrap();
    let end = whole.find("</rss>").unwrap();
    let truncated = |open: &str, line| Fault::XmlTruncated {
        line,
        open: open.to_owned(),
    };
    assert_eq!(read(&whole[..end]).fault(), &truncated("rss", 16));
    assert_eq!(read(&whole[..end + 3]).fault(), &truncated("rss", 16));
    let item = whole.find("<g:image_link").unwrap();
    assert_eq!(read(&whole[..item + 4]).fault(), &truncated("item", 14));
    assert_eq!(
        read("<rss><channel><item></item>").fault(),
        &truncated("channel", 1)
    );
}

#[test]
fn tags_around_the_records_must_match() {
    let fault = read("<rss>\n<channel>\n <title></link></channel></rss>");
    let reason = "an end tag without its start tag";
    assert_eq!(
        fault.fault(),
        &Fault::XmlMalformed {
            line: 3,
            column: 9,
            reason
        }
    );
    assert_eq!(
        read("<rss></rss><rss></rss>").fault().code(),
        "xml_malformed"
    );
    assert_eq!(read("<rss></rss> bye").fault().code(), "xml_malformed");
    assert_eq!(read("<rss><a <b></rss>").fault().code(), "xml_malformed");
    assert_eq!(
        read(rss(&"<x>".repeat(100))).fault().code(),
        "xml_malformed"
    );
}

#[test]
fn a_broken_record_costs_itself_alone() {
    let broken = [
        "<item><a></b></item>",
        "<item><a x=1></a></item>",
        "<item><a x='1' x='2'/></item>",
    ];
    for broken in broken {
        let read = read(rss(&format!("<item>1</item>{broken}<item>2</item>")));
        let parsed = read.parsed();
        assert_eq!(
            (read.rows().len(), parsed[0].is_ok(), parsed[2].is_ok()),
            (3, true, true),
            "{broken}"
        );
        assert_eq!(
            parsed[1].as_ref().unwrap_err().code(),
            "xml_malformed",
            "{broken}"
        );
    }
}

#[test]
fn a_tag_inside_of_an_attribute_ends_no_record() {
    let items = read(rss("<item x='<a>' y=\"</b>\">1</item>")).elements();
    assert_eq!(items[0].attributes[0].1, "<a>");
}

#[test]
fn a_missing_end_tag_costs_its_record_alone() {
    let read = read(rss("<item><a>1</a><item>2</item><item>3"));
    assert_eq!(read.rows().len(), 3);
    let texts: Vec<_> = read
        .parsed()
        .into_iter()
        .map(|parsed| parsed.is_ok())
        .collect();
    assert_eq!(texts, [false, true, false]);
}

#[test]
fn document_types_are_refused_and_nothing_is_expanded() {
    assert_eq!(
        read(ENTITIES).fault(),
        &Fault::XmlDoctypeRefused { line: 2 }
    );
    let inside = read(rss("<item><!DOCTYPE a [<!ENTITY b 'c'>]>&b;</item>"));
    assert_eq!(
        inside.parsed()[0].as_ref().unwrap_err().code(),
        "xml_malformed"
    );
}

#[test]
fn a_record_may_be_neither_too_deep_nor_too_large() {
    let deep = rss(&format!(
        "<item>{}{}</item>",
        "<a>".repeat(100),
        "</a>".repeat(100)
    ));
    assert_eq!(
        read(deep).parsed()[0].as_ref().unwrap_err().code(),
        "record_too_complex"
    );
    let wide = rss(&format!("<item>{}</item>", "<a/>".repeat(100_000)));
    assert_eq!(
        read(wide).parsed()[0].as_ref().unwrap_err().code(),
        "record_too_complex"
    );
    let huge = rss(&format!("<item>{}</item>", "x".repeat(3_000)));
    let read = read_in_pieces(huge.as_bytes(), &[100], &small()).unwrap();
    assert_eq!(read.fault().code(), "record_too_large");
}

#[test]
fn records_on_one_line_are_told_by_their_numbers() {
    let one_line = "<?xml version=\"1.0\"?>\n<rss><channel><item><id>1</id></item><item><id>2</id></item> <item/>\n</channel></rss>";
    assert_eq!(read(one_line).rows(), [1, 2, 3]);
    for text in [
        "<rss>\n<item>1</item>\n<item>2</item><item>3</item></rss>",
        "<rss>\n<item>\n</item><item>2</item></rss>",
        "<rss>\n<item>1</item></rss>",
        "<rss>\n<item>1</item><items/></rss>",
    ] {
        assert_eq!(read(text).rows()[0], 2, "{text}");
    }
    for pieces in [&[1][..], &[40], &[64, 3]] {
        let read = read_in_pieces(one_line.as_bytes(), pieces, &Limits::default()).unwrap();
        assert_eq!(read.rows(), [1, 2, 3]);
    }
}

#[test]
fn declared_prefixes_and_bare_ampersands_are_noticed() {
    let text = "<rss xmlns:g=\"http://a\"><channel xmlns:c = 'x'><item><g:title>Salt & Pepper</g:title></item><item><t>a &amp; b &lt; c</t></item></channel></rss>";
    let read = read(text);
    let DocumentKind::Xml { prefixes, .. } = &*read.kind else {
        panic!("{:?}", read.kind)
    };
    assert_eq!(prefixes, &["g", "c"]);
    let bare: Vec<_> = read
        .elements()
        .iter()
        .map(|item| item.has_bare_ampersand)
        .collect();
    assert_eq!(bare, [true, false]);
}
