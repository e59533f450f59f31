//! Checkouts in the world: their outboxes, what is on its way to them, and every fault between.

use std::collections::BTreeSet;

use time::{Duration, OffsetDateTime};

use super::super::support::{NOW, id, terms};
use super::intake::{Intake, OrderStatus};
use super::processor::Processor;
use super::stock::Stock;
use crate::machine::*;

/// What happens to an effect that is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Fault {
    /// It is run, and its result arrives.
    None,
    /// The process dies before it: the outbox runs it again.
    CrashBefore,
    /// The process dies after it, before the result is stored: the outbox runs it again.
    CrashAfter,
    /// No answer in time, and it was not run. Nobody tries again but the machine.
    TimeoutBefore,
    /// No answer in time, although it was run.
    TimeoutAfter,
    /// The result arrives later, and twice.
    Late,
}

/// On its way to a checkout.
#[derive(Clone)]
pub(in super::super) enum Message {
    /// A result, or facts that were read some time ago.
    Event(Event),
    /// A webhook: the payment is read when it arrives.
    Hint(u32),
}

pub(in super::super) struct Sim {
    pub(in super::super) checkout: Checkout,
    pub(in super::super) outbox: Vec<Effect>,
    pub(in super::super) mail: Vec<Message>,
}

pub(in super::super) struct World {
    pub(in super::super) now: OffsetDateTime,
    pub(in super::super) sims: Vec<Sim>,
    pub(in super::super) stock: Stock,
    pub(in super::super) processor: Processor,
    pub(in super::super) intake: Intake,
    /// Attempts that the buyer gave up before or after paying.
    pub(in super::super) given_up: BTreeSet<(usize, u32)>,
    /// Each situation that occurred, to see that the test is not empty.
    pub(in super::super) situations: BTreeSet<String>,
}

impl World {
    pub(in super::super) fn new(checkouts: usize, units: usize) -> Self {
        let open = |number| Sim {
            checkout: Checkout::open(id(number), NOW + Duration::hours(6)),
            outbox: Vec::new(),
            mail: Vec::new(),
        };
        let mut world = Self {
            now: NOW,
            sims: (0..checkouts).map(open).collect(),
            stock: Stock::of(units),
            processor: Processor::default(),
            intake: Intake::default(),
            given_up: BTreeSet::new(),
            situations: BTreeSet::new(),
        };
        for index in 0..checkouts {
            world.request(index, Event::Price { terms: terms() });
        }
        world
    }

    pub(in super::super) fn note(&mut self, situation: impl Into<String>) {
        self.situations.insert(situation.into());
    }

    /// A request may be rejected.
    pub(in super::super) fn request(&mut self, index: usize, event: Event) {
        let gives_up = matches!(event, Event::Cancel | Event::CancelPayment);
        match step(&self.sims[index].checkout, event, self.now) {
            Ok((checkout, effects)) => {
                if gives_up {
                    self.given_up.insert((index, checkout.attempts));
                }
                self.commit(index, checkout, effects);
            }
            Err(rejected) => self.note(format!("rejected: {rejected}")),
        }
    }

    /// A result never is. Applied again, facts change nothing more.
    pub(in super::super) fn report(&mut self, index: usize, event: Event) {
        let before = &self.sims[index].checkout;
        let (checkout, effects) = step(before, event.clone(), self.now).unwrap();
        let is_facts = matches!(event, Event::PaymentSeen(_) | Event::RefundSeen { .. });
        if is_facts {
            let (again, more) = step(&checkout, event.clone(), self.now).unwrap();
            assert_eq!((&again, more), (&checkout, Vec::new()), "{event:?}");
        }
        let json = |value| serde_json::to_value(value).unwrap();
        let (name, state) = (json(&event), serde_json::to_value(before).unwrap());
        self.note(format!("{} in {}", name["event"], state["state"]));
        self.commit(index, checkout, effects);
    }

    fn commit(&mut self, index: usize, checkout: Checkout, effects: Vec<Effect>) {
        let stored = serde_json::to_string(&checkout).unwrap();
        assert_eq!(serde_json::from_str::<Checkout>(&stored).unwrap(), checkout);
        let sim = &mut self.sims[index];
        sim.checkout = checkout;
        for effect in effects {
            assert!(effect.key.len() <= 255);
            let stored = serde_json::to_string(&effect).unwrap();
            assert_eq!(serde_json::from_str::<Effect>(&stored).unwrap(), effect);
            if !sim.outbox.iter().any(|other| other.key == effect.key) {
                sim.outbox.push(effect);
            }
        }
    }

    /// Delivers one message, or keeps it to be delivered again.
    pub(in super::super) fn deliver(&mut self, index: usize, message: usize, again: bool) {
        let message = match again {
            true => self.sims[index].mail[message].clone(),
            false => self.sims[index].mail.remove(message),
        };
        match message {
            Message::Event(event) => self.report(index, event),
            Message::Hint(attempt) => self.read(index, attempt),
        }
    }

    /// Somebody reads the payment and its refunds: webhook, return page, poller or agent.
    pub(in super::super) fn read(&mut self, index: usize, attempt: u32) {
        for event in self.readings(index, attempt) {
            self.report(index, event);
        }
    }

    pub(in super::super) fn readings(&self, index: usize, attempt: u32) -> Vec<Event> {
        let at = (index, attempt);
        let refund = self
            .processor
            .refund(at)
            .map(|(number, status)| Event::RefundSeen {
                attempt,
                number,
                status,
            });
        let facts = self.processor.facts(at).map(Event::PaymentSeen);
        facts.into_iter().chain(refund).collect()
    }

    pub(in super::super) fn run(&mut self, index: usize, effect: usize, fault: Fault, luck: u8) {
        let effect = self.sims[index].outbox[effect].clone();
        let is_droppable = !matches!(
            effect.action,
            EffectAction::ReleaseHold { .. }
                | EffectAction::ExtendHold { .. }
                | EffectAction::CancelOrder { .. }
                | EffectAction::SendReceipt { .. }
                | EffectAction::SendInvoice { .. }
                | EffectAction::SendCancellation { .. }
                | EffectAction::SendAcknowledgement { .. }
                | EffectAction::SendNotice { .. }
        );
        let is_run = !matches!(fault, Fault::CrashBefore | Fault::TimeoutBefore);
        let results = match is_run {
            true => self.execute(index, &effect, luck),
            false => Vec::new(),
        };
        let action = serde_json::to_value(&effect.action).unwrap();
        self.note(format!("{fault:?} at {}", action["action"]));
        let stays = match fault {
            Fault::None | Fault::Late => false,
            Fault::CrashBefore | Fault::CrashAfter => true,
            Fault::TimeoutBefore | Fault::TimeoutAfter => !is_droppable,
        };
        if !stays {
            self.sims[index]
                .outbox
                .retain(|other| other.key != effect.key);
        }
        for event in results {
            match fault {
                Fault::None => self.report(index, event),
                Fault::Late => {
                    let mail = &mut self.sims[index].mail;
                    mail.extend([Message::Event(event.clone()), Message::Event(event)]);
                }
                _ => {}
            }
        }
    }

    /// Runs an effect by the rules in its documentation, and gives its results.
    fn execute(&mut self, index: usize, effect: &Effect, luck: u8) -> Vec<Event> {
        let now = self.now;
        match effect.action.clone() {
            EffectAction::TakeHold { hold, ends_at } => {
                match self.stock.take((index, hold), ends_at, now) {
                    true => vec![Event::HoldTaken { hold }],
                    false => vec![Event::HoldRefused { hold }],
                }
            }
            EffectAction::ExtendHold { hold, ends_at } => {
                self.stock.extend((index, hold), ends_at, now);
                Vec::new()
            }
            EffectAction::ReleaseHold { hold } => {
                self.stock.release((index, hold));
                Vec::new()
            }
            EffectAction::OpenSession {
                attempt,
                capture,
                flow,
                ..
            } => self.open(index, attempt, capture, flow, luck),
            EffectAction::ExpireSession { attempt, .. } => {
                self.processor.expire((index, attempt));
                self.changed(index, attempt)
            }
            EffectAction::PlaceOrder { attempt, hold, .. } => self.order(index, attempt, hold),
            EffectAction::Capture { attempt, .. } => {
                match self.processor.capture((index, attempt), &effect.key) {
                    true => self.changed(index, attempt),
                    false => vec![Event::CaptureFailed { attempt }],
                }
            }
            EffectAction::Void { attempt, .. } => {
                self.processor.void((index, attempt));
                self.changed(index, attempt)
            }
            EffectAction::Refund { attempt, .. } => {
                self.processor.start_refund((index, attempt), &effect.key);
                self.changed(index, attempt)
            }
            EffectAction::AskProcessor { attempt, .. } => self.readings(index, attempt),
            EffectAction::CancelOrder {
                attempt,
                only_unfulfilled,
                ..
            } => self.cancel(index, attempt, only_unfulfilled),
            EffectAction::SendReceipt { .. }
            | EffectAction::SendInvoice { .. }
            | EffectAction::SendCancellation { .. }
            | EffectAction::SendAcknowledgement { .. }
            | EffectAction::SendNotice { .. } => Vec::new(),
        }
    }

    /// The processor also sends a webhook, which may be faster than its answer.
    fn changed(&mut self, index: usize, attempt: u32) -> Vec<Event> {
        self.sims[index].mail.push(Message::Hint(attempt));
        self.readings(index, attempt)
    }

    fn open(
        &mut self,
        index: usize,
        attempt: u32,
        capture: CaptureMethod,
        flow: PaymentFlow,
        luck: u8,
    ) -> Vec<Event> {
        let at = (index, attempt);
        let is_new = !self.processor.payments.contains_key(&at);
        if !self.processor.open(at, capture, luck % 16 == 9, self.now) {
            return vec![Event::SessionRefused { attempt }];
        }
        if flow == PaymentFlow::Token {
            if is_new {
                self.processor.payments.get_mut(&at).unwrap().pay(luck);
            }
            return self.changed(index, attempt);
        }
        let reference = format!("cs_{index}_{attempt}");
        vec![Event::SessionOpened { attempt, reference }]
    }

    /// One transaction: units and order, or neither.
    fn order(&mut self, index: usize, attempt: u32, hold: u32) -> Vec<Event> {
        let at = (index, attempt);
        let payment = &self.processor.payments[&at];
        assert_eq!(
            payment.amount,
            super::super::support::TOTAL,
            "ordered at another amount"
        );
        let order = format!("ord_{index}_{attempt}");
        if !self.intake.orders.contains_key(&at) {
            if self.intake.revoked.contains(&at) || !self.stock.sell((index, hold), self.now) {
                return vec![Event::OrderRefused { attempt }];
            }
            self.intake.orders.insert(at, OrderStatus::Live);
        }
        vec![Event::OrderPlaced { attempt, order }]
    }

    fn cancel(&mut self, index: usize, attempt: u32, only_unfulfilled: bool) -> Vec<Event> {
        let (is_cancelled, was_before) = self.intake.cancel((index, attempt), only_unfulfilled);
        if is_cancelled && !was_before {
            self.stock.sold -= 1;
        }
        match is_cancelled {
            true => vec![Event::OrderCancelled { attempt }],
            false => vec![Event::OrderNotCancellable { attempt }],
        }
    }
}
