//! Whatever is requested in whatever order: the promises of the machines hold after every command.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn authorizations() -> impl Strategy<Value = Authorization> {
    prop_oneof![
        4 => Just(Authorization::Approved),
        1 => Just(Authorization::Declined),
        1 => Just(Authorization::Challenged),
        1 => Just(Authorization::Deferred),
    ]
}

fn intent_commands() -> impl Strategy<Value = IntentCommand> {
    let amounts = -5_i64..1_500;
    prop_oneof![
        Just(IntentCommand::AttachMethod),
        authorizations().prop_map(IntentCommand::Authorize),
        any::<bool>().prop_map(|is_paid| IntentCommand::Settle { is_paid }),
        proptest::option::of(amounts.clone()).prop_map(|amount| IntentCommand::Capture { amount }),
        Just(IntentCommand::Cancel),
        proptest::option::of(amounts.clone()).prop_map(|amount| IntentCommand::Refund { amount }),
        amounts.prop_map(|amount| IntentCommand::FailRefund { amount }),
        Just(IntentCommand::OpenDispute),
        Just(IntentCommand::CloseDispute),
    ]
}

fn session_commands() -> impl Strategy<Value = SessionCommand> {
    prop_oneof![
        any::<bool>().prop_map(|is_paid| SessionCommand::Complete { is_paid }),
        Just(SessionCommand::RecordCapture),
        any::<bool>().prop_map(|is_paid| SessionCommand::Settle { is_paid }),
        Just(SessionCommand::Expire),
    ]
}

proptest! {
    #[test]
    fn an_intent_is_captured_once_and_refunded_at_most_that(
        amount in 1_i64..1_000,
        is_manual in any::<bool>(),
        commands in vec(intent_commands(), 0..40),
    ) {
        let method = if is_manual { CaptureMethod::Manual } else { CaptureMethod::Automatic };
        let mut state = IntentState::new(amount, method);
        let (mut captures, mut returned) = (0, 0);
        for command in commands {
            let before = state;
            let Ok((after, events)) = state.apply(command) else { continue };
            state = after;
            for event in events {
                match event {
                    IntentEvent::Succeeded { amount } => { captures += 1; prop_assert_eq!(amount, state.captured); }
                    IntentEvent::Refunded { amount } => returned += amount,
                    IntentEvent::RefundFailed { amount } => returned -= amount,
                    _ => {}
                }
            }
            prop_assert!(captures <= 1);
            prop_assert_eq!(returned, state.refunded);
            prop_assert!(0 <= state.refunded && state.refunded <= state.captured && state.captured <= amount);
            prop_assert_eq!(state.captured > 0, state.status == IntentStatus::Succeeded);
            if [IntentStatus::Succeeded, IntentStatus::Canceled].contains(&before.status) {
                prop_assert_eq!(state.status, before.status);
                prop_assert_eq!(state.captured, before.captured);
            }
        }
    }

    #[test]
    fn a_session_that_is_over_stays_over_and_paid_stays_paid(commands in vec(session_commands(), 0..20)) {
        let mut state = SessionState::OPEN;
        let mut endings = 0;
        for command in commands {
            let before = state;
            let Ok((after, event)) = state.apply(command) else { continue };
            state = after;
            endings += u32::from(matches!(event, Some(SessionEvent::Completed | SessionEvent::Expired)));
            prop_assert!(endings <= 1);
            if before.status != SessionStatus::Open {
                prop_assert_eq!(state.status, before.status);
            }
            if before.payment == PaymentStatus::Paid {
                prop_assert_eq!(state, before);
            }
            prop_assert!(state.payment == PaymentStatus::Unpaid || state.status == SessionStatus::Complete);
        }
    }
}

#[test]
fn an_authorisation_is_captured_in_part_once_and_not_canceled_afterwards() {
    let authorised = IntentState::new(500, CaptureMethod::Manual);
    let (authorised, events) = authorised
        .apply(IntentCommand::Authorize(Authorization::Approved))
        .unwrap();
    assert_eq!(events, [IntentEvent::Capturable]);
    assert_eq!(authorised.capturable(), 500);
    let too_much = authorised.apply(IntentCommand::Capture { amount: Some(501) });
    assert_eq!(too_much, Err(IntentRefusal::AmountTooLarge { max: 500 }));
    let (taken, _) = authorised
        .apply(IntentCommand::Capture { amount: Some(300) })
        .unwrap();
    assert_eq!((taken.captured, taken.capturable()), (300, 0));
    for command in [
        IntentCommand::Capture { amount: None },
        IntentCommand::Cancel,
    ] {
        let refused = taken.apply(command);
        assert!(matches!(
            refused,
            Err(IntentRefusal::UnexpectedState { .. })
        ));
    }
    let refused = taken.apply(IntentCommand::Refund { amount: Some(301) });
    assert_eq!(refused, Err(IntentRefusal::AmountTooLarge { max: 300 }));
}
