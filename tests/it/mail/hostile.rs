//! Whatever buyers and merchants write, a mail stays what it is: the same headers, no markup, no card number.

use buywire::testing::{
    DeclaredWithdrawal, Mailbox, OutgoingMail, PaymentCard, ReceiptLine, SellerContact,
};
use buywire_checkout::address::Language;
use buywire_checkout::machine::BuyerNotice;
use buywire_schemas::text::card::contains_card_number;
use proptest::prelude::*;

use super::fixture::{NOW, cancellation, invoice, notice, receipt, recipient, seller, withdrawal};
use super::from;

/// RFC 5322, without the line's end.
const LINE_BYTES_MAX: usize = 998;
const HEADERS: [&str; 10] = [
    "Auto-Submitted",
    "Content-Language",
    "Content-Type",
    "Date",
    "From",
    "MIME-Version",
    "Message-ID",
    "Reply-To",
    "Subject",
    "To",
];
const CANARIES: [&str; 16] = [
    "Ada\r\nBcc: eve@example.com",
    "Ada\nBcc: eve@example.com\n\nBuy pills",
    "Ada\rBcc: eve@example.com",
    "Ada\u{2028}Bcc: eve@example.com\u{85}x",
    "\" <eve@example.com>, \"Ada",
    "=?utf-8?q?Ada=0D=0ABcc:_eve@example.com?=",
    "\r\n.\r\nMAIL FROM:<eve@example.com>",
    ".",
    "--=_0\r\nContent-Type: text/html",
    "<script>alert(1)</script><img src=//evil.example/p.gif>",
    "\"><a href=\"https://evil.example\">",
    "4242 4242 4242 4242",
    "4242\u{ad}4242-4242\u{200b}4242",
    "４２４２４２４２４２４２４２４２",
    "378282246310005 and 5555555555554444",
    "\u{202e}gpj.elif\u{0}\u{7f}{order}{seller}",
];

/// Hostile words between any characters, and words longer than a line.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(&CANARIES[..]).prop_map(str::to_owned),
        2 => any::<String>(),
        1 => "[0-9 .-]{10,40}",
        1 => "[a-zé]{900,1200}",
    ];
    proptest::collection::vec(piece, 1..3).prop_map(|pieces| pieces.concat())
}

/// Every mail, with these texts wherever a buyer or a merchant may write.
fn mails(texts: &[String], language: Language) -> Vec<OutgoingMail> {
    let text = |index: usize| texts[index % texts.len()].clone();
    let mut buyer = recipient(language);
    buyer.name = text(0);
    let seller = SellerContact {
        name: text(1),
        address: vec![text(2), text(3)],
        country: text(4),
        phone: Some(text(5)),
        ..seller()
    };

    let mut confirmed = receipt(language);
    confirmed.recipient = buyer.clone();
    confirmed.seller = seller.clone();
    confirmed.lines.push(ReceiptLine {
        title: text(6),
        options: vec![(text(7), text(8))],
        ..confirmed.lines[0].clone()
    });
    confirmed.payment = Some(PaymentCard {
        brand: Some(text(9)),
        last4: text(0),
    });
    confirmed.delivery.as_mut().unwrap().title = text(1);
    let ship_to = confirmed.ship_to.as_mut().unwrap();
    (ship_to.name, ship_to.line1) = (text(2), text(3));
    (ship_to.line2, ship_to.city) = (Some(text(4)), text(5));
    ship_to.postal_code = text(6);

    let mut released = notice(language, BuyerNotice::NotCharged);
    released.recipient = buyer.clone();
    released.seller = Some(seller.clone());

    let mut cancelled = cancellation(language);
    cancelled.recipient = buyer.clone();
    cancelled.seller = seller.clone();

    let mut invoiced = invoice(language);
    invoiced.recipient = buyer.clone();
    invoiced.seller = seller.clone();
    invoiced.order_number = text(6);

    let mut withdrawn = withdrawal(language);
    withdrawn.recipient = buyer;
    withdrawn.seller = seller;
    withdrawn.order_number = text(7);
    withdrawn.declared = DeclaredWithdrawal {
        name: text(8),
        items: vec![text(9), text(0)],
        contact: text(1),
    };
    vec![
        confirmed.compose(),
        released.compose(),
        cancelled.compose(),
        invoiced.compose(),
        withdrawn.compose(),
    ]
}

/// The names of a message's headers, sorted.
fn header_names(message: &str) -> Vec<&str> {
    let (head, _) = message.split_once("\r\n\r\n").unwrap();
    let fields = head.split("\r\n").filter(|line| !line.starts_with(' '));
    let mut names: Vec<_> = fields.map(|line| line.split_once(':').unwrap().0).collect();
    names.sort_unstable();
    names
}

fn assert_harmless(mail: &OutgoingMail) {
    let message = mail.to_message(&from(), "chk_1.receipt.1", NOW).unwrap();
    assert!(message.is_ascii());
    let message = String::from_utf8(message).unwrap();
    assert_eq!(header_names(&message), HEADERS);
    for line in message.split("\r\n") {
        assert!(line.len() <= LINE_BYTES_MAX, "{} bytes", line.len());
        assert!(!line.contains(['\r', '\n']), "{line:?}");
    }
    // The two parts, and no third.
    let boundary = message.split("boundary=\"").nth(1).unwrap();
    let boundary = boundary.split('"').next().unwrap();
    assert_eq!(message.matches(&format!("\r\n--{boundary}")).count(), 3);

    assert!(!contains_card_number(mail.subject()), "{}", mail.subject());
    assert!(!contains_card_number(mail.text()), "{}", mail.text());
    assert!(!contains_card_number(mail.html()), "{}", mail.html());
    assert_plain(mail);
}

/// No element, link or line of somebody else.
fn assert_plain(mail: &OutgoingMail) {
    let html = mail.html();
    for element in ["<script", "<img", "<a href=\"https://evil"] {
        assert!(!html.contains(element), "{element}");
    }
    let links = html.matches("<a ").count();
    let urls = mail
        .text()
        .lines()
        .filter(|line| line.starts_with("https://"));
    let ours = urls.filter(|url| {
        let hosts = ["https://buywire.example/", "https://studio-nord.example/"];
        hosts.iter().any(|host| url.starts_with(host))
    });
    assert_eq!(links, ours.count());
    for c in mail.text().chars() {
        let is_line_end = c == '\n';
        assert!(is_line_end || !c.is_control(), "{c:?}");
        assert!(!matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_becomes_more_than_text(
        texts in proptest::collection::vec(hostile(), 10),
        language in proptest::sample::select(&Language::ALL[..]),
    ) {
        for mail in mails(&texts, language) {
            assert_harmless(&mail);
        }
    }

    #[test]
    fn no_id_becomes_more_than_an_id(id in hostile()) {
        let mail = receipt(Language::English).compose();
        let message = mail.to_message(&from(), &id, NOW).unwrap();
        let message = String::from_utf8(message).unwrap();
        prop_assert_eq!(header_names(&message), HEADERS);
        let again = mail.to_message(&from(), &id, NOW + time::Duration::HOUR).unwrap();
        let again = String::from_utf8(again).unwrap();
        prop_assert_eq!(message_id(&message), message_id(&again));
    }
}

fn message_id(message: &str) -> &str {
    let lines = message.split("\r\n");
    let mut found = lines.filter(|line| line.starts_with("Message-ID: "));
    found.next().unwrap()
}

#[test]
fn each_canary_alone_is_harmless() {
    for canary in CANARIES {
        for mail in mails(&[canary.to_owned()], Language::German) {
            assert_harmless(&mail);
        }
    }
}

#[test]
fn each_id_has_a_message_id_of_its_own() {
    let mail = receipt(Language::English).compose();
    let mut ids = std::collections::BTreeSet::new();
    for number in 0..100 {
        let id = format!("chk_1.receipt.{number}");
        let message = mail.to_message(&from(), &id, NOW).unwrap();
        ids.insert(message_id(&String::from_utf8(message).unwrap()).to_owned());
    }
    assert_eq!(ids.len(), 100);
}

#[test]
fn no_time_and_no_sender_stops_a_mail() {
    let mail = receipt(Language::English).compose();
    let named = Mailbox::parse("Жан \"Nord\" <orders@buywire.example>").unwrap();
    for time in [
        time::OffsetDateTime::UNIX_EPOCH - time::Duration::DAY,
        time::PrimitiveDateTime::MAX.assume_utc(),
    ] {
        mail.to_message(&named, "id", time).unwrap();
    }
}

#[test]
fn only_four_digits_of_a_card_are_shown() {
    let mut mail = receipt(Language::English);
    mail.payment = Some(PaymentCard {
        brand: None,
        last4: "4242424242424242".to_owned(),
    });
    let mail = mail.compose();
    assert!(
        mail.text().contains("Payment: Card ending 4242\n"),
        "{}",
        mail.text()
    );
}
