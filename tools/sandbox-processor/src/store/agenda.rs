//! What happens by itself at a time: sessions expire, authorisations lapse, refunds fail, banks decide.
//!
//! Promises: what is due is given once, the earliest first. Must not do it.

use std::collections::BTreeMap;

/// Something that becomes due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DueAction {
    ExpireSession(String),
    /// A hold that nobody captured cancels itself.
    CancelHold(String),
    /// A deferred payment is decided.
    SettleIntent(String),
    FailRefund(String),
    SucceedRefund(String),
}

/// Everything that is to come.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    /// By due time, then by entry.
    entries: BTreeMap<(i64, u64), DueAction>,
    entered: u64,
}

impl Agenda {
    pub(crate) fn enter(&mut self, due_s: i64, action: DueAction) {
        self.entered += 1;
        self.entries.insert((due_s, self.entered), action);
    }

    /// The next action that is due, with its time.
    pub(crate) fn take_due(&mut self, now_s: i64) -> Option<(i64, DueAction)> {
        let entry = self.entries.first_entry()?;
        let (due_s, _) = *entry.key();
        (due_s <= now_s).then(|| (due_s, entry.remove()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_is_given_once_and_in_order() {
        let mut agenda = Agenda::default();
        agenda.enter(20, DueAction::FailRefund("b".into()));
        agenda.enter(10, DueAction::FailRefund("a".into()));
        agenda.enter(30, DueAction::FailRefund("c".into()));
        let mut taken = Vec::new();
        while let Some((due_s, _)) = agenda.take_due(20) {
            taken.push(due_s);
        }
        assert_eq!(taken, [10, 20]);
    }
}
