//! What the gate weighs, asked of the database: the plan's figures, and what only few runs need.

use crate::catalog::ingest::RunFindings;
use crate::catalog::runs::decision::{PlanSummary, add_identity_findings, needs_buyable_count};
use crate::db::DatabaseError;
use crate::store::catalog::LiveCatalog;

/// Ids that name another thing, of one run, that are listed one by one; all are counted.
const LISTED_MAX: usize = 1_000;

/// The plan in figures. What few runs need is only asked for where it is needed.
pub(crate) async fn summarize_plan(
    live: &LiveCatalog<'_>,
    findings: &mut RunFindings,
) -> Result<PlanSummary, DatabaseError> {
    let mut counts = live.count_plan().await?;
    if counts.renamed > 0 {
        let renamed = live.mark_reassigned(LISTED_MAX).await?;
        counts.renamed = renamed.titles;
        add_identity_findings(renamed, findings);
    }
    let buyable = match needs_buyable_count(counts) {
        true => live.buyable().await?,
        false => 0,
    };
    Ok(PlanSummary { counts, buyable })
}
