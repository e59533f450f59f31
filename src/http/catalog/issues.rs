//! Route for a run's findings: JSON in pages, or CSV in one file.

use actix_web::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::http::AppState;
use crate::http::catalog::runs::find_run;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::Page;
use crate::store::catalog::StoredIssue;

/// Rows read at a time for a CSV.
const CSV_BATCH_ROWS: i64 = 5_000;
/// The header of the CSV.
const HEADER: &str = "row,item_id,severity,code,attribute,value,help\r\n";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListIssuesQuery {
    limit: Option<String>,
    cursor: Option<String>,
    format: Option<String>,
}

/// `GET /v1/partners/{slug}/feed/runs/{id}/issues`
pub(crate) async fn list(
    state: Data<AppState>,
    path: Path<(String, String)>,
    query: Query<ListIssuesQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (partner, id) = find_run(&state, &path).await?;
    state.catalog.run(partner.id, id).await?;
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok());
    let is_csv = match query.format.as_deref() {
        Some("csv") => true,
        Some("json") => false,
        None => accept.is_some_and(|kinds| kinds.contains("text/csv")),
        Some(_) => {
            let detail = "`format` must be `json` or `csv`.";
            return Err(ApiError::with_detail(Kind::QueryInvalid, detail));
        }
    };
    if !is_csv {
        let cursor = |text: &str| text.parse::<i32>().ok();
        let page = Page::new(query.limit.as_deref(), query.cursor.as_deref(), cursor)?;
        let issues = state
            .store
            .issues(id, page.after.unwrap_or_default(), page.fetch_limit())
            .await?;
        return Ok(page.respond(issues, |issue| issue.n.to_string()));
    }
    let mut csv = HEADER.to_owned();
    let mut after = 0;
    loop {
        let issues = state.store.issues(id, after, CSV_BATCH_ROWS).await?;
        let Some(last) = issues.last() else { break };
        after = last.n;
        issues.iter().for_each(|issue| write_row(issue, &mut csv));
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{id}-issues.csv\""),
        ))
        .body(csv))
}

fn write_row(stored: &StoredIssue, csv: &mut String) {
    let issue = &stored.issue;
    let row = issue.row.map(|row| row.to_string()).unwrap_or_default();
    let severity = serde_json::to_value(stored.severity).unwrap_or_default();
    let cells = [
        row.as_str(),
        issue.item_id.as_deref().unwrap_or_default(),
        severity.as_str().unwrap_or_default(),
        issue.code.as_str(),
        issue.attribute.as_deref().unwrap_or_default(),
        issue.value.as_deref().unwrap_or_default(),
        stored.help,
    ];
    for (index, text) in cells.into_iter().enumerate() {
        if index > 0 {
            csv.push(',');
        }
        write_cell(text, csv);
    }
    csv.push_str("\r\n");
}

/// A cell, quoted if needed. What a spreadsheet would run as a formula becomes text: the values come from
/// strangers.
fn write_cell(text: &str, csv: &mut String) {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !is_formula && !text.contains([',', '"', '\n', '\r']) {
        return csv.push_str(text);
    }
    csv.push('"');
    if is_formula {
        csv.push('\'');
    }
    csv.push_str(&text.replace('"', "\"\""));
    csv.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_never_a_formula() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("12\" disc", "\"12\"\" disc\""),
            ("=1+1", "\"'=1+1\""),
            ("", ""),
        ] {
            let mut csv = String::new();
            write_cell(text, &mut csv);
            assert_eq!(csv, expected);
        }
    }
}
