//! Documents without an end marker: a truncated record is ignored and reported.

use super::*;

const HEADER: &str = "id,title,link,image_link,availability,price";

fn row(id: usize) -> String {
    format!(
        "{id},Cup {id},https://shop.example/{id},https://img.example/{id}.jpg,in stock,1299.00 EUR"
    )
}

fn table(rows: usize) -> String {
    let rows = (1..=rows).map(row);
    let lines = std::iter::once(HEADER.to_owned()).chain(rows);
    lines.map(|line| line + "\n").collect()
}

/// The message of the cut, if there is one.
fn message(read: &Reading) -> Option<&str> {
    read.cut.as_ref()?.message.as_deref()
}

#[test]
fn a_last_row_without_a_line_end_is_not_used_wherever_it_is_cut() {
    let whole = table(4);
    let all = read(&whole);
    assert_eq!((all.records.len(), &all.cut), (4, &None));
    for (line_end, spelled) in [("\n", whole.clone()), ("\r\n", whole.replace('\n', "\r\n"))] {
        for length in HEADER.len() + 3..spelled.len() {
            let part = &spelled[..length];
            let read = read(part);
            let ends = part.matches(line_end).count() - 1;
            assert_eq!(read.records, all.records[..ends], "{part:?}");
            let is_cut = !part.ends_with('\n');
            let expected = is_cut.then_some(Truncation {
                row: ends as u64 + 2,
                message: None,
            });
            assert_eq!(read.cut, expected, "{part:?}");
        }
    }
}

#[test]
fn blank_rows_at_the_end_need_no_line_end() {
    for end in [" ", ",,,,,", "\t", "\"\",,"] {
        let read = read(table(2) + end);
        assert_eq!((read.records.len(), read.cut), (2, None), "{end:?}");
    }
}

#[test]
fn an_error_message_or_a_page_ends_a_table() {
    let fatal = "Allowed memory size of 134217728 bytes exhausted in /srv/feed.php on line 12";
    let html = format!("<br />\n<b>Fatal error</b>:  {fatal}<br />\n");
    for (before, message_at, kept) in [
        // After a whole row, at a line of its own.
        (String::new(), html.clone(), 2),
        (String::new(), format!("\nFatal error: {fatal}\n"), 2),
        (
            String::new(),
            "<html><head><title>502</title>\n".to_owned(),
            2,
        ),
        (
            String::new(),
            "<!DOCTYPE html>\n<p>Sign in</p>\n".to_owned(),
            2,
        ),
        (String::new(), "</html>\n".to_owned(), 2),
        (String::new(), format!("\nPHP Warning:  {fatal}\n"), 2),
        (
            String::new(),
            "\nWarning: Undefined index: price in /srv/feed.php on line 3\n".to_owned(),
            2,
        ),
        (
            String::new(),
            "\nTraceback (most recent call last):\n  File \"feed.py\", line 3\n".to_owned(),
            2,
        ),
        // In the middle of the third row: the message's line end is not the row's.
        (
            "3,Cup,https://shop.example/3,https://img.example/3.jpg,in stock,12".to_owned(),
            html.clone(),
            2,
        ),
        (
            "3,Cup,https://shop.example/3,https://img.example/3.jpg,in stock,12".to_owned(),
            format!("\nFatal error: {fatal}\n"),
            2,
        ),
        (
            "3,Cup,https://sho".to_owned(),
            format!("\nPHP Fatal error:  {fatal}\n"),
            2,
        ),
        (
            "3,\"Cup".to_owned(),
            html.replace("Fatal error", "Warning"),
            2,
        ),
    ] {
        // More rows after the message are not the table's either.
        for after in [String::new(), row(4) + "\n"] {
            let text = format!("{}{before}{message_at}{after}", table(2));
            let read = read(&text);
            assert_eq!(read.end, Ok(()), "{text}");
            assert_eq!(read.records.len(), kept, "{text}");
            assert!(message(&read).is_some(), "{text}");
        }
    }
}

#[test]
fn what_only_looks_like_a_message_is_a_row() {
    let titled = "title,id,link\nWarning: hot,1,https://shop.example/1\n<b>Bold</b> cup,2,https://shop.example/2\nFatal error: the album,3,https://shop.example/3\n";
    let read = read(titled);
    assert_eq!((read.records.len(), read.cut), (3, None));
    let html = format!(
        "{HEADER}\n1,\"Cup\n<b>Warning</b>: hot\n<br />\n<p>Fired twice</p>\",https://shop.example/1,https://img.example/1.jpg,in stock,5 EUR\n"
    );
    let read = super::read(html);
    assert_eq!((read.cells().len(), read.cut.clone()), (1, None));
    assert!(read.cells()[0].is_ok());
}

#[test]
fn json_lines_end_where_an_error_message_begins() {
    let lines = "{\"id\":\"1\"}\n{\"id\":\"2\"}\n";
    for message_at in [
        "Fatal error: no memory\n",
        "<br />\n<b>Fatal error</b>\n",
        "<html>",
    ] {
        for before in ["", "{\"id\":\"3\",\"title\":\"C\n"] {
            let read = read(format!("{lines}{before}{message_at}{{\"id\":\"4\"}}\n"));
            let parsed = read.parsed();
            let good = parsed.iter().filter(|one| one.is_ok()).count();
            assert_eq!((good, read.end.clone()), (2, Ok(())), "{message_at}");
            assert!(message(&read).is_some());
        }
    }
    // Each line shows itself whether it is whole.
    let read = read(lines.trim_end());
    assert_eq!((read.records.len(), read.cut), (2, None));
}

#[test]
fn a_document_that_only_says_why_there_is_none_is_no_feed() {
    for text in [
        "Fatal error: Allowed memory size, exhausted in /srv/feed.php on line 12\n",
        "Warning: Undefined index, in /srv/feed.php on line 3\nid,title,price\n1,a,2\n",
    ] {
        let fault = refused(text);
        assert!(
            matches!(
                fault,
                Fault::NotAFeed {
                    what: "an error message",
                    ..
                }
            ),
            "{fault}"
        );
    }
}
