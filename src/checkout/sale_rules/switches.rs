//! Kill switches: set by operators, asked before anything is priced, held or paid. A suspended partner is switched off.
//!
//! Promises: one function answers at the page, the hold, the payment and the agent; a switch counts on every node within two
//! seconds; payments in progress finish, or are voided where the operator says so.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use buywire_checkout::cart::Cart;
use buywire_checkout::machine::{Event, StopMode};
use buywire_checkout::switches::{SaleContext, SwitchScope};
use buywire_schemas::ids::{CheckoutId, PostId};
use serde_json::json;

use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::db::DatabaseError;
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::checkouts::{Channel, StoredCheckout};
use crate::store::switches::{self, StoredSwitch};

/// How old an answer may be.
const CACHE_TTL: Duration = Duration::from_secs(2);
const SLICE: i64 = 200;

/// What an operator sets.
#[derive(Debug, Clone)]
pub(crate) struct SwitchChange {
    pub(crate) scope: SwitchScope,
    pub(crate) enabled: bool,
    pub(crate) reason: String,
    /// Payments in progress are voided; otherwise they finish.
    pub(crate) voids: bool,
}

impl Checkouts {
    /// Sets a switch. It counts for new checkouts at once here, and within two seconds on other nodes.
    pub(crate) async fn set_switch(
        &self,
        actor: &Actor,
        change: SwitchChange,
    ) -> Result<StoredSwitch, CheckoutError> {
        let scope = change.scope.to_string();
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let set = switches::set(&tx, &scope, change.enabled, &change.reason).await?;
        let entry = NewAuditEntry {
            actor,
            action: "switch.set",
            subject: &scope,
            details: json!({
                "enabled": change.enabled,
                "reason": change.reason,
                "void": change.voids,
            }),
        };
        audit::record(&tx, entry).await?;
        tx.commit().await?;
        drop(conn);
        self.forget_switches();
        if !change.enabled && change.voids {
            self.void_payments(&change.scope).await?;
        }
        Ok(set)
    }

    /// Refuses a sale that is switched off.
    pub(crate) async fn check_switches(&self, sale: &SaleContext<'_>) -> Result<(), CheckoutError> {
        let off = self.switched_off().await?;
        match off.iter().any(|scope| scope.covers(sale)) {
            true => Err(CheckoutError::SwitchedOff),
            false => Ok(()),
        }
    }

    async fn switched_off(&self) -> Result<Arc<Vec<SwitchScope>>, DatabaseError> {
        let cached = self
            .0
            .switches
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((scopes, at)) = cached
            && at.elapsed() < CACHE_TTL
        {
            return Ok(scopes);
        }
        let read_at = Instant::now();
        let off = self.store.switched_off().await?;
        let scopes: Vec<_> = off.iter().filter_map(|scope| scope.parse().ok()).collect();
        let scopes = Arc::new(scopes);
        let mut cache = self
            .0
            .switches
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *cache = Some((Arc::clone(&scopes), read_at));
        Ok(scopes)
    }

    /// Read the switches and the suspended partners again before the next sale: something changed on this node.
    pub(crate) fn forget_switches(&self) {
        let mut cache = self
            .0
            .switches
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *cache = None;
    }

    /// Closes payments in progress within a scope: what is paid all the same is given back.
    async fn void_payments(&self, scope: &SwitchScope) -> Result<(), CheckoutError> {
        let mut after = None;
        loop {
            let paying = self.store.paying_checkouts(after, SLICE).await?;
            let Some(last) = paying.last() else {
                return Ok(());
            };
            after = Some(*last);
            for id in paying {
                self.void_if_covered(id, scope).await?;
            }
        }
    }

    /// Counts the payments in progress within a scope, among the first `limit` in progress. `true`: there may be more.
    pub(crate) async fn count_paying(
        &self,
        scope: &SwitchScope,
        limit: i64,
    ) -> Result<(usize, bool), CheckoutError> {
        let paying = self.store.paying_checkouts(None, limit).await?;
        let may_be_more = i64::try_from(paying.len()).is_ok_and(|found| found >= limit);
        let mut count = 0;
        for id in paying {
            count += usize::from(self.is_covered(id, scope).await?);
        }
        Ok((count, may_be_more))
    }

    async fn is_covered(&self, id: CheckoutId, scope: &SwitchScope) -> Result<bool, CheckoutError> {
        let Some(checkout) = self.store.checkout(id).await? else {
            return Ok(false);
        };
        let payments = self.store.payments_of(id).await?;
        let processor = payments.last().map(|payment| payment.processor.as_str());
        Ok(scope.covers(&sale_of(&checkout, processor)))
    }

    async fn void_if_covered(
        &self,
        id: CheckoutId,
        scope: &SwitchScope,
    ) -> Result<(), CheckoutError> {
        if self.is_covered(id, scope).await? {
            let mode = StopMode::Void;
            self.drive(id, move |_, _| Ok(Event::Stop { mode })).await?;
        }
        Ok(())
    }
}

fn sale_of<'a>(checkout: &'a StoredCheckout, processor: Option<&'a str>) -> SaleContext<'a> {
    sale(checkout.channel, checkout.post, &checkout.cart, processor)
}

/// What switches are compared with. `processor`: where it is to be paid.
pub(crate) fn sale<'a>(
    channel: Channel,
    post: Option<PostId>,
    cart: &'a Cart,
    processor: Option<&'a str>,
) -> SaleContext<'a> {
    let items = cart.lines.iter();
    SaleContext {
        channel: channel.as_str(),
        processor,
        post,
        items: items
            .map(|line| (&line.partner, line.item_id.as_str()))
            .collect(),
    }
}
