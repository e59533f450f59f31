//! Records on their way from the document to the checks.
//!
//! Promises: they come in the order of the document, each with all that it gave; what is known is not taken apart.
//! Must not judge what they say.

use std::sync::mpsc::SyncSender;

use buywire_adapters::feed::draft::Draft;
use buywire_adapters::feed::{Feed, Raw};
use buywire_schemas::catalog::issue::{Code, Issue};

use crate::catalog::known::Known;

/// Batches that wait for the checks.
pub(super) const BATCHES_AHEAD: usize = 4;
/// Bytes of the records in a batch: handing over costs little beside them.
const BATCH_BYTES: usize = 64 * 1024;
/// Items in one catalog: what 16 bytes each still fit into memory.
const ITEMS_MAX: u64 = 5_000_000;

/// A record, or the rows of one product, taken apart.
pub(super) struct Record {
    /// Where it begins.
    pub row: u64,
    /// Of its bytes, if it may be recognised by them.
    pub raw_hash: Option<u128>,
    /// What is of no item.
    pub issues: Vec<Issue>,
    /// What may be items.
    pub drafts: Vec<Draft>,
}

/// To the document's end, or until nobody takes the records any more. What comes before an error is sent.
pub(super) fn take_apart(
    feed: &mut Feed,
    known: &mut Known,
    may_skip: bool,
    send: SyncSender<Vec<Record>>,
) -> Result<(), Issue> {
    let mut taking = Taking {
        feed,
        known,
        may_skip,
        taken: 0,
        batch: Vec::new(),
        bytes: 0,
        send,
    };
    let ended = taking.all();
    taking.flush();
    ended
}

struct Taking<'a> {
    feed: &'a mut Feed,
    known: &'a mut Known,
    may_skip: bool,
    /// What may be items, so far.
    taken: u64,
    batch: Vec<Record>,
    bytes: usize,
    send: SyncSender<Vec<Record>>,
}

impl Taking<'_> {
    fn all(&mut self) -> Result<(), Issue> {
        let mut raw = Raw::default();
        while self.feed.next_raw(&mut raw)? {
            if self.may_skip
                && let Some(fingerprint) = self.known.see(raw.hash(), raw.row())
            {
                self.feed.recognise(fingerprint);
                continue;
            }
            let mut issues = Vec::new();
            let drafts = self.feed.drafts(&raw, &mut issues);
            self.taken += drafts.len().max(issues.len().min(1)) as u64;
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
            if self.taken + self.known.products_seen() > ITEMS_MAX {
                return Err(Issue::new(Code::ItemLimit));
            }
        }
        let mut issues = Vec::new();
        let drafts = self.feed.last_drafts(&mut issues);
        self.batch.push(Record {
            row: raw.row(),
            raw_hash: None,
            issues,
            drafts,
        });
        Ok(())
    }

    /// Whether somebody takes it. Nobody is told that nobody does: the other side knows why it went.
    fn flush(&mut self) -> bool {
        self.bytes = 0;
        self.send.send(std::mem::take(&mut self.batch)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::mpsc;

    use buywire_adapters::feed::Settings;
    use buywire_adapters::read::Hints;
    use time::OffsetDateTime;

    use super::*;

    const HEAD: &str = "id,title,description,link,image_link,price,availability\n";

    fn taken(text: String, known: &mut Known) -> (Vec<u64>, Result<(), Issue>) {
        let now = OffsetDateTime::UNIX_EPOCH;
        let source = Cursor::new(text.into_bytes());
        let mut feed = Feed::open(source, &Hints::default(), Settings::default(), now).unwrap();
        let (send, records) = mpsc::sync_channel(100);
        let ended = take_apart(&mut feed, known, true, send);
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
        let (rows, ended) = taken(text, &mut Known::default());
        assert_eq!(rows, [2, 3]);
        assert!(ended.is_err());
    }

    #[test]
    fn what_is_known_is_not_taken_apart() {
        let text = || format!("{HEAD}{}{}", row("a"), row("b"));
        let mut feed = Feed::open(
            Cursor::new(text().into_bytes()),
            &Hints::default(),
            Settings::default(),
            OffsetDateTime::UNIX_EPOCH,
        )
        .unwrap();
        let mut raw = Raw::default();
        assert!(feed.next_raw(&mut raw).unwrap());
        let mut known = Known::new(vec![raw.hash()]);
        let (rows, ended) = taken(text(), &mut known);
        assert_eq!((rows, ended, known.products_seen()), (vec![3], Ok(()), 1));
    }
}
