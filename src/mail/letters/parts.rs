//! What several mails have: the greeting, the seller, the footer.

use buywire_checkout::address::{Language, country_name};
use url::Url;

use crate::mail::address::{MailAddress, Mailbox};
use crate::mail::content::{Block, Document, greeting_name, single_line};
use crate::mail::outgoing::MailRecipient;
use crate::mail::words::{Words, fill, words};

/// Longer texts are cut. An order's own bounds are of the same size.
pub(super) const TEXT_CHARS_MAX: usize = 300;
/// A postal address has fewer lines in every country.
const ADDRESS_LINES_MAX: usize = 8;

/// Who sells, as the law wants it named.
#[derive(Debug, Clone)]
pub struct SellerContact {
    /// The trader's name.
    pub name: String,
    /// The lines of its address, without the country.
    pub address: Vec<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Where buyers reach it, and where replies go.
    pub email: MailAddress,
    /// By phone, if it offers that.
    pub phone: Option<String>,
}

/// The seller's pages.
#[derive(Debug, Clone)]
pub struct SellerLinks {
    /// Terms and conditions.
    pub terms_of_use: Url,
    /// Privacy policy.
    pub privacy_policy: Url,
    /// How returns work.
    pub return_policy: Option<Url>,
    /// How delivery works.
    pub shipping_policy: Option<Url>,
}

impl SellerContact {
    pub(super) fn shown_name(&self) -> String {
        text(&self.name)
    }

    /// Where replies go.
    pub(super) fn mailbox(&self) -> Mailbox {
        Mailbox::new(&self.name, self.email.clone())
    }

    /// Its name and address in one line, for a form.
    pub(super) fn one_line(&self, language: Language) -> String {
        let mut lines = self.postal_lines(language);
        lines.push(self.email.as_str().to_owned());
        lines.join(", ")
    }

    pub(super) fn blocks(&self, language: Language) -> Vec<Block> {
        let words = words(language);
        let mut facts = vec![(words.email, self.email.as_str().to_owned())];
        facts.extend(self.phone.as_ref().map(|phone| (words.phone, text(phone))));
        vec![
            Block::Heading(words.seller.to_owned()),
            Block::Lines(self.postal_lines(language)),
            Block::Facts(facts),
        ]
    }

    fn postal_lines(&self, language: Language) -> Vec<String> {
        let mut lines = vec![self.shown_name()];
        let address = self.address.iter().take(ADDRESS_LINES_MAX);
        lines.extend(address.map(|line| text(line)));
        lines.push(country(&self.country, language));
        lines.retain(|line| !line.is_empty());
        lines
    }
}

impl SellerLinks {
    /// Pages of the web only, whatever the URLs are.
    pub(super) fn named(&self, words: &Words) -> Vec<(&'static str, String)> {
        let links = [
            (words.terms_of_use, Some(&self.terms_of_use)),
            (words.privacy_policy, Some(&self.privacy_policy)),
            (words.return_policy, self.return_policy.as_ref()),
            (words.shipping_policy, self.shipping_policy.as_ref()),
        ];
        let links = links
            .into_iter()
            .filter_map(|(name, url)| Some((name, url?)));
        links
            .filter(|(_, url)| matches!(url.scheme(), "http" | "https"))
            .map(|(name, url)| (name, url.to_string()))
            .collect()
    }
}

/// A short text of a buyer or a merchant.
pub(super) fn text(text: &str) -> String {
    single_line(text, TEXT_CHARS_MAX)
}

pub(super) fn country(code: &str, language: Language) -> String {
    country_name(code, language).map_or_else(|| text(code), str::to_owned)
}

/// A document that begins with a greeting; with a warning above all if it is a test.
pub(super) fn letter(recipient: &MailRecipient, title: &str, is_test: bool) -> Document {
    let words = words(recipient.language);
    let greeting = greeting_name(&recipient.name).map_or_else(
        || words.greeting.to_owned(),
        |name| fill(words.greeting_named, &[("name", &name)]),
    );
    let test = is_test.then(|| Block::Paragraph(words.test_order.to_owned()));
    let mut blocks: Vec<_> = test.into_iter().collect();
    blocks.push(Block::Paragraph(greeting));
    Document {
        title: title.to_owned(),
        blocks,
        footer: Vec::new(),
        colon: words.colon,
    }
}

/// Who a reply reaches.
pub(super) fn footer(words: &Words, seller: Option<&SellerContact>) -> Vec<String> {
    let footer = seller.map_or_else(
        || words.footer_alone.to_owned(),
        |seller| fill(words.footer, &[("seller", &seller.shown_name())]),
    );
    vec![footer]
}
