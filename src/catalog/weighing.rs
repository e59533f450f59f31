//! What the gate weighs, asked of the database: the plan's figures, and what only few runs need.

use super::judgement::{Weighed, asks_for_buyable, note_changed};
use super::reading::Notes;
use crate::store::StoreError;
use crate::store::catalog::Live;

/// Ids that name another thing, of one run, that are listed one by one; all are counted.
const CHANGED_LISTED_MAX: usize = 1_000;

/// The plan in figures. What few runs need is only asked for where it is needed.
pub(super) async fn weigh(live: &Live<'_>, notes: &mut Notes) -> Result<Weighed, StoreError> {
    let mut weights = live.weigh().await?;
    if weights.renamed > 0 {
        let renamed = live.mark_changed(CHANGED_LISTED_MAX).await?;
        weights.renamed = renamed.titles;
        note_changed(renamed, notes);
    }
    let buyable = match asks_for_buyable(weights) {
        true => live.buyable().await?,
        false => 0,
    };
    Ok(Weighed { weights, buyable })
}
