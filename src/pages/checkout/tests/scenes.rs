//! Values that a shop would have: an item, a buyer, an order, and everything that can go wrong.

use buywire_checkout::address::AddressInput;
use buywire_checkout::hook::RefusalReason;
use buywire_checkout::limits::HoldCountdown;
use buywire_checkout::machine::PageSituation;
use buywire_checkout::payment_method::{BankRedirect, PaymentMethod};
use buywire_checkout::tables::{DeliveryKind, DeliveryOption};
use buywire_schemas::catalog::{Item, ProductState};
use buywire_schemas::money::Currency;
use buywire_schemas::order::Address;
use buywire_schemas::rollout::Viewer;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::super::*;
use crate::pages::{ProductListing, Site};

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-30 18:02:40 UTC);
pub(super) const TOKEN: &str = "cko_3Q9xv7Kd0mZ2";

pub(super) const SITUATIONS: [PageSituation; 20] = [
    PageSituation::Incomplete,
    PageSituation::Ready,
    PageSituation::SoldOut,
    PageSituation::PaymentUnavailable,
    PageSituation::Stopped,
    PageSituation::Preparing,
    PageSituation::PayNow,
    PageSituation::PayInvoice,
    PageSituation::Declined,
    PageSituation::Processing,
    PageSituation::TooLate,
    PageSituation::Cancelling,
    PageSituation::Confirmed,
    PageSituation::CancellingOrder,
    PageSituation::Expired,
    PageSituation::Cancelled,
    PageSituation::Released,
    PageSituation::RefundDue,
    PageSituation::RefundFailed,
    PageSituation::Refunded,
];

/// What a seller in the Low Countries offers.
pub(super) const METHODS: [PaymentMethod; 4] = [
    PaymentMethod::Card,
    PaymentMethod::BankRedirect(BankRedirect::Ideal),
    PaymentMethod::BankRedirect(BankRedirect::Bancontact),
    PaymentMethod::Invoice { days: 14 },
];

/// What all scenes of a language share.
pub(super) struct Stage {
    pub(super) links: CheckoutLinks<'static>,
    pub(super) item: CheckoutItem,
    pub(super) options: Vec<OptionChoice>,
    pub(super) deliveries: Vec<DeliveryOption>,
    pub(super) address: Address,
    pub(super) legal: LegalNotices,
    pub(super) input: BuyInput,
}

pub(super) fn listing(change: impl FnOnce(&mut Item)) -> ProductListing {
    let text = include_str!("../../../../schemas/examples/valid/catalog/shirt.json");
    let mut item: Item = serde_json::from_str(text).unwrap();
    item.title = "Tour T-shirt “North”".to_owned();
    change(&mut item);
    let offer = item.offer(ProductState::default(), NOW);
    ProductListing { item, offer }
}

pub(super) fn paris() -> Address {
    let input = AddressInput {
        name: "Ada Byron",
        line1: "12 rue de la Paix",
        line2: "Bâtiment B",
        city: "Paris",
        postal_code: "75002",
        ..AddressInput::default()
    };
    buywire_checkout::address::parse("FR", &input).unwrap()
}

impl Stage {
    pub(super) fn new(language: Language) -> Self {
        let choice = |(name, is_available): (&str, bool)| OptionChoice {
            value: format!("prd_{name}"),
            name: name.to_owned(),
            is_available,
        };
        let delivery = |id: &str, title: &str, price, days| DeliveryOption {
            id: id.to_owned(),
            kind: DeliveryKind::Shipping,
            title: title.to_owned(),
            price,
            days: Some(days),
        };
        let page = |name: &str| Some(format!("https://acme.example/{name}"));
        Self {
            links: CheckoutLinks {
                site: Site("https://pay.example"),
                slug: "tour-shirt-x1",
                language,
                locale: language.into(),
                viewer: Viewer::default(),
            },
            item: CheckoutItem::of(&listing(|_| {}), "Acme Outfitters", Some(4)),
            options: [("S", true), ("M", true), ("L", true), ("XL", false)]
                .map(choice)
                .into(),
            deliveries: vec![
                delivery("standard", "Colissimo", 490, (3, 5)),
                delivery("express", "Chronopost Express", 1_200, (1, 1)),
                delivery("pickup", "Point relais", 0, (2, 4)),
            ],
            address: paris(),
            legal: LegalNotices {
                withdrawal: WithdrawalRight::Days(14),
                has_guarantee_notice: true,
                durability: Some(DurabilityGuarantee {
                    producer: "Acme".to_owned(),
                    years: 5,
                }),
                pages: SellerPages {
                    terms: page("terms"),
                    privacy: page("privacy"),
                    returns: page("returns"),
                },
            },
            input: BuyInput::default()
                .with(BuyField::Option, "prd_M")
                .with(BuyField::COUNTRY, "FR"),
        }
    }

    pub(super) fn form(&self) -> BuyForm<'_> {
        BuyForm {
            links: self.links,
            checkout: None,
            item: &self.item,
            option_name: Some("Size"),
            options: &self.options,
            quantity_max: 5,
            address: AddressNeed::Full,
            needs_phone: false,
            countries: None,
            input: &self.input,
            errors: &[],
            problem: None,
            seller_url: Some("https://acme.example/shirt"),
        }
    }

    pub(super) fn review(&self) -> Review<'_> {
        Review {
            links: self.links,
            checkout: TOKEN,
            item: &self.item,
            quantity: 1,
            email: "ada@example.com",
            address: Some(&self.address),
            country: "FR",
            deliveries: &self.deliveries,
            delivery: Some("standard"),
            totals: Some(totals()),
            quote: "5f0c",
            legal: &self.legal,
            methods: &METHODS[..1],
            method: None,
            processor: "Stripe",
            problem: None,
            seller_url: Some("https://acme.example/shirt"),
        }
    }

    pub(super) fn order(&self, situation: PageSituation) -> OrderPage<'_> {
        let is_paying = matches!(situation, PageSituation::PayNow | PageSituation::Declined);
        let has_order = matches!(
            situation,
            PageSituation::Confirmed | PageSituation::CancellingOrder | PageSituation::Refunded
        );
        OrderPage {
            links: self.links,
            token: TOKEN,
            situation,
            item: &self.item,
            quantity: 1,
            totals: Some(totals()),
            email: Some("ada@example.com"),
            address: Some(&self.address),
            checks: 0,
            pay_url: is_paying.then_some("https://checkout.stripe.example/c/pay/cs_1"),
            hold: is_paying.then(|| hold(444, false)),
            invoice: Some(InvoiceToPay {
                reference: "BW-7K3M-9Q2T-0XA1",
                instructions: "Acme Outfitters\nIBAN DE02 1203 0000 0000 2020 51",
                due_at: NOW + Duration::days(14),
            }),
            order: has_order.then(placed),
            withdrawal: None,
            is_forgotten: false,
            seller_url: Some("https://acme.example/help"),
        }
    }
}

pub(super) fn hold(seconds: i64, is_scarce: bool) -> OrderHold {
    OrderHold {
        countdown: HoldCountdown {
            left: Duration::seconds(seconds),
            is_announced: seconds <= 20,
            may_extend: !is_scarce,
        },
        ends_at: NOW + Duration::seconds(seconds),
        is_scarce,
    }
}

pub(super) fn placed() -> PlacedOrder<'static> {
    PlacedOrder {
        number: "BW-20261130-4711",
        ordered_at: NOW,
        payment: Some(PaidWith::Card {
            brand: "visa",
            last4: Some("4242"),
        }),
        cancel: OrderCancel::Possible,
        withdrawal: Some(WithdrawalWindow {
            until: Some(NOW + Duration::days(17)),
        }),
        may_forget: true,
    }
}

pub(super) fn totals() -> Totals {
    Totals {
        currency: Currency::parse("EUR").unwrap(),
        subtotal: 2_900,
        discount: 0,
        shipping: Some(490),
        tax: 565,
        tax_included: true,
        total: 3_390,
        is_vat: true,
    }
}

pub(super) fn problems() -> Vec<(&'static str, BuyProblem)> {
    let currency = Currency::parse("EUR").unwrap();
    let refused = |reason| BuyProblem::Refused { reason, text: None };
    let text = Some("Only in our shops, with an identity card.".to_owned());
    vec![
        ("sold-out", BuyProblem::SoldOut { left: 0 }),
        ("few-left", BuyProblem::SoldOut { left: 2 }),
        ("buyer-limit", BuyProblem::BuyerLimit { units_max: 2 }),
        ("not-delivered", BuyProblem::NotDelivered),
        ("tax-unknown", BuyProblem::TaxUnknown),
        ("refused-country", refused(RefusalReason::Country)),
        (
            "refused-age",
            BuyProblem::Refused {
                reason: RefusalReason::Age,
                text,
            },
        ),
        ("refused-category", refused(RefusalReason::Category)),
        ("refused-other", refused(RefusalReason::Other)),
        ("seller-unreachable", BuyProblem::SellerUnreachable),
        (
            "quote-changed",
            BuyProblem::QuoteChanged {
                before: 3_290,
                after: 3_390,
                currency,
            },
        ),
        ("payment-unavailable", BuyProblem::PaymentUnavailable),
        ("method-unavailable", BuyProblem::MethodUnavailable),
        ("stopped", BuyProblem::Stopped),
        ("consent-missing", BuyProblem::ConsentMissing),
    ]
}
