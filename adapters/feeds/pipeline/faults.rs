//! Converts reading faults to findings.

use buywire_schemas::catalog::issue::{Code, EXCERPT_CHARS_MAX, Issue};

use crate::read::{Fault, RecordFault, Truncation};

/// The finding for an unusable document.
pub(super) fn of_document(fault: &Fault) -> Issue {
    let code = match fault {
        Fault::ReadFailed(_) => Code::FetchTruncated,
        Fault::ArchiveUnsupported(_) => Code::DecompressFailed,
        // Every other code has the fault's name. A test checks this.
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

/// The finding for a truncated document.
pub(super) fn of_truncation(truncation: &Truncation) -> Issue {
    let message = truncation.message.as_deref();
    Issue {
        row: Some(truncation.row),
        value: Some(excerpt(message.unwrap_or("the last row has no line end"))),
        ..Issue::new(Code::FeedTruncated)
    }
}

/// The finding for a record that cannot be parsed.
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
