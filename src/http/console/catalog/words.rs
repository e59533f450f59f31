//! States of runs, products and pictures in words.

use buywire_schemas::catalog::issue::{Code, Severity};
use buywire_schemas::catalog::report::{ItemCounts, RunReport, RunStatus};
use buywire_schemas::catalog::{Availability, NotBuyable, Price};
use buywire_schemas::money::Currency;

use crate::console::catalog::number;
use crate::console::state::State;
use crate::store::catalog::Mode;
use crate::store::images::ImageStatus;

pub(super) const fn run_state(status: RunStatus) -> State {
    match status {
        RunStatus::Queued => State::waiting("Queued"),
        RunStatus::Running => State::waiting("Running"),
        RunStatus::Applied => State::ok("Applied"),
        RunStatus::Held => State::warn("Held"),
        RunStatus::Failed => State::bad("Failed"),
        RunStatus::DryRun => State::idle("Dry run"),
        RunStatus::Discarded => State::idle("Discarded"),
        RunStatus::Superseded => State::idle("Superseded"),
    }
}

/// What a run reads, as a title.
pub(super) const fn kind(mode: Mode, is_dry: bool) -> &'static str {
    match (mode, is_dry) {
        (Mode::Full, false) => "Full feed",
        (Mode::Full, true) => "Dry run of a full feed",
        (Mode::Upsert, false) => "Changed items",
        (Mode::Upsert, true) => "Dry run of changed items",
        (Mode::Inventory, false) => "Prices and stock",
        (Mode::Inventory, true) => "Dry run of prices and stock",
        (Mode::Supplemental, false) => "Descriptions",
        (Mode::Supplemental, true) => "Dry run of descriptions",
    }
}

/// A reason as people read it: a finding's first sentence where it is a finding.
pub(super) fn reason(reason: &str) -> String {
    match reason.parse::<Code>() {
        Ok(code) => first_sentence(code.help()),
        Err(_) => match reason {
            "approved" => "Approved by a person.".to_owned(),
            "catalog_changed" => "The catalog had changed since the run was held.".to_owned(),
            other => format!("{}.", capitalised(&other.replace('_', " "))),
        },
    }
}

fn first_sentence(text: &str) -> String {
    match text.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => text.to_owned(),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// What a held run would do, as a sentence.
pub(super) fn would(items: &ItemCounts) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (before, count, after) in [
        ("add", items.inserted, ""),
        ("change", items.updated, ""),
        ("take", items.removed, " out of stock"),
    ] {
        let noun = match (parts.is_empty(), count) {
            (true, 1) => " item",
            (true, _) => " items",
            (false, _) => "",
        };
        if count > 0 {
            parts.push(format!("{before} {}{noun}{after}", number(count)));
        }
    }
    let errors = match items.invalid {
        0 => String::new(),
        1 => " 1 has errors.".to_owned(),
        invalid => format!(" {} have errors.", number(invalid)),
    };
    match parts.split_last() {
        None => format!(
            "would change nothing of the {} items that it read.{errors}",
            number(items.read)
        ),
        Some((last, [])) => format!("would {last}.{errors}"),
        Some((last, parts)) => format!("would {} and {last}.{errors}", parts.join(", ")),
    }
}

/// A help text in parts: every second one is what it quotes.
pub(super) fn quotes(text: &str) -> Vec<(bool, String)> {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(at, part)| (at % 2 == 1, part.to_owned()));
    parts.filter(|(_, part)| !part.is_empty()).collect()
}

/// Why a run is held, with the figures of the gate.
pub(super) fn gate_reasons(report: &RunReport) -> Vec<String> {
    let gate = report.issues.iter().filter(|finding| is_gate(finding.code));
    gate.filter_map(|finding| finding.examples.first()?.value.as_deref())
        .map(|figures| format!("{}.", capitalised(figures)))
        .collect()
}

const fn is_gate(code: Code) -> bool {
    matches!(
        code,
        Code::TooFewItems
            | Code::LargeDropHeld
            | Code::TooManyErrorsHeld
            | Code::StockDropHeld
            | Code::TitlesChangedHeld
            | Code::LinksMovedHeld
            | Code::PriceChangeHeld
            | Code::DuplicateIdsExcess
    )
}

pub(super) const fn severity(severity: Severity) -> State {
    match severity {
        Severity::Error => State::bad("Error"),
        Severity::Warning => State::warn("Warning"),
        Severity::Info => State::idle("Note"),
    }
}

/// Whether a product can be bought, in a word.
pub(super) const fn availability(found: Availability, reason: Option<NotBuyable>) -> State {
    match (found, reason) {
        (Availability::InStock, None) => State::ok("In stock"),
        (Availability::LimitedStock, None) => State::ok("Few left"),
        (Availability::Preorder, None) => State::ok("Preorder"),
        (Availability::Backorder, None) => State::ok("Backorder"),
        (_, Some(NotBuyable::OutOfStock)) | (Availability::OutOfStock, None) => {
            State::idle("Out of stock")
        }
        (_, Some(NotBuyable::Discontinued | NotBuyable::Gone))
        | (Availability::Discontinued, None) => State::idle("Discontinued"),
        (_, Some(NotBuyable::NotForSale | NotBuyable::Expired)) => State::idle("Not for sale"),
        (
            _,
            Some(
                NotBuyable::Blocked
                | NotBuyable::ImageRefused
                | NotBuyable::PriceZero
                | NotBuyable::NoImage,
            ),
        ) => State::bad("Blocked"),
        (_, Some(NotBuyable::Missing | NotBuyable::Suspended)) => State::warn("Not sold"),
    }
}

/// A price with its currency.
pub(super) fn money(price: Price) -> String {
    amount(price.currency, price.amount)
}

/// An amount with its currency.
pub(in crate::http::console) fn amount(currency: Currency, minor: i64) -> String {
    currency.format_amount(minor)
}

pub(super) const fn image_state(status: ImageStatus) -> State {
    match status {
        ImageStatus::Unchecked => State::waiting("Unchecked"),
        ImageStatus::Good => State::ok("Good"),
        ImageStatus::Bad => State::bad("Refused"),
        ImageStatus::Unreachable => State::warn("Unreachable"),
    }
}

/// What the check of a picture found.
pub(super) fn image_finding(
    status: ImageStatus,
    found: Option<&str>,
    kind: Option<&str>,
    size: Option<(i32, i32)>,
) -> String {
    let size = size.map(|(width, height)| format!("{width} × {height} pixels"));
    let facts: Vec<_> = kind
        .map(str::to_uppercase)
        .into_iter()
        .chain(size)
        .collect();
    match (status, found) {
        (ImageStatus::Unchecked, _) => "Not checked yet. Until then it counts as good.".to_owned(),
        (_, Some(found)) => reason(found),
        (_, None) => facts.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_held_run_would_do_is_one_sentence() {
        let counts = ItemCounts {
            read: 1_000,
            ..ItemCounts::default()
        };
        assert_eq!(
            would(&counts),
            "would change nothing of the 1,000 items that it read."
        );
        let counts = ItemCounts {
            inserted: 3,
            updated: 1_200,
            removed: 7,
            invalid: 2,
            ..counts
        };
        assert_eq!(
            would(&counts),
            "would add 3 items, change 1,200 and take 7 out of stock. 2 have errors."
        );
        let counts = ItemCounts {
            inserted: 0,
            updated: 0,
            invalid: 0,
            ..counts
        };
        assert_eq!(would(&counts), "would take 7 items out of stock.");
    }

    #[test]
    fn what_a_help_text_quotes_is_told_apart() {
        let parts = |text| {
            let parts = quotes(text).into_iter();
            parts
                .map(|(is_quoted, part)| format!("{is_quoted}:{part}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            parts("Write `1.00 USD`, not `$1`."),
            [
                "false:Write ",
                "true:1.00 USD",
                "false:, not ",
                "true:$1",
                "false:."
            ]
        );
        assert_eq!(parts("Plain."), ["false:Plain."]);
    }

    #[test]
    fn a_reason_is_a_sentence() {
        assert_eq!(
            reason("large_drop_held"),
            "This run would remove unusually many items, so it waits for approval."
        );
        assert_eq!(reason("approved"), "Approved by a person.");
        assert_eq!(reason("node_lost"), "Node lost.");
        for code in Code::ALL {
            let text = reason(code.as_str());
            assert!(text.ends_with('.') && !text.ends_with(".."), "{text}");
        }
    }
}
