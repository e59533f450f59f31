//! Any valid order: rendered, or refused with a reason that names no data.

use buywire_schemas::event::{EventType, OrderState};
use buywire_schemas::ids::OrderId;
use buywire_schemas::testing::arb_refunded_order;
use proptest::prelude::*;
use time::OffsetDateTime;

use super::super::{Fixture, Report};
use crate::contract::request::BODY_BYTES_MAX;
use crate::contract::request::RenderError;
use crate::dialects::all;

fn about_an_order() -> impl Strategy<Value = EventType> {
    let about_orders = EventType::ALL.iter().copied();
    prop::sample::select(
        about_orders
            .filter(|kind| kind.has_order_data())
            .collect::<Vec<_>>(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn any_valid_order_is_rendered_or_refused_with_a_reason(
        (order, refunds) in arb_refunded_order(),
        cancelled: bool,
        contact_allowed: bool,
        kind in about_an_order(),
    ) {
        let state = OrderState {
            id: OrderId::generate(),
            order,
            cancelled_at: cancelled.then_some(OffsetDateTime::UNIX_EPOCH),
            cancel_reason: cancelled.then(|| "sold out".to_owned()),
            refunds,
        };
        let fixture = Fixture::new().unwrap();
        let mut report = Report::default();
        for partner in state.order.partners() {
            let data = state.data_for(partner, 1, contact_allowed);
            let event = fixture.event(kind, &serde_json::to_string(&data).unwrap());
            for adapter in all() {
                let checked = adapter.check_order(&data);
                let confirms = kind == EventType::OrderConfirmed;
                match fixture.render_checked(&mut report, *adapter, &fixture.delivery(&event)) {
                    Ok(request) => {
                        prop_assert!(request.body().len() <= BODY_BYTES_MAX);
                        prop_assert!(!confirms || checked.is_ok(), "{}", adapter.name());
                    }
                    Err(RenderError::Unreadable { .. }) => prop_assert!(false, "unreadable"),
                    Err(refusal @ (RenderError::Missing(_) | RenderError::NotRepresentable(_)))
                        if confirms =>
                    {
                        prop_assert_eq!(checked, Err(refusal), "{}", adapter.name());
                    }
                    Err(_) => {}
                }
            }
        }
        prop_assert!(report.faults().is_empty(), "{:?}", report.faults());
    }
}
