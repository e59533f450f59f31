//! What a held run would change, product by product.

use buywire_schemas::catalog::Item;
use time::OffsetDateTime;
use url::Url;

use super::words::money;
use crate::console::catalog::run::{ChangeGroup, ChangeRow};
use crate::store::catalog::{HeldChange, HeldChangeKind};

const KINDS: [(HeldChangeKind, &str); 5] = [
    (HeldChangeKind::Lost, "Missing"),
    (HeldChangeKind::Renamed, "New title"),
    (HeldChangeKind::Moved, "Other host"),
    (HeldChangeKind::Repriced, "New price"),
    (HeldChangeKind::Stopped, "Off sale"),
];

/// The changes by kind, the worst first.
pub(super) fn groups(changes: Vec<HeldChange>, now: OffsetDateTime) -> Vec<ChangeGroup> {
    let group = |(kind, title)| ChangeGroup {
        title,
        rows: changes
            .iter()
            .filter(|change| change.kind == kind)
            .map(|change| row(change, now))
            .collect(),
    };
    let groups = KINDS.into_iter().map(group);
    groups.filter(|group| !group.rows.is_empty()).collect()
}

fn row(change: &HeldChange, now: OffsetDateTime) -> ChangeRow {
    let shown = |item: &Item| text(change.kind, item, now);
    ChangeRow {
        product: change.product.to_string(),
        item_id: change.item_id.clone(),
        title: change.before.title.clone(),
        before: shown(&change.before),
        after: match (&change.after, change.kind) {
            (_, HeldChangeKind::Lost) => "out of stock, then removed".to_owned(),
            (Some(after), _) => shown(after),
            (None, HeldChangeKind::Stopped) => "has errors: not for sale".to_owned(),
            (None, _) => "changed".to_owned(),
        },
    }
}

/// What of an item the change is about.
fn text(kind: HeldChangeKind, item: &Item, now: OffsetDateTime) -> String {
    match kind {
        HeldChangeKind::Renamed => item.title.clone(),
        HeldChangeKind::Moved => {
            let url = Url::parse(&item.url).ok();
            let host = url.as_ref().and_then(Url::host_str);
            host.unwrap_or_default().to_owned()
        }
        HeldChangeKind::Lost | HeldChangeKind::Repriced => money(item.price_at(now)),
        HeldChangeKind::Stopped => item.availability.as_str().replace('_', " "),
    }
}
