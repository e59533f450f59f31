//! Spill files: the contents of a run's items, on this machine's disk until the plan is made.
//!
//! Most of a feed is text that is never compared. In a temporary table it would be written twice and read once more
//! before it is live. From a spill file, new products go directly into their table, and unchanged ones go nowhere.
//!
//! Promises: rows come out in the order in which they were read; the file has no name and disappears with the
//! process. Must not decide which rows are needed.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::iter::Peekable;
use std::vec;

use buywire_schemas::ids::{PartnerId, RunId};
use tokio::sync::mpsc::{self, Receiver, Sender};
use uuid::Uuid;

use super::copy::{RowEncoder, StagedRecord};
use crate::temp_file::{self, DrainingFile};

/// The columns of `feed_contents`, in the order of `copy_contents.sql`. The number and the raw hash come first, so
/// that a row can be converted for another table without parsing the rest.
const COLUMNS: i16 = 15;
/// The column count, the length of the number and the number.
const NUMBER_ENDS: usize = 2 + 4 + 8;
/// The length that means null.
const NULL: [u8; 4] = (-1_i32).to_be_bytes();
/// The length and a raw hash.
const HASH_BYTES: usize = 4 + 16;
/// The bytes of a product id that all products of a run share.
pub(super) const PREFIX_BYTES: usize = 10;
/// Bytes per read and write of the disk.
const DISK_BYTES: usize = 256 * 1024;
/// Bytes per message to the database.
const BATCH_BYTES: usize = 128 * 1024;
/// Batches that may wait for the database.
const BATCHES_AHEAD: usize = 4;

/// Writes contents to the disk while they are read.
pub(crate) struct SpillWriter {
    file: BufWriter<File>,
    row: RowEncoder,
    detailed: Vec<i64>,
}

/// A complete spill file.
#[derive(Debug)]
pub struct SpillFile {
    file: File,
    /// Records that must be read again next time, whatever their row says; sorted.
    reread: Vec<u32>,
    /// Records of items with a sale or a quantity.
    detailed: Vec<i64>,
}

/// The table whose rows are produced.
#[derive(Debug, Clone, Copy)]
pub(super) enum RowShape {
    /// `feed_contents`.
    Content,
    /// `feed_held_contents`.
    Held(RunId),
    /// `products`: new products, each with the id made of the run's prefix and its number.
    Product { partner: PartnerId, prefix: Uuid },
}

impl SpillWriter {
    /// Creates an empty spill file.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::with_capacity(DISK_BYTES, temp_file::create()?),
            row: RowEncoder::default(),
            detailed: Vec::new(),
        })
    }

    /// Adds the contents of a record, if it is an item.
    pub(crate) fn push(&mut self, row: &StagedRecord<'_>) -> io::Result<()> {
        let Some(item) = &row.content else {
            return Ok(());
        };
        if item.has_sale_or_quantity {
            self.detailed.push(row.n);
        }
        let to = &mut self.row;
        to.0.clear();
        to.begin_row(COLUMNS);
        to.field(Some(&row.n.to_be_bytes()));
        to.long_hash(row.raw_hash);
        to.text(row.item_id);
        to.text(item.group);
        to.text(Some(item.search));
        to.number(Some(item.price));
        to.text(Some(item.currency));
        to.text(Some(item.availability));
        to.text(item.category);
        to.text(Some(item.json));
        to.field(Some(&item.hash));
        to.text(item.gtins);
        to.hash(item.page_hash);
        to.hash(item.traits_hash);
        to.field(Some(&item.sketch));
        let length = u32::try_from(to.0.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.file.write_all(&length.to_be_bytes())?;
        self.file.write_all(&to.0)
    }

    /// Finishes the file.
    pub(crate) fn finish(self) -> io::Result<SpillFile> {
        Ok(SpillFile {
            file: self.file.into_inner()?,
            reread: Vec::new(),
            detailed: self.detailed,
        })
    }
}

impl SpillFile {
    /// The records whose items have a sale or a quantity: their history needs more than the columns.
    pub(super) fn detailed(&self) -> &[i64] {
        &self.detailed
    }

    /// Marks records that must be read again next time.
    pub(super) fn clear_hashes(&mut self, numbers: impl IntoIterator<Item = u32>) {
        self.reread.extend(numbers);
        self.reread.sort_unstable();
        self.reread.dedup();
    }

    /// Sends the rows with these sorted numbers in batches. All reads except the last must use [`RowShape::Content`]:
    /// the others free the space of what they have read.
    pub(super) fn rows(&self, numbers: &[u32], shape: RowShape) -> Receiver<io::Result<Vec<u8>>> {
        let (send, receive) = mpsc::channel(BATCHES_AHEAD);
        let file = self.file.try_clone();
        let numbers = numbers.to_vec();
        let reread = self.reread.clone();
        tokio::task::spawn_blocking(move || {
            let copier = RowCopier {
                numbers: numbers.into_iter().peekable(),
                reread: reread.into_iter().peekable(),
                shape,
            };
            if let Err(error) = file.and_then(|file| copier.copy_all(file, &send)) {
                // A receiver that is gone has no use for the error.
                let _ = send.blocking_send(Err(error));
            }
        });
        receive
    }
}

/// Converts rows and sends them.
struct RowCopier {
    numbers: Peekable<vec::IntoIter<u32>>,
    reread: Peekable<vec::IntoIter<u32>>,
    shape: RowShape,
}

impl RowCopier {
    /// Sends every requested row. A row that is not there is an error.
    fn copy_all(self, mut file: File, to: &Sender<io::Result<Vec<u8>>>) -> io::Result<()> {
        if matches!(self.shape, RowShape::Content) {
            file.rewind()?;
            return self.copy_from(BufReader::with_capacity(DISK_BYTES, file), to);
        }
        let file = DrainingFile::new(file)?;
        self.copy_from(BufReader::with_capacity(DISK_BYTES, file), to)
    }

    fn copy_from(
        mut self,
        mut file: impl Read,
        to: &Sender<io::Result<Vec<u8>>>,
    ) -> io::Result<()> {
        let (mut row, mut batch) = (Vec::new(), Vec::with_capacity(2 * BATCH_BYTES));
        while self.numbers.peek().is_some() {
            let mut length = [0; 4];
            file.read_exact(&mut length)?;
            row.resize(u32::from_be_bytes(length) as usize, 0);
            file.read_exact(&mut row)?;
            let Some((head, rest)) = row.split_at_checked(NUMBER_ENDS) else {
                return Err(io::ErrorKind::InvalidData.into());
            };
            let number = number(head).ok_or(io::ErrorKind::InvalidData)?;
            if self.numbers.next_if_eq(&number).is_none() {
                continue;
            }
            self.push_row(number, head, rest, &mut batch);
            if batch.len() >= BATCH_BYTES {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(2 * BATCH_BYTES));
                if to.blocking_send(Ok(full)).is_err() {
                    return Ok(());
                }
            }
        }
        let _ = to.blocking_send(Ok(batch));
        Ok(())
    }

    fn push_row(&mut self, number: u32, head: &[u8], rest: &[u8], to: &mut Vec<u8>) {
        let mut fields = RowEncoder(std::mem::take(to));
        match self.shape {
            RowShape::Content => fields.0.extend_from_slice(head),
            RowShape::Held(run) => {
                fields.begin_row(COLUMNS + 1);
                fields.field(Some(run.uuid().as_bytes()));
                fields
                    .0
                    .extend_from_slice(head.get(2..).unwrap_or_default());
            }
            RowShape::Product { partner, prefix } => {
                fields.begin_row(COLUMNS + 1);
                fields.field(Some(&product_id(prefix, number)));
                fields.field(Some(partner.uuid().as_bytes()));
            }
        }
        let keeps_hash = self.keeps_hash(number) || rest.starts_with(&NULL);
        let rest = match keeps_hash {
            true => rest,
            false => {
                fields.long_hash(None);
                rest.get(HASH_BYTES..).unwrap_or_default()
            }
        };
        fields.0.extend_from_slice(rest);
        *to = fields.0;
    }

    /// Whether the record's raw hash is still valid.
    fn keeps_hash(&mut self, number: u32) -> bool {
        while self.reread.next_if(|other| *other < number).is_some() {}
        self.reread.peek() != Some(&number)
    }
}

fn number(head: &[u8]) -> Option<u32> {
    let bytes = head.last_chunk()?;
    u32::try_from(i64::from_be_bytes(*bytes)).ok()
}

/// Makes the id like `plan_staged.sql`.
fn product_id(prefix: Uuid, number: u32) -> [u8; 16] {
    let mut id = prefix.into_bytes();
    let digits = u128::from(number).to_be_bytes();
    let tail = id.iter_mut().zip(digits).skip(PREFIX_BYTES);
    tail.for_each(|(to, digit)| *to = digit);
    id
}

#[cfg(test)]
mod tests {
    use super::super::copy::{ItemContent, StagedKind};
    use super::*;

    const HASH: u128 = u128::MAX;

    fn spilled(numbers: &[i64]) -> SpillFile {
        let mut writer = SpillWriter::new().unwrap();
        for number in numbers {
            let id = format!("item-{number}");
            let mut row = StagedRecord {
                n: *number,
                line: 1,
                kind: StagedKind::Bad,
                item_id: Some(&id),
                content: None,
                raw_hash: (number % 2 == 0).then_some(HASH),
            };
            // A record that is not an item has no contents.
            writer.push(&row).unwrap();
            row.content = Some(ItemContent {
                group: None,
                search: "a shirt",
                price: 1_000,
                currency: "EUR",
                availability: "in_stock",
                category: None,
                json: "{}",
                hash: [1; 16],
                gtins: None,
                url: None,
                page_hash: Some(7),
                traits_hash: None,
                supplement: None,
                sketch: [3; 16],
                buyable: true,
                has_sale_or_quantity: false,
            });
            writer.push(&row).unwrap();
        }
        writer.finish().unwrap()
    }

    async fn rows(file: &SpillFile, numbers: &[u32], shape: RowShape) -> io::Result<Vec<Row>> {
        let mut rows = file.rows(numbers, shape);
        let mut bytes = Vec::new();
        while let Some(batch) = rows.recv().await {
            bytes.extend(batch?);
        }
        Ok(parse_rows(&bytes))
    }

    type Row = Vec<Option<Vec<u8>>>;

    /// Decodes rows as PostgreSQL does.
    fn parse_rows(mut bytes: &[u8]) -> Vec<Row> {
        let mut rows = Vec::new();
        while let Some((count, mut rest)) = bytes.split_first_chunk() {
            let mut row = Vec::new();
            for _ in 0..i16::from_be_bytes(*count) {
                let (length, behind) = rest.split_first_chunk().unwrap();
                let length = usize::try_from(i32::from_be_bytes(*length)).ok();
                let (value, behind) = behind.split_at(length.unwrap_or_default());
                row.push(length.map(|_| value.to_vec()));
                rest = behind;
            }
            rows.push(row);
            bytes = rest;
        }
        rows
    }

    fn text(row: &Row, index: usize) -> &str {
        std::str::from_utf8(row[index].as_ref().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn what_is_wanted_comes_in_order_and_no_more() {
        let file = spilled(&[0, 1, 2, 5, 6]);
        let rows = rows(&file, &[1, 5], RowShape::Content).await.unwrap();
        assert_eq!(rows.len(), 2);
        for (row, number) in rows.iter().zip([1_i64, 5]) {
            assert_eq!(row.len(), 15);
            assert_eq!(row[0].as_deref(), Some(&number.to_be_bytes()[..]));
            assert_eq!(text(row, 2), format!("item-{number}"));
            assert_eq!((text(row, 4), text(row, 6)), ("a shirt", "EUR"));
        }
    }

    #[tokio::test]
    async fn a_new_product_has_the_id_that_the_plan_gave_it() {
        let file = spilled(&[0, 0x01_02_03]);
        let shape = RowShape::Product {
            partner: buywire_schemas::ids::PartnerId::generate(),
            prefix: Uuid::from_bytes([0xab; 16]),
        };
        let rows = rows(&file, &[0x01_02_03], shape).await.unwrap();
        assert_eq!(rows.len(), 1);
        let id: [u8; 16] = rows[0][0].as_deref().unwrap().try_into().unwrap();
        let digits = "ab".repeat(PREFIX_BYTES) + "000000010203";
        assert_eq!(Uuid::from_bytes(id).simple().to_string(), digits);
        assert_eq!((rows[0].len(), text(&rows[0], 3)), (16, "item-66051"));
    }

    #[tokio::test]
    async fn a_record_that_must_be_read_again_has_no_hash_in_any_shape() {
        let mut file = spilled(&[0, 1, 2, 4]);
        file.clear_hashes([4, 0]);
        file.clear_hashes([1]);
        let numbers = [0, 1, 2, 4];
        let held = RowShape::Held(RunId::generate());
        for (shape, index) in [(RowShape::Content, 1), (held, 2)] {
            let rows = rows(&file, &numbers, shape).await.unwrap();
            let hashes: Vec<_> = rows.iter().map(|row| row[index].is_some()).collect();
            assert_eq!(hashes, [false, false, true, false]);
            assert_eq!(rows[2][index].as_deref(), Some(&HASH.to_be_bytes()[..]));
            assert_eq!(text(&rows[3], index + 1), "item-4");
        }
    }

    #[tokio::test]
    async fn what_is_wanted_and_not_there_is_an_error() {
        let file = spilled(&[0, 2]);
        for numbers in [[1, 2], [0, 3]] {
            assert!(rows(&file, &numbers, RowShape::Content).await.is_err());
        }
    }
}
