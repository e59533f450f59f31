//! Faults of reading in the words of the reports.

use buywire_schemas::catalog::issue::{Code, EXCERPT_CHARS_MAX, Issue};

use crate::read::{Fault, RecordFault, Truncation};

/// Why the whole document cannot be used.
pub(super) fn of_document(fault: &Fault) -> Issue {
    let code = match fault {
        Fault::ReadFailed(_) => Code::FetchTruncated,
        Fault::ArchiveUnsupported(_) => Code::DecompressFailed,
        // Every other code has the fault's name; a test holds them together.
        _ => fault.code().parse().unwrap_or(Code::NotAFeed),
    };
    let message = match fault.excerpt() {
        Some(excerpt) => format!("{fault}: {excerpt}"),
        None => fault.to_string(),
    };
    Issue {
        row: fault.line(),
        value: Some(excerpt(&message)),
        ..Issue::new(code)
    }
}

/// Where the document ends although there should be more.
pub(super) fn of_truncation(truncation: &Truncation) -> Issue {
    let message = truncation.message.as_deref();
    Issue {
        row: Some(truncation.row),
        value: Some(excerpt(message.unwrap_or("the last row has no line end"))),
        ..Issue::new(Code::FeedTruncated)
    }
}

/// Why one record cannot be taken apart.
pub(super) fn of_record(fault: &RecordFault, row: u64) -> Issue {
    Issue {
        row: Some(row),
        value: Some(excerpt(&fault.to_string())),
        ..Issue::new(Code::RecordMalformed)
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_code_in_the_vocabulary() {
        let renamed = ["read_failed", "archive_unsupported"];
        for name in Fault::CODES {
            assert_ne!(
                name.parse::<Code>().is_ok(),
                renamed.contains(&name),
                "{name}"
            );
        }
    }
}
