//! Encodes what a run reads in the binary format of PostgreSQL's COPY.
//!
//! Encoded by hand into byte buffers: the driver's own writer boxes every value and costs several times as much.
//! The columns by which records are compared go into [`EncodedRows`], the contents into [`spill`](super::spill). Must not
//! send anything.

use buywire_schemas::catalog::identity::IdentitySketch;

/// The header of a binary COPY: its signature, no flags, no extension.
pub(super) const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// The trailer of a binary COPY.
pub(super) const TRAILER: &[u8] = &[0xff, 0xff];
/// The columns of `feed_staged`, in the order of `copy_staged.sql`.
const COLUMNS: i16 = 16;

/// The kind of a staged row, numbered as in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StagedKind {
    /// A valid item.
    Item,
    /// An invalid record, with its id if it has one.
    Bad,
    /// An id to remove.
    Removed,
    /// A valid record that this run does not need.
    Ignored,
}

/// A record that was read.
#[derive(Debug, Clone)]
pub struct StagedRecord<'a> {
    /// Ascending.
    pub n: i64,
    /// The line in the document.
    pub line: u64,
    pub kind: StagedKind,
    /// The partner's item id.
    pub item_id: Option<&'a str>,
    /// The contents, if it is a valid item.
    pub content: Option<ItemContent<'a>>,
    /// The hash of the record's bytes, unless they must be read again.
    pub raw_hash: Option<u128>,
}

/// The contents of an item.
#[derive(Debug, Clone)]
pub struct ItemContent<'a> {
    /// The group that its variants share.
    pub group: Option<&'a str>,
    /// The text searched besides the id: the title as `searchable` writes it, and an id that is not ASCII.
    pub search: &'a str,
    /// In minor units.
    pub price: i64,
    /// ISO 4217.
    pub currency: &'a str,
    /// As on the wire.
    pub availability: &'a str,
    /// The most specific category.
    pub category: Option<&'a str>,
    /// The item as canonical JSON.
    pub json: &'a str,
    /// The hash of the JSON.
    pub hash: [u8; 16],
    /// Separated by spaces.
    pub gtins: Option<&'a str>,
    /// The link, if the item has a group.
    pub url: Option<&'a str>,
    /// The hash of the link, if the item has a group.
    pub page_hash: Option<u64>,
    /// The hash of the attributes that all variants of a group should share.
    pub traits_hash: Option<u64>,
    /// The attributes from a supplemental feed, as JSON.
    pub supplement: Option<&'a str>,
    /// The sketch of the title and the link's host.
    pub sketch: IdentitySketch,
    /// Whether the item is offered as one that can be bought.
    pub buyable: bool,
    pub has_sale_or_quantity: bool,
}

/// A buffer of whole encoded rows.
#[derive(Debug, Default)]
pub struct EncodedRows(RowEncoder);

/// A buffer of values, each with its length.
#[derive(Debug, Default)]
pub(super) struct RowEncoder(pub(super) Vec<u8>);

impl EncodedRows {
    /// The size in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.0.len()
    }

    /// Takes the rows to send them.
    pub fn take(&mut self) -> Self {
        let capacity = self.0.0.capacity();
        let fields = std::mem::replace(&mut self.0.0, Vec::with_capacity(capacity));
        Self(RowEncoder(fields))
    }

    /// Adds a row.
    pub fn push(&mut self, row: &StagedRecord<'_>) {
        let kind: i16 = match row.kind {
            StagedKind::Item => 0,
            StagedKind::Bad => 1,
            StagedKind::Removed => 3,
            StagedKind::Ignored => 5,
        };
        let line = i64::try_from(row.line).unwrap_or(i64::MAX);
        let content = row.content.as_ref();
        let to = &mut self.0;
        to.begin_row(COLUMNS);
        to.field(Some(&row.n.to_be_bytes()));
        to.field(Some(&line.to_be_bytes()));
        to.field(Some(&kind.to_be_bytes()));
        to.text(row.item_id);
        to.text(content.and_then(|item| item.group));
        to.number(content.map(|item| item.price));
        to.text(content.map(|item| item.currency));
        to.field(content.map(|item| item.hash.as_slice()));
        to.long_hash(row.raw_hash);
        to.text(content.and_then(|item| item.gtins));
        to.hash(content.and_then(|item| item.page_hash));
        to.hash(content.and_then(|item| item.traits_hash));
        to.text(content.and_then(|item| item.url));
        to.text(content.and_then(|item| item.supplement));
        to.field(content.map(|item| item.sketch.as_slice()));
        to.field(
            content
                .map(|item| [u8::from(item.buyable)])
                .as_ref()
                .map(<[u8; 1]>::as_slice),
        );
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.0
    }
}

impl RowEncoder {
    /// Begins a row with its number of values.
    pub(super) fn begin_row(&mut self, columns: i16) {
        self.0.extend(columns.to_be_bytes());
    }

    pub(super) fn number(&mut self, number: Option<i64>) {
        let bytes = number.map(i64::to_be_bytes);
        self.field(bytes.as_ref().map(<[u8; 8]>::as_slice));
    }

    /// As a `bigint`, which is only compared.
    pub(super) fn hash(&mut self, hash: Option<u64>) {
        let bytes = hash.map(u64::to_be_bytes);
        self.field(bytes.as_ref().map(<[u8; 8]>::as_slice));
    }

    pub(super) fn long_hash(&mut self, hash: Option<u128>) {
        let bytes = hash.map(u128::to_be_bytes);
        self.field(bytes.as_ref().map(<[u8; 16]>::as_slice));
    }

    pub(super) fn text(&mut self, text: Option<&str>) {
        self.field(text.map(str::as_bytes));
    }

    /// Writes the length and the bytes; a null has length -1. The reader bounds values far below 2 GiB.
    pub(super) fn field(&mut self, value: Option<&[u8]>) {
        let length = value.map_or(-1, |bytes| i32::try_from(bytes.len()).unwrap_or(i32::MAX));
        self.0.extend(length.to_be_bytes());
        self.0.extend_from_slice(value.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_its_columns_each_behind_its_length() {
        let mut rows = EncodedRows::default();
        rows.push(&StagedRecord {
            n: 7,
            line: 2,
            kind: StagedKind::Bad,
            item_id: Some("a"),
            content: None,
            raw_hash: None,
        });
        let mut expected = vec![
            0, 16, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 2,
        ];
        expected.extend([0, 0, 0, 2, 0, 1, 0, 0, 0, 1, b'a']);
        expected.extend([0xff; 4 * 12]);
        assert_eq!(rows.bytes(), expected.len());
        assert_eq!(rows.into_bytes(), expected);
    }
}
