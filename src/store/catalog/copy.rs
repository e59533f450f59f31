//! What a run reads, in the binary form of PostgreSQL's COPY.
//!
//! Encoded by hand into one buffer after the other: the driver's own writer boxes every value, and costs several
//! times as much. What a record is compared by goes one way ([`EncodedRows`]), what it says another
//! ([`spill`](super::spill)). Must not send anything.

use buywire_schemas::catalog::identity::IdentitySketch;

/// What begins a binary COPY: its signature, no flags, no extension.
pub(super) const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What ends it.
pub(super) const TRAILER: &[u8] = &[0xff, 0xff];
/// The columns of `feed_staged`, in the order of `copy.sql`.
const COLUMNS: i16 = 16;

/// What a staged row is, as the table numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StagedKind {
    /// An item that passed the checks.
    Item,
    /// A record that did not, with its id if it has one.
    Bad,
    /// An id that is to be removed.
    Removed,
    /// A record that is right and of no use here.
    Ignored,
}

/// One record that was read.
#[derive(Debug, Clone)]
pub struct StagedRecord<'a> {
    /// Counts up.
    pub n: i64,
    /// Where it stands in the document.
    pub line: u64,
    /// What it is.
    pub kind: StagedKind,
    /// The partner's id.
    pub item_id: Option<&'a str>,
    /// What an item has beside.
    pub content: Option<ItemContent<'a>>,
    /// Of its bytes, when they need not be read again.
    pub raw_hash: Option<u128>,
}

/// What an item has.
#[derive(Debug, Clone)]
pub struct ItemContent<'a> {
    /// What its variants share.
    pub group: Option<&'a str>,
    /// What words are looked for in besides the id: the title as `searchable` writes it, and an id that is not ASCII.
    pub search: &'a str,
    /// Minor units.
    pub price: i64,
    /// ISO 4217.
    pub currency: &'a str,
    /// As on the wire.
    pub availability: &'a str,
    /// The most telling category.
    pub category: Option<&'a str>,
    /// Canonical JSON.
    pub json: &'a str,
    /// Of the JSON.
    pub hash: [u8; 16],
    /// With blanks between.
    pub gtins: Option<&'a str>,
    /// Its link, if it has a group.
    pub url: Option<&'a str>,
    /// Of the link, if it has a group.
    pub page_hash: Option<u64>,
    /// Of what the variants of its group should agree in.
    pub traits_hash: Option<u64>,
    /// What a supplemental feed says of it, as JSON.
    pub supplement: Option<&'a str>,
    /// Of its title and its link's host.
    pub sketch: IdentitySketch,
    /// Whether it is offered as one that can be bought.
    pub buyable: bool,
}

/// Encoded rows, whole ones.
#[derive(Debug, Default)]
pub struct EncodedRows(RowEncoder);

/// Values behind each other, each behind its length.
#[derive(Debug, Default)]
pub(super) struct RowEncoder(pub(super) Vec<u8>);

impl EncodedRows {
    /// How many bytes they have.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.0.len()
    }

    /// Takes what is there, to be sent.
    pub fn take(&mut self) -> Self {
        let capacity = self.0.0.capacity();
        let fields = std::mem::replace(&mut self.0.0, Vec::with_capacity(capacity));
        Self(RowEncoder(fields))
    }

    /// Adds one.
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
    /// What begins a row: how many values it has.
    pub(super) fn begin_row(&mut self, columns: i16) {
        self.0.extend(columns.to_be_bytes());
    }

    pub(super) fn number(&mut self, number: Option<i64>) {
        let bytes = number.map(i64::to_be_bytes);
        self.field(bytes.as_ref().map(<[u8; 8]>::as_slice));
    }

    /// As a `bigint`: only compared, never counted with.
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

    /// Its length and its bytes; a null has the length -1. A value is bounded far below 2 GiB by the reader.
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
