//! What has become of an order: what was sent, what was refunded, whether it was cancelled.
//!
//! Promises: the amounts and quantities that the platform and the partners see. Must not name the buyer.

use buywire_schemas::event::{FulfilmentState, OrderReport, Parcel};
use buywire_schemas::ids::OrderId;
use buywire_schemas::refund::Refund;
use buywire_schemas::text::Slug;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::session::SessionLine;
use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::orders::history::StoredOrder;
use crate::store::orders::locked::OrderKey;

/// The state of an order.
#[derive(Default)]
pub(crate) struct OrderState {
    pub(crate) cancelled_at: Option<OffsetDateTime>,
    /// The oldest first.
    pub(crate) refunds: Vec<Refund>,
    pub(crate) shipments: Vec<Shipment>,
    reports: Vec<PartnerReport>,
}

/// A parcel that a partner has reported.
pub(crate) struct Shipment {
    /// Unique within the order.
    pub(crate) id: String,
    partner: Slug,
    parcel: Parcel,
    /// When the partner last reported anything of its share.
    pub(crate) reported_at: OffsetDateTime,
}

struct PartnerReport {
    partner: Slug,
    report: OrderReport,
}

/// How many units of a line there are now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LineUnits {
    pub(crate) ordered: i64,
    /// Without those that were cancelled or returned.
    pub(crate) current: i64,
    /// Never more than `current`.
    pub(crate) fulfilled: i64,
}

impl LineUnits {
    /// Both protocols derive it like this.
    pub(crate) const fn status(self) -> &'static str {
        match (self.current, self.fulfilled) {
            (0, _) => "removed",
            (current, fulfilled) if fulfilled == current => "fulfilled",
            (_, 0) => "processing",
            _ => "partial",
        }
    }
}

impl OrderState {
    /// Reads it. Of an order that retention has deleted nothing is left to say.
    pub(super) async fn read(store: &Store, order: OrderId) -> Result<Self, DatabaseError> {
        let stored = store.order(&OrderKey::Id(order)).await?;
        let mut state = stored.map_or_else(Self::default, Self::of);
        for stored in store.reports_of_order(order).await? {
            let report = serde_json::from_str(&stored.report).ok();
            let partner = Slug::parse(&stored.slug).ok();
            if let Some((report, partner)) = report.zip(partner) {
                state.add_report(partner, report, stored.updated_at);
            }
        }
        Ok(state)
    }

    fn of(stored: StoredOrder) -> Self {
        let refunds = stored.refunds.iter();
        let refunds = refunds.filter_map(|refund| serde_json::from_str(refund).ok());
        Self {
            cancelled_at: stored.cancelled_at,
            refunds: refunds.collect(),
            ..Self::default()
        }
    }

    fn add_report(&mut self, partner: Slug, report: OrderReport, reported_at: OffsetDateTime) {
        let parcels = report.fulfilment.shipments.iter().enumerate();
        let shipments = parcels.map(|(index, parcel)| Shipment {
            id: format!("shp_{partner}_{}", index + 1),
            partner: partner.clone(),
            parcel: parcel.clone(),
            reported_at,
        });
        self.shipments.extend(shipments);
        self.reports.push(PartnerReport { partner, report });
    }

    /// The units of the line with this number, from 1.
    pub(crate) fn units(&self, number: usize, line: &SessionLine<'_>) -> LineUnits {
        let ordered = line.line.quantity;
        let current = match self.cancelled_at {
            Some(_) => 0,
            None => (ordered - self.returned(number)).max(0),
        };
        LineUnits {
            ordered,
            current,
            fulfilled: self.sent(line).min(current),
        }
    }

    /// The whole of it, in minor units.
    pub(crate) fn refunded(&self) -> i64 {
        let refunds = self.refunds.iter();
        refunds.fold(0, |sum: i64, refund| sum.saturating_add(refund.amount))
    }

    /// Whether everything that a partner has sent has arrived.
    pub(crate) fn is_delivered(&self, partner: &Slug) -> bool {
        self.report_of(partner)
            .is_some_and(|report| report.fulfilment.state == FulfilmentState::Delivered)
    }

    /// Units of a line in parcels. A partner may say that everything was sent without naming items.
    fn sent(&self, line: &SessionLine<'_>) -> i64 {
        let partner = &line.line.partner;
        let report = self.report_of(partner);
        if report.is_some_and(|report| report.fulfilment.state.is_sent()) {
            return line.line.quantity;
        }
        let shipments = self.shipments.iter();
        let own = shipments.filter(|shipment| shipment.partner == *partner);
        own.map(|shipment| shipment.units_of(line)).sum()
    }

    fn report_of(&self, partner: &Slug) -> Option<&OrderReport> {
        let mut reports = self.reports.iter();
        let own = reports.find(|one| one.partner == *partner)?;
        Some(&own.report)
    }

    fn returned(&self, number: usize) -> i64 {
        let lines = self.refunds.iter().flat_map(|refund| &refund.lines);
        let own = lines.filter(|line| line.line == number);
        own.map(|line| line.quantity).sum()
    }
}

impl Shipment {
    /// What both protocols call its state.
    pub(crate) const fn status(&self) -> &'static str {
        match self.parcel.delivered {
            true => "delivered",
            false => "shipped",
        }
    }

    /// The lines in it, as far as the partner names its contents, as both protocols write them.
    pub(crate) fn contents(&self, lines: &[SessionLine<'_>]) -> Vec<Value> {
        let contents = lines.iter().filter_map(|line| {
            let quantity = self.units_of(line);
            (quantity > 0).then(|| json!({"id": line.id, "quantity": quantity}))
        });
        contents.collect()
    }

    /// How it is followed, as both protocols name it. What the partner does not say is left out.
    pub(crate) fn tracking(&self) -> Map<String, Value> {
        let details = [
            ("carrier", &self.parcel.carrier),
            ("tracking_number", &self.parcel.tracking_number),
            ("tracking_url", &self.parcel.tracking_url),
        ];
        let given = details.into_iter().filter_map(|(name, value)| {
            let value = value.as_ref()?;
            Some((name.to_owned(), json!(value)))
        });
        given.collect()
    }

    /// Units of a line in this parcel. 0: none, or the partner does not name its contents.
    fn units_of(&self, line: &SessionLine<'_>) -> i64 {
        if self.partner != line.line.partner {
            return 0;
        }
        let items = self.parcel.items.iter();
        let own = items.filter(|item| item.item_id == line.line.item_id);
        own.map(|item| i64::from(item.quantity)).sum()
    }
}
