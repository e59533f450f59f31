//! Misplaced quotes: a stray quote costs its row, and never mixes two rows.

use super::*;

const HEADER: &str = "id,title,description,link,image_link,price,availability";

fn row(id: usize, title: &str) -> String {
    format!(
        "{id},{title},d,https://shop.example/p/{id},https://img.example/{id}.jpg,{id}.00 EUR,in stock"
    )
}

/// A table with these titles; of each row its cells, or none.
fn cells(titles: &[&str]) -> Vec<Option<Vec<String>>> {
    let rows = titles
        .iter()
        .enumerate()
        .map(|(at, title)| row(at + 1, title) + "\n");
    let text = format!("{HEADER}\n{}", rows.collect::<String>());
    let read = read(&text);
    // However the bytes arrive.
    for pieces in [&[1][..], &[7, 100], &[64]] {
        assert_eq!(
            read_in_pieces(text.as_bytes(), pieces, &Limits::default()),
            Ok(super::read(&text))
        );
    }
    read.cells().into_iter().map(Result::ok).collect()
}

/// What belongs to one item: its id, link and price.
fn is_of_one_item(cells: &[String]) -> bool {
    let id = &cells[0];
    cells[3].ends_with(&format!("/{id}")) && cells[5] == format!("{id}.00 EUR")
}

#[test]
fn a_quote_that_takes_rows_in_costs_its_own_row() {
    for titles in [
        [
            "\"Unclosed title",
            "Item 2",
            "Item 3",
            "Bike 26\"",
            "Item 5",
        ],
        [
            "\"Unclosed title",
            "Bike 26\"",
            "Item 3",
            "Item 4",
            "Item 5",
        ],
        [
            "\"Unclosed title",
            "Item 2",
            "\"Quoted, title\"",
            "Item 4",
            "Item 5",
        ],
        [
            "\"Unclosed, title",
            "Item 2",
            "Item 3",
            "Bike 26\"",
            "Item 5",
        ],
        ["\"Unclosed title", "Item 2", "Item 3", "Item 4", "Item 5"],
    ] {
        let rows = cells(&titles);
        assert_eq!(rows.len(), 5, "{titles:?}");
        assert_eq!(rows[0], None, "{titles:?}");
        for (at, row) in rows.iter().enumerate().skip(1) {
            let row = row.as_ref().unwrap();
            assert!(row.len() == 7 && is_of_one_item(row), "{row:?}");
            assert_eq!(row[0], (at + 1).to_string());
        }
    }
}

#[test]
fn an_open_quote_of_the_last_row_takes_nothing_in() {
    let rows = cells(&["Item 1", "Item 2", "\"Open", "Item 4"]);
    assert_eq!(rows.iter().filter(|row| row.is_some()).count(), 3);
    // Nothing after it shows that it is a row: the document cannot be proven.
    let text = format!("{HEADER}\n{}\n{}\n", row(1, "Item"), row(2, "\"Open"));
    assert_eq!(read(text).fault(), &Fault::CsvUnterminatedQuote { line: 3 });
}

#[test]
fn a_quoted_cell_of_several_lines_is_one_cell() {
    let prose = "\"A cup, fired twice,\nglazed, signed, from 12, to 30 cm, and 5, of them\n\nhttps://maker.example/cups, say, more, of, it, 5, in all\"";
    let titles = ["Item 1", prose, "\"A\nB\"", "Item 4"];
    let rows = cells(&titles);
    assert!(rows.iter().flatten().all(|row| is_of_one_item(row)));
    assert_eq!(rows.iter().flatten().count(), 4);
    assert_eq!(rows[1].as_ref().unwrap()[1], prose.trim_matches('"'));
}

#[test]
fn a_first_column_of_several_lines_stays_one_cell() {
    let text = "title,link,price\n\"Cup, small\nand blue\",https://shop.example/1,5.00\n\"A, b, c\nd\",https://shop.example/2,6.00\nMug,https://shop.example/3,7.00\n";
    let read = read(text);
    let titles: Vec<_> = read
        .cells()
        .into_iter()
        .map(|row| row.unwrap()[0].clone())
        .collect();
    assert_eq!(titles, ["Cup, small\nand blue", "A, b, c\nd", "Mug"]);
}

#[test]
fn narrow_tables_do_not_mix_rows_either() {
    let text = "sku,price,availability\n\"A1,5.00 EUR,in stock\nB2,6.00 EUR,in stock\nC\"3,7.00 EUR,in stock\n";
    let read = read(text);
    assert_eq!(read.rows(), [2, 3, 4]);
    assert!(read.cells()[0].is_err());
    assert_eq!(read.cells()[1].as_ref().unwrap()[1], "6.00 EUR");
    // The last cell may go on, in lines that look like anything.
    let text = "id,description\n5,\"Sizes:\n36, EU\"\n6,Cup\n";
    assert_eq!(
        super::read(text)
            .cells()
            .iter()
            .filter(|row| row.is_ok())
            .count(),
        2
    );
}

#[test]
fn quotes_inside_of_a_quoted_cell_are_read_as_they_look() {
    for (title, expected) in [
        ("\"Say \\\"hi\\\" shirt\"", "Say \"hi\" shirt"),
        ("\"26\" wheel\" bike\"", "26\" wheel\" bike"),
        ("\"Say \\\"hi, you\\\" shirt\"", "Say \"hi, you\" shirt"),
        ("\"Monitor 26\\\"\"", "Monitor 26\""),
        ("\"Best\" shoes", "Best shoes"),
    ] {
        let text = format!(
            "{HEADER}\n{}\n{}\n{}\n",
            row(1, "Cup"),
            row(2, title),
            row(3, "\"Mug\"")
        );
        let read = read(&text);
        assert_eq!(read.stray_quotes(), [3], "{title}");
        let cells: Vec<_> = read.cells().into_iter().map(Result::unwrap).collect();
        assert_eq!(cells[1][1], expected);
        assert!(
            cells
                .iter()
                .all(|row| row.len() == 7 && is_of_one_item(row)),
            "{title}"
        );
    }
}

#[test]
fn what_is_written_by_the_rules_is_no_stray_quote() {
    for title in [
        "\"26\"\" wheel\"",
        "\"Say \"\"hi\"\"\"",
        "5\" pipe",
        "\"C:\\\"",
        "\"a\" ",
        "\"Pipe 5\\\"\", black\"",
    ] {
        let text = format!("{HEADER}\n{}\n", row(1, title));
        let read = read(&text);
        assert_eq!(read.stray_quotes(), [] as [u64; 0], "{title}");
        assert!(is_of_one_item(read.cells()[0].as_ref().unwrap()), "{title}");
    }
}
