//! One of each mail, as a buyer of a cup gets it. The example program `mails` sends the same.

use buywire::testing::{
    CancellationMail, DeclaredWithdrawal, InvoiceMail, MailAddress, MailDelivery, MailRecipient,
    NoticeMail, OutgoingMail, PaidReference, PaymentCard, ReceiptAmounts, ReceiptLine, ReceiptMail,
    ReturnedMoney, SellerContact, SellerLinks, WithdrawalException, WithdrawalMail,
    WithdrawalTerms,
};
use buywire_checkout::address::Language;
use buywire_checkout::machine::BuyerNotice;
use buywire_schemas::money::Currency;
use buywire_schemas::order::Address;
use time::OffsetDateTime;
use time::macros::datetime;
use url::Url;

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-30 12:05:00 UTC);
const ORDER: &str = "BW-7KQ2-M9";
pub(crate) const BUYER: &str = "ada@example.com";

/// Every mail in this language, with its name.
pub(crate) fn mails(language: Language) -> Vec<(&'static str, OutgoingMail)> {
    vec![
        ("receipt", receipt(language).compose()),
        ("receipt-digital", digital_receipt(language).compose()),
        (
            "not-charged",
            notice(language, BuyerNotice::NotCharged).compose(),
        ),
        (
            "refund-started",
            notice(language, BuyerNotice::RefundStarted).compose(),
        ),
        (
            "refunded",
            notice(language, BuyerNotice::Refunded).compose(),
        ),
        ("invoice", invoice(language).compose()),
        ("order-cancelled", cancellation(language).compose()),
        ("withdrawal-acknowledged", withdrawal(language).compose()),
    ]
}

pub(crate) fn recipient(language: Language) -> MailRecipient {
    MailRecipient {
        address: address(BUYER),
        name: "Ada Byron".to_owned(),
        language,
    }
}

pub(crate) fn seller() -> SellerContact {
    SellerContact {
        name: "Studio Nord GmbH".to_owned(),
        address: vec!["Hafenstraße 12".to_owned(), "20359 Hamburg".to_owned()],
        country: "DE".to_owned(),
        email: address("kontakt@studio-nord.example"),
        phone: Some("+49 40 5550123".to_owned()),
    }
}

/// Two cups and a made-to-order plate, gross prices, with a discount.
pub(crate) fn receipt(language: Language) -> ReceiptMail {
    ReceiptMail {
        recipient: recipient(language),
        order_number: ORDER.to_owned(),
        ordered_at: NOW,
        seller: seller(),
        links: links(),
        lines: vec![
            line("Stoneware cup, hand thrown", 2, 2_400, None),
            line(
                "Plate with your name",
                1,
                3_900,
                Some(WithdrawalException::CustomMade),
            ),
        ],
        amounts: ReceiptAmounts {
            currency: eur(),
            subtotal: 8_700,
            discount: 500,
            shipping: 490,
            tax: 1_387,
            tax_included: true,
            total: 8_690,
        },
        delivery: Some(MailDelivery {
            title: "DHL Paket".to_owned(),
            days: Some((2, 4)),
        }),
        ship_to: Some(Address {
            name: "Ada Byron".to_owned(),
            line1: "12 rue des Écoles".to_owned(),
            line2: Some("Bâtiment B".to_owned()),
            city: "Paris".to_owned(),
            region: None,
            postal_code: "75005".to_owned(),
            country: "FR".to_owned(),
        }),
        payment: Some(PaymentCard {
            brand: Some("Visa".to_owned()),
            last4: "4242".to_owned(),
        }),
        withdrawal: Some(WithdrawalTerms { days: 14 }),
        order_url: url("https://buywire.example/o/t0k3n"),
        is_test: false,
    }
}

/// A ticket and a download, net prices, without an address; and it is a test.
pub(crate) fn digital_receipt(language: Language) -> ReceiptMail {
    ReceiptMail {
        lines: vec![
            line(
                "Lorelei at the Foundry, 4 March",
                1,
                12_800,
                Some(WithdrawalException::DatedTicket),
            ),
            line(
                "Lorelei: Live (FLAC)",
                1,
                1_200,
                Some(WithdrawalException::DigitalAfterConsent),
            ),
        ],
        amounts: ReceiptAmounts {
            currency: Currency::parse("USD").unwrap(),
            subtotal: 14_000,
            discount: 0,
            shipping: 0,
            tax: 1_155,
            tax_included: false,
            total: 15_155,
        },
        delivery: None,
        ship_to: None,
        payment: None,
        is_test: true,
        ..receipt(language)
    }
}

pub(crate) fn notice(language: Language, notice: BuyerNotice) -> NoticeMail {
    let checkout = "chk_0190c8f2a5b07c3d8e4f000000000abc";
    NoticeMail {
        recipient: recipient(language),
        notice,
        amount: 123_456,
        currency: eur(),
        reference: match notice {
            BuyerNotice::Refunded => PaidReference::Order(ORDER.to_owned()),
            _ => PaidReference::Checkout(checkout.parse().unwrap()),
        },
        order_url: url("https://buywire.example/o/t0k3n"),
        seller: Some(seller()),
        is_test: false,
    }
}

pub(crate) fn invoice(language: Language) -> InvoiceMail {
    InvoiceMail {
        recipient: recipient(language),
        order_number: ORDER.to_owned(),
        amount: 5_330,
        currency: eur(),
        due_at: datetime!(2026-12-14 12:05:00 UTC),
        instructions: "Studio Nord GmbH\nIBAN DE02 1203 0000 0000 2020 51\nBIC BYLADEM1001"
            .to_owned(),
        order_url: url("https://buywire.example/o/t0k3n"),
        seller: seller(),
        is_test: false,
    }
}

pub(crate) fn cancellation(language: Language) -> CancellationMail {
    CancellationMail {
        recipient: recipient(language),
        order_number: ORDER.to_owned(),
        cancelled_at: NOW,
        money: ReturnedMoney::Refund {
            amount: 8_690,
            currency: eur(),
        },
        order_url: url("https://buywire.example/o/t0k3n"),
        seller: seller(),
        is_test: false,
    }
}

pub(crate) fn withdrawal(language: Language) -> WithdrawalMail {
    WithdrawalMail {
        recipient: recipient(language),
        order_number: ORDER.to_owned(),
        received_at: NOW,
        declared: DeclaredWithdrawal {
            name: "Ada Byron".to_owned(),
            items: vec!["Stoneware cup, hand thrown".to_owned()],
            contact: BUYER.to_owned(),
        },
        has_goods: true,
        order_url: url("https://buywire.example/o/t0k3n"),
        seller: seller(),
        is_test: false,
    }
}

fn line(
    title: &str,
    quantity: i64,
    unit_price: i64,
    exception: Option<WithdrawalException>,
) -> ReceiptLine {
    ReceiptLine {
        title: title.to_owned(),
        options: match quantity {
            2 => vec![
                ("Colour".to_owned(), "Night blue".to_owned()),
                ("Size".to_owned(), "250 ml".to_owned()),
            ],
            _ => Vec::new(),
        },
        quantity,
        unit_price,
        exception,
    }
}

fn links() -> SellerLinks {
    SellerLinks {
        terms_of_use: url("https://studio-nord.example/agb"),
        privacy_policy: url("https://studio-nord.example/datenschutz"),
        return_policy: Some(url("https://studio-nord.example/returns")),
        shipping_policy: None,
    }
}

pub(crate) fn address(text: &str) -> MailAddress {
    MailAddress::parse(text).unwrap()
}

pub(crate) fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn eur() -> Currency {
    Currency::parse("EUR").unwrap()
}
