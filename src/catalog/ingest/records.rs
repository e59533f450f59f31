//! Passes records from the document to the checks.
//!
//! Promises: records keep the order of the document, each with all that it gave; a recognised record is not parsed.
//! Must not validate what records say.

use std::sync::mpsc::SyncSender;

use buywire_feeds::draft::Draft;
use buywire_feeds::{FeedReader, RawRecord};
use buywire_schemas::catalog::issue::{Code, Issue};

use crate::catalog::ingest::dedup::live_hashes::LiveHashes;

/// Batches that wait for the checks.
pub(crate) const BATCHES_AHEAD: usize = 4;
/// Bytes of the records in a batch: large enough that handing it over costs little.
const BATCH_BYTES: usize = 64 * 1024;
/// Items in one catalog: with 16 bytes each they still fit into memory.
const ITEMS_MAX: u64 = 5_000_000;

/// A parsed record, or the rows of one product.
pub(crate) struct Record {
    /// The row at which it begins.
    pub row: u64,
    /// The hash of its bytes, if a later run may recognise it by them.
    pub raw_hash: Option<u128>,
    /// Findings that belong to no item.
    pub issues: Vec<Issue>,
    /// Items before validation.
    pub drafts: Vec<Draft>,
}

/// Parses to the document's end, or until the receiver is gone. Records before an error are sent.
pub(crate) fn parse_records(
    feed: &mut FeedReader,
    live_hashes: &mut LiveHashes,
    may_skip: bool,
    send: SyncSender<Vec<Record>>,
) -> Result<(), Issue> {
    let mut parser = RecordParser {
        feed,
        live_hashes,
        may_skip,
        item_count: 0,
        batch: Vec::new(),
        bytes: 0,
        send,
    };
    let ended = parser.parse_all();
    parser.flush();
    ended
}

struct RecordParser<'a> {
    feed: &'a mut FeedReader,
    live_hashes: &'a mut LiveHashes,
    may_skip: bool,
    /// Possible items so far.
    item_count: u64,
    batch: Vec<Record>,
    bytes: usize,
    send: SyncSender<Vec<Record>>,
}

impl RecordParser<'_> {
    fn parse_all(&mut self) -> Result<(), Issue> {
        let mut raw = RawRecord::default();
        while self.feed.next_record(&mut raw)? {
            if self.may_skip
                && let Some(fingerprint) = self.live_hashes.recognise(raw.hash(), raw.row())
            {
                self.feed.merge_proofs(fingerprint);
                continue;
            }
            let mut issues = Vec::new();
            let drafts = self.feed.drafts(&raw, &mut issues);
            self.item_count += drafts.len().max(issues.len().min(1)) as u64;
            self.bytes += raw.bytes();
            self.batch.push(Record {
                row: raw.row(),
                raw_hash: Some(self.feed.fingerprint(&raw)).filter(|_| self.may_skip),
                issues,
                drafts,
            });
            if self.bytes >= BATCH_BYTES && !self.flush() {
                return Ok(());
            }
            if self.item_count + self.live_hashes.recognised_products() > ITEMS_MAX {
                return Err(Issue::new(Code::ItemLimit));
            }
        }
        let mut issues = Vec::new();
        let drafts = self.feed.finish_drafts(&mut issues);
        self.batch.push(Record {
            row: raw.row(),
            raw_hash: None,
            issues,
            drafts,
        });
        Ok(())
    }

    /// Sends the batch; returns false when the receiver is gone. The receiving side knows why it stopped.
    fn flush(&mut self) -> bool {
        self.bytes = 0;
        self.send.send(std::mem::take(&mut self.batch)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::mpsc;

    use buywire_feeds::ReaderSettings;
    use buywire_feeds::read::Hints;
    use time::OffsetDateTime;

    use super::*;

    const HEAD: &str = "id,title,description,link,image_link,price,availability\n";

    fn parsed_rows(text: String, live_hashes: &mut LiveHashes) -> (Vec<u64>, Result<(), Issue>) {
        let now = OffsetDateTime::UNIX_EPOCH;
        let source = Cursor::new(text.into_bytes());
        let mut feed =
            FeedReader::open(source, &Hints::default(), ReaderSettings::default(), now).unwrap();
        let (send, records) = mpsc::sync_channel(100);
        let ended = parse_records(&mut feed, live_hashes, true, send);
        let rows = records
            .iter()
            .flatten()
            .filter(|one| !one.drafts.is_empty());
        (rows.map(|one| one.row).collect(), ended)
    }

    fn row(id: &str) -> String {
        format!(
            "{id},A shirt,Warm,https://shop.example/{id},https://shop.example/{id}.jpg,1.00 EUR,in_stock\n"
        )
    }

    #[test]
    fn what_stands_before_the_damage_is_given() {
        let text = format!("{HEAD}{}{}c,\"open", row("a"), row("b"));
        let (rows, ended) = parsed_rows(text, &mut LiveHashes::default());
        assert_eq!(rows, [2, 3]);
        assert!(ended.is_err());
    }

    #[test]
    fn what_is_known_is_not_taken_apart() {
        let text = || format!("{HEAD}{}{}", row("a"), row("b"));
        let mut feed = FeedReader::open(
            Cursor::new(text().into_bytes()),
            &Hints::default(),
            ReaderSettings::default(),
            OffsetDateTime::UNIX_EPOCH,
        )
        .unwrap();
        let mut raw = RawRecord::default();
        assert!(feed.next_record(&mut raw).unwrap());
        let mut live_hashes = LiveHashes::new(vec![raw.hash()]);
        let (rows, ended) = parsed_rows(text(), &mut live_hashes);
        assert_eq!(
            (rows, ended, live_hashes.recognised_products()),
            (vec![3], Ok(()), 1)
        );
    }
}
