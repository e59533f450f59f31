//! Stock of one item: units are free, held or sold. Selling more than there are is a failure of the test.

use std::collections::BTreeMap;

use time::OffsetDateTime;

#[derive(Clone, Copy, PartialEq, Eq)]
enum HoldStatus {
    /// Until a time, or until released.
    Held(Option<OffsetDateTime>),
    Released,
    Sold,
}

/// Holds by checkout and number. Each is of one unit.
#[derive(Default)]
pub(in super::super) struct Stock {
    pub(in super::super) total: usize,
    holds: BTreeMap<(usize, u32), HoldStatus>,
    pub(in super::super) sold: usize,
}

impl Stock {
    pub(in super::super) fn of(total: usize) -> Self {
        Self {
            total,
            ..Self::default()
        }
    }

    pub(in super::super) fn held(&self, now: OffsetDateTime) -> usize {
        let holds = self.holds.values();
        holds.filter(|hold| is_held(**hold, now)).count()
    }

    fn free(&self, now: OffsetDateTime) -> usize {
        let used = self.sold + self.held(now);
        assert!(used <= self.total, "oversold: {used} of {}", self.total);
        self.total - used
    }

    pub(in super::super) fn take(
        &mut self,
        hold: (usize, u32),
        ends_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> bool {
        match self.holds.get(&hold) {
            Some(HoldStatus::Held(_) | HoldStatus::Sold) => true,
            Some(HoldStatus::Released) => false,
            None if self.free(now) == 0 => false,
            None => {
                self.holds.insert(hold, HoldStatus::Held(ends_at));
                true
            }
        }
    }

    pub(in super::super) fn extend(
        &mut self,
        hold: (usize, u32),
        ends_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) {
        if let Some(status) = self.holds.get_mut(&hold)
            && is_held(*status, now)
        {
            *status = HoldStatus::Held(ends_at);
        }
    }

    pub(in super::super) fn release(&mut self, hold: (usize, u32)) {
        let status = self.holds.entry(hold).or_insert(HoldStatus::Released);
        if matches!(status, HoldStatus::Held(_)) {
            *status = HoldStatus::Released;
        }
    }

    /// Sells the held unit, or a free one if the hold has ended.
    pub(in super::super) fn sell(&mut self, hold: (usize, u32), now: OffsetDateTime) -> bool {
        let is_own = self.holds.get(&hold).is_some_and(|own| is_held(*own, now));
        if !is_own && self.free(now) == 0 {
            return false;
        }
        self.holds.insert(hold, HoldStatus::Sold);
        self.sold += 1;
        true
    }
}

fn is_held(hold: HoldStatus, now: OffsetDateTime) -> bool {
    match hold {
        HoldStatus::Held(ends_at) => ends_at.is_none_or(|end| now < end),
        HoldStatus::Released | HoldStatus::Sold => false,
    }
}
