//! E-mail addresses and mailboxes that fit a header and an SMTP command.
//!
//! Promises: no control character, line break, blank, bracket or quote is in an address; a domain is in its ASCII form;
//! a name is one bounded line. Addresses are personal data: they are in no `Debug`.

use std::fmt;

use lettre::Address;
use lettre::message::Mailbox as HeaderMailbox;
use url::Host;

use super::content::single_line;

/// RFC 5321 allows no more in a path.
const ADDRESS_BYTES_MAX: usize = 254;
/// Longer names are cut: a header line has room for 998 bytes, a reader for far less.
const NAME_CHARS_MAX: usize = 80;
/// What a quoted local part would need. Nobody's provider gives out such addresses, and parsers differ about them.
const REFUSED_CHARS: [char; 11] = ['"', '\\', '<', '>', '(', ')', '[', ']', ',', ';', ':'];

/// An address such as `ada@example.com`.
#[derive(Clone, PartialEq, Eq)]
pub struct MailAddress(Address);

/// Not an e-mail address. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected an e-mail address, such as shop@example.com, or with a name: Shop <shop@example.com>"
)]
pub struct InvalidMailAddress;

impl MailAddress {
    /// Reads an address, with or without international letters.
    ///
    /// # Errors
    /// What no mail server would take.
    pub fn parse(text: &str) -> Result<Self, InvalidMailAddress> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidMailAddress)?;
        if text.len() > ADDRESS_BYTES_MAX || text.contains(REFUSED_CHARS) {
            return Err(InvalidMailAddress);
        }
        let Ok(Host::Domain(domain)) = Host::parse(domain) else {
            return Err(InvalidMailAddress);
        };
        let address = Address::new(local, domain);
        address.map(Self).map_err(|_| InvalidMailAddress)
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    /// Behind the `@`, in ASCII.
    pub(super) fn domain(&self) -> &str {
        self.0.domain()
    }

    pub(super) fn as_lettre(&self) -> &Address {
        &self.0
    }
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailAddress(…)")
    }
}

/// An address, with the name of whom it belongs to if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    name: Option<String>,
    address: MailAddress,
}

impl Mailbox {
    /// A mailbox with this name; without one if nothing of it can be shown.
    #[must_use]
    pub fn new(name: &str, address: MailAddress) -> Self {
        let name = single_line(name, NAME_CHARS_MAX);
        let name = (!name.is_empty()).then_some(name);
        Self { name, address }
    }

    /// Reads `shop@example.com` or `Shop <shop@example.com>`.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidMailAddress> {
        let text = text.trim();
        let Some(named) = text.strip_suffix('>') else {
            return MailAddress::parse(text).map(|address| Self::new("", address));
        };
        let (name, address) = named.rsplit_once('<').ok_or(InvalidMailAddress)?;
        let name = name.trim();
        let unquoted = name
            .strip_prefix('"')
            .and_then(|name| name.strip_suffix('"'));
        let address = MailAddress::parse(address)?;
        Ok(Self::new(unquoted.unwrap_or(name), address))
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> &MailAddress {
        &self.address
    }

    /// For a header: a name that needs it is quoted or encoded.
    pub(super) fn to_header(&self) -> HeaderMailbox {
        HeaderMailbox::new(self.name.clone(), self.address.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_sent() {
        for (given, expected) in [
            ("ada@example.com", "ada@example.com"),
            (" Ada.Byron+shop@Example.COM ", "Ada.Byron+shop@example.com"),
            ("o'neil@example.com", "o'neil@example.com"),
            ("info@müller.example", "info@xn--mller-kva.example"),
            ("jörg@example.com", "jörg@example.com"),
        ] {
            let address = MailAddress::parse(given).unwrap();
            assert_eq!(address.as_str(), expected);
            assert!(!format!("{address:?}").contains("example"));
        }
    }

    #[test]
    fn what_could_be_more_than_an_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(260));
        for refused in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada@exam ple.com",
            "ada\u{85}b@example.com",
            "ada\u{a0}b@example.com",
            "ada@example.com\r\nBcc: eve@example.com",
            "ada@example.com\nRCPT TO:<eve@example.com>",
            "ada@example.com>,<eve@example.com",
            "ada@example.com,eve@example.com",
            "\"ada\r\n\"@example.com",
            "\"a b\"@example.com",
            "ada\u{2028}@example.com",
            "ada\0@example.com",
            &long,
        ] {
            assert_eq!(
                MailAddress::parse(refused),
                Err(InvalidMailAddress),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn a_mailbox_may_have_a_name() {
        for (given, name) in [
            ("shop@example.com", None),
            ("<shop@example.com>", None),
            ("Studio Nord <shop@example.com>", Some("Studio Nord")),
            ("\"Nord, Studio\" <shop@example.com>", Some("Nord, Studio")),
            ("Nord\r\nBcc: <shop@example.com>", Some("Nord Bcc:")),
        ] {
            let mailbox = Mailbox::parse(given).unwrap();
            assert_eq!(mailbox.name.as_deref(), name);
            assert_eq!(mailbox.address.as_str(), "shop@example.com");
        }
        for refused in ["", "Shop", "Shop <>", "shop@example.com>", "<a@b.c> <"] {
            assert!(Mailbox::parse(refused).is_err(), "{refused}");
        }
    }
}
