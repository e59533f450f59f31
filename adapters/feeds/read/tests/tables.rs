//! Tables: delimiters, quotes, rows.

use super::super::Quoting;
use super::*;

fn row(cells: &[&str]) -> Result<Vec<String>, &'static str> {
    Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
}

#[test]
fn a_quoted_cell_keeps_its_line_feeds_and_the_record_its_bytes() {
    let read = read(QUOTED);
    assert_eq!(
        read.header(),
        ["Handle", "Title", "Body (HTML)", "Variant Price"]
    );
    let body = "<p>Round,\n\"fired\" twice</p>";
    assert_eq!(
        read.cells()[0],
        row(&["clay-vase", "Clay vase", body, "15.00"])
    );
    assert_eq!(
        read.records[0].1,
        "clay-vase,Clay vase,\"<p>Round,\n\"\"fired\"\" twice</p>\",15.00"
    );
    assert_eq!(read.rows(), [2, 3, 4]);
}

#[test]
fn delimiters_are_found_by_rows_of_equal_width() {
    assert_eq!(
        read(SEMICOLON).cells()[0],
        row(&["a1", "Töpfe, klein", "12,50"])
    );
    let pipes = "id|title|price\n1|a, b, c|2\n2|d|3\n";
    assert_eq!(read(pipes).cells()[0], row(&["1", "a, b, c", "2"]));
    let lists = "id\tshipping(country,region,service,price)\n1\tUS\n2\tDE\n";
    assert_eq!(
        read(lists).header(),
        ["id", "shipping(country,region,service,price)"]
    );
    let set = Hints {
        delimiter: Some(b','),
        ..Hints::default()
    };
    assert_eq!(read_with("id\n1\n2\n", &set).rows(), [2, 3]);
}

#[test]
fn stray_quotes_between_tabs_are_text() {
    let cells = read(STRAY).cells();
    assert_eq!(
        cells[0],
        row(&["s1", "\"Best\" shoes", "10.00 USD", "US,CA,5"])
    );
    assert_eq!(cells[1], row(&["s2", "24\" monitor", "99.00 USD", ""]));
    assert_eq!(cells[2], row(&["s3", "a tab\tinside", "5 USD", "US,,0"]));
    let open = "id\ttitle\n1\t\"never closed\n2\tb\n";
    assert_eq!(read(open).cells()[0], row(&["1", "\"never closed"]));
}

#[test]
fn quoting_between_tabs_is_found_or_set() {
    let lines = "id\ttitle\tx\n1\t\"a\nb\"\ty\n2\t\"c\nd\"\tz\n";
    assert_eq!(read(lines).cells()[0], row(&["1", "a\nb", "y"]));
    let off = Hints {
        quoting: Some(false),
        ..Hints::default()
    };
    let plain = read_with("id,title\n1,\"a\"\n", &off);
    assert_eq!(plain.cells()[0], row(&["1", "\"a\""]));
    assert!(matches!(
        &*plain.kind,
        DocumentKind::Table {
            quotes: Quoting::Plain,
            ..
        }
    ));
}

#[test]
fn ragged_rows_are_as_wide_as_they_are() {
    let cells = read("id,title,price\n1\n2,b,3,extra,\n").cells();
    assert_eq!(cells, [row(&["1"]), row(&["2", "b", "3", "extra", ""])]);
}

#[test]
fn blank_rows_are_counted_and_left_out() {
    let read = read("id,title\n\n1,a\r\n,\n\"\",\n  \n2,b\n\n,,,\n");
    assert_eq!(read.rows(), [3, 7]);
}

#[test]
fn every_line_end_ends_a_row() {
    for end in ["\n", "\r\n", "\r"] {
        let read = read(["id,title", "1,a", "2,b", ""].join(end));
        assert_eq!(
            read.cells(),
            [row(&["1", "a"]), row(&["2", "b"])],
            "{end:?}"
        );
    }
}

#[test]
fn repeated_column_names_stay_and_a_header_alone_is_whole() {
    let read = read("\u{feff}\"id\",image, image \n");
    assert_eq!(read.header(), ["id", "image", "image"]);
    assert_eq!(read.rows(), [] as [u64; 0]);
}

#[test]
fn a_quote_that_is_open_at_the_end_makes_the_table_unprovable() {
    let read = read("id,title\n1,a\n2,\"b\n3,c\n");
    assert_eq!(read.records.len(), 1);
    assert_eq!(read.fault(), &Fault::CsvUnterminatedQuote { line: 3 });
    assert_eq!(refused("\"id,title\n1,a\n").code(), "csv_no_header");
}

#[test]
fn a_quote_that_is_shown_to_be_open_costs_its_row_alone() {
    let read = read("id,title\n1,\"a\n2,\"b\"\n3,c\n");
    assert_eq!(
        read.cells(),
        [
            Err("csv_unterminated_quote"),
            row(&["2", "b"]),
            row(&["3", "c"])
        ]
    );
    assert_eq!(read.rows(), [2, 3, 4]);
}

#[test]
fn text_without_columns_is_no_table() {
    let fault = refused("Not found\n");
    assert_eq!(
        (fault.code(), fault.excerpt()),
        ("csv_no_header", Some("Not found\n"))
    );
}

#[test]
fn a_row_may_not_be_larger_than_a_record() {
    let long = format!("id,title\n1,{}\n", "x".repeat(3_000));
    let read = read_in_pieces(long.as_bytes(), &[700], &small()).unwrap();
    assert_eq!(
        read.fault(),
        &Fault::RecordTooLarge {
            line: 2,
            bytes_max: 2_000
        }
    );
    let open = format!("id,title\n1,a\n2,\"{}\n", "x\n".repeat(3_000));
    let read = read_in_pieces(open.as_bytes(), &[700], &small()).unwrap();
    assert_eq!(read.fault(), &Fault::CsvUnterminatedQuote { line: 3 });
}

#[test]
fn the_header_and_nothing_else_gives_a_row_its_meaning() {
    let hash = |text: &str| read(text).kind.preamble_hash();
    assert_eq!(hash("id,title\n1,a\n"), hash("id,title\n2,b\n3,c\n"));
    assert_ne!(hash("id,title\n1,a\n"), hash("title,id\n1,a\n"));
    assert_ne!(hash("id,title\n1,a\n"), hash("id;title\n1;a\n"));
}

#[test]
fn what_stands_before_the_header_is_passed_over() {
    let rows = "id,title,price\n1,a,2\n";
    for (before, row) in [
        (
            "# Required | A unique id,# Required | A title,# Required | price\n",
            3,
        ),
        (
            "\u{feff}\"# Required | An id, of yours\",# Optional | x\n",
            3,
        ),
        ("# made by export 5\n# 2026-11-29 12:00\n", 4),
        ("Products of my shop\n", 3),
        ("Products of my shop,,\n,,\n", 4),
        ("Products\n\nAll of them\n", 5),
        ("sep=,\n", 3),
        ("\"SEP=,\"\r\n", 3),
    ] {
        let read = read(format!("{before}{rows}"));
        assert_eq!(read.header(), ["id", "title", "price"], "{before}");
        assert_eq!(read.rows(), [row], "{before}");
    }
    let semicolons = read("sep=;\nid;a, b, c;price\n1;2;3,50\n");
    assert_eq!(semicolons.header(), ["id", "a, b, c", "price"]);
    // The name of a column may begin so, too.
    assert_eq!(read("#,id,title\n1,2,a\n").header(), ["#", "id", "title"]);
    assert_eq!(refused("Not found\nSorry\n").code(), "csv_no_header");
}

#[test]
fn concatenated_files_are_one_table() {
    let part = "id,title,price\n1,a,2\n2,b,3\n";
    let read = read(format!("\u{feff}{part}\u{feff}{part}\u{feff}3,c,4\n"));
    assert_eq!(read.header(), ["id", "title", "price"]);
    assert_eq!(read.rows(), [2, 3, 5, 6, 7]);
    let last = read.cells().pop().unwrap();
    assert_eq!(last, row(&["3", "c", "4"]));
    let lines = super::read("{\"id\":1}\n\u{feff}{\"id\":2}\n");
    assert_eq!(lines.values().len(), 2);
}
