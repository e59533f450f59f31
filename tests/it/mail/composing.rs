//! What stands in each mail, in each language: golden files. `BLESS=1` writes them anew; read them before you commit.

use std::fs;
use std::path::PathBuf;

use buywire::testing::{OutgoingMail, ReturnedMoney, WithdrawalException, WithdrawalTerms};
use buywire_checkout::address::Language;

use super::fixture::{NOW, cancellation, digital_receipt, mails, receipt};
use super::from;

fn golden(name: &str, content: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/mail/golden");
    let path = folder.join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, content).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(content == expected, "{name} differs:\n{content}");
}

#[test]
fn each_mail_reads_well_in_each_language() {
    for language in Language::ALL {
        for (name, mail) in mails(language) {
            let content = format!("Subject: {}\n\n{}", mail.subject(), mail.text());
            golden(&format!("{name}.{}.txt", language.tag()), &content);
        }
    }
}

#[test]
fn the_html_and_the_message_are_as_they_were() {
    let mail = receipt(Language::French).compose();
    golden("receipt.fr.html", mail.html());
    let message = mail.to_message(&from(), "chk_1.receipt.1", NOW).unwrap();
    golden("receipt.fr.eml", &String::from_utf8(message).unwrap());
}

/// The words of a text, without what only one of the two forms has.
fn words(text: &str) -> Vec<String> {
    let words = text.split_whitespace();
    let words = words.filter(|word| !word.chars().all(|c| c == '-'));
    words
        .map(|word| word.trim_end_matches(':').to_owned())
        .filter(|word| !word.is_empty() && !word.starts_with("https:"))
        .collect()
}

/// What a reader sees of HTML.
fn visible(html: &str) -> String {
    let body = html.split("<body>").nth(1).unwrap();
    let mut text = String::new();
    for piece in body.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
        text.push(' ');
    }
    text.replace("&#38;", "&")
}

#[test]
fn text_and_html_say_the_same() {
    for language in Language::ALL {
        for (name, mail) in mails(language) {
            let html = visible(mail.html());
            assert_eq!(words(mail.text()), words(&html), "{name} {language:?}");
            for url in mail.text().lines().filter(|line| line.starts_with("http")) {
                assert!(mail.html().contains(&format!("href=\"{url}\"")), "{url}");
            }
        }
    }
}

#[test]
fn a_mail_loads_nothing_and_follows_nobody() {
    for (_, mail) in mails(Language::English) {
        for word in [
            "<img", "src=", "url(", "@import", "<script", "<link", "<form", "http:",
        ] {
            assert!(!mail.html().contains(word), "{word}");
        }
    }
}

fn lines(mail: &OutgoingMail) -> Vec<&str> {
    mail.text().lines().collect()
}

#[test]
fn a_line_of_text_fits_a_terminal() {
    for language in Language::ALL {
        for (name, mail) in mails(language) {
            for line in lines(&mail) {
                let is_url = line.starts_with("http");
                assert!(is_url || line.chars().count() <= 72, "{name}: {line}");
            }
        }
    }
}

#[test]
fn the_right_of_withdrawal_is_stated_as_it_is() {
    let text = |mail: OutgoingMail| mail.text().replace('\n', " ");
    let right = "withdraw from this contract within 14 days";
    let form = "Model withdrawal form";

    // Goods with and without the right: both are said, and the form names what may be given back.
    let both = text(receipt(Language::English).compose());
    assert!(both.contains(right) && both.contains("after the day on which you receive the goods"));
    assert!(both.contains("no right of withdrawal for “Plate with your name”"));
    assert!(both.contains(form) && both.contains("Stoneware cup, hand thrown (BW-7KQ2-M9)"));

    // Nothing may be given back: only the reasons.
    let none = text(digital_receipt(Language::English).compose());
    assert!(!none.contains(right) && !none.contains(form));
    assert!(
        none.contains("it is for a fixed date") && none.contains("you thereby lose this right")
    );

    // A download without consent: the period begins with the order.
    let mut download = digital_receipt(Language::English);
    download.lines.remove(0);
    download.lines[0].exception = None;
    download.withdrawal = Some(WithdrawalTerms { days: 30 });
    let download = text(download.compose());
    assert!(
        download.contains("within 30 days") && download.contains("after the day of your order")
    );
    assert!(!download.contains("Send the goods back"));

    // Sealed goods have the right until the seal is broken.
    let mut sealed = receipt(Language::English);
    sealed.lines.remove(1);
    sealed.lines[0].exception = Some(WithdrawalException::SealedMedia);
    let sealed = text(sealed.compose());
    assert!(sealed.contains(right) && sealed.contains("ends once you break its seal"));

    // Where the law gives none, nothing is said.
    let mut elsewhere = receipt(Language::English);
    elsewhere.withdrawal = None;
    assert!(
        !text(elsewhere.compose())
            .to_lowercase()
            .contains("withdraw")
    );
}

#[test]
fn tax_is_said_to_be_included_or_added_and_delivery_to_be_free() {
    let text = receipt(Language::English).compose();
    assert!(lines(&text).contains(&"Tax included: €13.87"));
    let text = digital_receipt(Language::English).compose();
    assert!(lines(&text).contains(&"Tax: US$11.55"));
    assert!(!text.text().contains("Delivery"));
    assert!(lines(&text).contains(&"Total: US$151.55"));
    assert!(!text.text().contains("Discount"));
    let mut free = receipt(Language::English);
    free.amounts.shipping = 0;
    assert!(lines(&free.compose()).contains(&"Delivery: Free"));
}

#[test]
fn a_cancelled_order_says_whether_money_was_taken() {
    let mut cancelled = cancellation(Language::English);
    assert!(cancelled.compose().text().contains("€86.90"));
    cancelled.money = ReturnedMoney::Released;
    assert!(
        cancelled
            .compose()
            .text()
            .contains("You have not been charged.")
    );
}
