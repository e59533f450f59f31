//! What may happen next to the model's world: the engine's moves and the mishaps between them, at random.

use proptest::prelude::*;

/// How an attempt ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    Accepted,
    Postponed(u64),
    Dead,
}

/// One step.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// So many orders, whose transactions commit so much later; told to the lanes or not.
    Orders {
        endpoint: usize,
        count: usize,
        late_ms: u64,
        notified: bool,
    },
    /// A later event of an order.
    FollowUp {
        order: usize,
        late_ms: u64,
        notified: bool,
    },
    BeginRead {
        all: bool,
    },
    EndRead,
    FailRead,
    Take {
        count: usize,
    },
    Completion {
        which: usize,
        outcome: Outcome,
    },
    Abandon {
        which: usize,
    },
    /// The record commits; the lanes hear of it in a step of its own.
    Record {
        which: usize,
    },
    NotifyRecorded,
    Redact {
        order: usize,
    },
    Enable {
        endpoint: usize,
        enabled: bool,
    },
    Wait {
        ms: u64,
    },
}

fn late_ms() -> impl Strategy<Value = u64> {
    // An intake transaction is cut at 5 s.
    prop_oneof![4 => Just(0), 1 => 1..5_000_u64]
}

/// Any step, the usual ones more often.
pub(super) fn step() -> impl Strategy<Value = Step> {
    let which = || 0..1_000_usize;
    let count = prop_oneof![6 => 1..4_usize, 1 => 250..300_usize];
    let outcome = prop_oneof![
        4 => Just(Outcome::Accepted),
        3 => prop_oneof![Just(0), 1..20_000_u64].prop_map(Outcome::Postponed),
        1 => Just(Outcome::Dead),
    ];
    prop_oneof![
        3 => (0..2_usize, count, late_ms(), any::<bool>())
            .prop_map(|(endpoint, count, late_ms, notified)| Step::Orders { endpoint, count, late_ms, notified }),
        4 => (which(), late_ms(), any::<bool>())
            .prop_map(|(order, late_ms, notified)| Step::FollowUp { order, late_ms, notified }),
        6 => any::<bool>().prop_map(|all| Step::BeginRead { all }),
        8 => Just(Step::EndRead),
        1 => Just(Step::FailRead),
        6 => (1..40_usize).prop_map(|count| Step::Take { count }),
        8 => (which(), outcome).prop_map(|(which, outcome)| Step::Completion { which, outcome }),
        1 => which().prop_map(|which| Step::Abandon { which }),
        8 => which().prop_map(|which| Step::Record { which }),
        8 => Just(Step::NotifyRecorded),
        1 => which().prop_map(|order| Step::Redact { order }),
        1 => (0..2_usize, any::<bool>()).prop_map(|(endpoint, enabled)| Step::Enable { endpoint, enabled }),
        4 => prop_oneof![3 => 1..300_u64, 1 => 300..15_000_u64].prop_map(|ms| Step::Wait { ms }),
    ]
}
