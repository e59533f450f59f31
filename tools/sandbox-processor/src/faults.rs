//! Faults by command: what goes wrong at the next operations of a kind.
//!
//! Promises: a fault happens as often as it was ordered, in the order of the orders, and then no more. At most
//! `FAULTS_MAX` wait. Must not do what it names: it only says that it is time.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::flows::Forced;

/// More than a test can keep in mind.
const FAULTS_MAX: usize = 1_000;
/// A minute: no client waits longer.
const MS_MAX: u64 = 60_000;
const DELAY_MS_DEFAULT: u64 = 1_000;

/// Where a fault can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    CreateSession,
    Expire,
    CreateIntent,
    UpdateIntent,
    Confirm,
    Capture,
    Cancel,
    Refund,
    Transfer,
    ReverseTransfer,
    CreateToken,
    RevokeToken,
    ManageEndpoint,
    /// Any GET of the API.
    Read,
    /// The hosted page's form.
    Pay,
    /// Sending an event.
    Webhook,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// It takes `ms` before it begins.
    Delay,
    /// An event is sent twice.
    Duplicate,
    /// An event is sent after the one that follows it.
    Reorder,
    /// An event is never sent; a request is carried out and its connection breaks.
    Drop,
    ErrorBeforeCommit,
    /// It is carried out, and answered with 500.
    ErrorAfterCommit,
    /// It is carried out, and answered with 504 after `ms`.
    Timeout,
    /// The events arrive before the reply.
    WebhookBeforeResponse,
    Decline,
    #[serde(rename = "require_3ds")]
    Require3ds,
    Dispute,
    RefundFails,
}

impl FaultKind {
    fn may_happen_at(self, operation: Operation) -> bool {
        use Operation::{Capture, Confirm, CreateIntent, Pay, Refund, Webhook};
        match self {
            Self::Delay | Self::Drop => true,
            Self::Duplicate | Self::Reorder => operation == Webhook,
            Self::ErrorBeforeCommit
            | Self::ErrorAfterCommit
            | Self::Timeout
            | Self::WebhookBeforeResponse => operation != Webhook,
            Self::Decline | Self::Require3ds => [Confirm, CreateIntent, Pay].contains(&operation),
            Self::Dispute => [Confirm, CreateIntent, Pay, Capture].contains(&operation),
            Self::RefundFails => operation == Refund,
        }
    }
}

/// A fault that was ordered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    on: Operation,
    kind: FaultKind,
    /// How often it still happens.
    #[serde(default = "once")]
    times: u32,
    #[serde(default)]
    ms: Option<u64>,
}

fn once() -> u32 {
    1
}

/// Why a fault is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum FaultRefusal {
    #[error("this kind of fault cannot happen at this operation")]
    NotThere,
    #[error("`times` is at least 1")]
    Never,
    #[error("`ms` is at most 60000")]
    TooLong,
    #[error("at most 1000 faults wait; forget them with DELETE /_control/faults")]
    TooMany,
}

/// What goes wrong at one operation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(Vec<(FaultKind, u64)>);

impl Faults {
    /// How many milliseconds the fault takes, if it happens.
    pub(crate) fn ms_of(&self, kind: FaultKind) -> Option<u64> {
        let mut faults = self.0.iter();
        faults.find(|(other, _)| *other == kind).map(|(_, ms)| *ms)
    }

    pub(crate) fn has(&self, kind: FaultKind) -> bool {
        self.ms_of(kind).is_some()
    }

    /// What they demand of the bank.
    pub(crate) fn forced(&self) -> Forced {
        Forced {
            decline: self.has(FaultKind::Decline),
            challenge: self.has(FaultKind::Require3ds),
            dispute: self.has(FaultKind::Dispute),
            refund_fails: self.has(FaultKind::RefundFails),
        }
    }
}

/// All faults that wait.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan(Vec<Fault>);

impl FaultPlan {
    pub(crate) fn add(&mut self, fault: Fault) -> Result<(), FaultRefusal> {
        if !fault.kind.may_happen_at(fault.on) {
            return Err(FaultRefusal::NotThere);
        }
        if fault.times == 0 {
            return Err(FaultRefusal::Never);
        }
        if fault.ms.is_some_and(|ms| ms > MS_MAX) {
            return Err(FaultRefusal::TooLong);
        }
        if self.0.len() >= FAULTS_MAX {
            return Err(FaultRefusal::TooMany);
        }
        self.0.push(fault);
        Ok(())
    }

    /// What happens at this operation: the first fault of each kind, once.
    pub(crate) fn take(&mut self, operation: Operation) -> Faults {
        let mut taken: Vec<(FaultKind, u64)> = Vec::new();
        for fault in &mut self.0 {
            let is_new = taken.iter().all(|(kind, _)| *kind != fault.kind);
            if fault.on == operation && is_new {
                fault.times = fault.times.saturating_sub(1);
                taken.push((fault.kind, fault.ms.unwrap_or(DELAY_MS_DEFAULT)));
            }
        }
        self.0.retain(|fault| fault.times > 0);
        Faults(taken)
    }

    pub(crate) fn waiting(&self) -> &[Fault] {
        &self.0
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn a_fault_happens_as_often_as_ordered() {
        let mut plan = FaultPlan::default();
        let order = json!({"on": "capture", "kind": "delay", "times": 2, "ms": 7});
        plan.add(from_value(order).unwrap()).unwrap();
        assert!(!plan.take(Operation::Refund).has(FaultKind::Delay));
        for _ in 0..2 {
            assert_eq!(
                plan.take(Operation::Capture).ms_of(FaultKind::Delay),
                Some(7)
            );
        }
        assert!(!plan.take(Operation::Capture).has(FaultKind::Delay));
        assert!(plan.waiting().is_empty());
    }

    #[test]
    fn what_cannot_happen_is_refused() {
        let mut plan = FaultPlan::default();
        let mut add = |order| plan.add(from_value(order).unwrap());
        let order = json!({"on": "webhook", "kind": "decline"});
        assert_eq!(add(order), Err(FaultRefusal::NotThere));
        let order = json!({"on": "pay", "kind": "require_3ds", "times": 0});
        assert_eq!(add(order), Err(FaultRefusal::Never));
        let order = json!({"on": "pay", "kind": "timeout", "ms": 60_001});
        assert_eq!(add(order), Err(FaultRefusal::TooLong));
    }
}
