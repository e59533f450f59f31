//! Keeps earlier records that later ones need, such as a product whose variants follow.

use std::collections::HashMap;

use crate::draft::{Draft, Prose};

/// The memory for one document. Beyond it, later records are mapped without their parents.
pub(super) const BYTES_MAX: usize = 16 << 20;
/// The size of a draft besides its texts.
const DRAFT_BYTES: usize = 1_024;

/// Drafts by their ids, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct ParentCache {
    drafts: Vec<Draft>,
    by_id: HashMap<String, usize>,
    bytes: usize,
}

impl ParentCache {
    /// Keeps a draft under these ids, or returns it if there is no more room.
    pub fn insert(&mut self, ids: &[&str], draft: Draft) -> Result<(), Box<Draft>> {
        let bytes = draft_bytes(&draft);
        if self.bytes + bytes > BYTES_MAX {
            return Err(Box::new(draft));
        }
        self.bytes += bytes;
        for id in ids {
            self.by_id.insert((*id).to_owned(), self.drafts.len());
        }
        self.drafts.push(draft);
        Ok(())
    }

    /// The draft with this id.
    pub fn get(&self, id: &str) -> Option<&Draft> {
        self.drafts.get(*self.by_id.get(id)?)
    }

    /// All of them.
    pub fn take_all(&mut self) -> Vec<Draft> {
        self.by_id.clear();
        self.bytes = 0;
        std::mem::take(&mut self.drafts)
    }
}

/// The memory that a draft takes.
pub(super) fn draft_bytes(draft: &Draft) -> usize {
    let description = draft.description.as_ref().map_or(0, |prose| match prose {
        Prose::Plain(raw) | Prose::Html(raw) => raw.text.len(),
    });
    let title = draft.title.as_ref().map_or(0, |raw| raw.text.len());
    let images = draft.images.iter().map(|(raw, _)| raw.text.len());
    let categories = draft.categories.iter().map(|(_, raw)| raw.text.len());
    let attributes = draft
        .attributes
        .iter()
        .map(|(name, text)| name.len() + text.len());
    DRAFT_BYTES + description + title + images.chain(categories).chain(attributes).sum::<usize>()
}
