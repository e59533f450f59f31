//! Reads the tables in `data/`: one row a line, cells between tabs, `#` before a comment.
//!
//! Promises: a row that is too short has empty cells at its end.
//! Must not know what the cells mean.

/// The rows, each with exactly `N` cells.
pub(crate) fn rows<const N: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(cells)
}

fn cells<const N: usize>(line: &'static str) -> [&'static str; N] {
    let mut given = line.split('\t');
    std::array::from_fn(|_| given.next().unwrap_or_default())
}
