//! Reads from the database what the gate needs: the plan's counts, and counts that only few runs need.

use crate::catalog::ingest::RunFindings;
use crate::catalog::runs::decision::{PlanSummary, add_identity_findings, needs_buyable_count};
use crate::db::DatabaseError;
use crate::store::catalog::LiveCatalog;

/// Reassigned item ids that a run lists row by row; all are counted.
const LISTED_MAX: usize = 1_000;

/// Summarises the plan. Runs the additional queries only if the plan makes them necessary.
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
