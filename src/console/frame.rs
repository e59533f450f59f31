//! What all pages of the console share: the gateway's name, the menu, the search box, the form token.

use super::assets::{ASSETS, AssetUrls};

/// A page's frame.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// `/console` or `/portal`: every link begins with it.
    pub base: &'static str,
    /// The gateway's name.
    pub name: String,
    pub badge: Option<Badge>,
    /// The label of the key that is signed in.
    pub label: String,
    pub section: Section,
    /// The sections that this key may see, in groups.
    pub menu: Vec<Vec<MenuEntry>>,
    /// What every form sends back.
    pub token: String,
    /// What stands in the search box.
    pub query: String,
    /// The page's own URL, if its content is read again while it is open.
    pub live: Option<String>,
    /// What the last action did.
    pub flash: Option<Flash>,
    pub assets: &'static AssetUrls,
}

/// The gateway's name beside the brand, so that nobody takes production for staging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Badge {
    pub text: String,
    pub class: &'static str,
}

/// One sentence above the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flash {
    /// `ok`, `warn` or `bad`.
    pub class: &'static str,
    pub text: String,
}

/// A part of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Now,
    Failures,
    Deliveries,
    Orders,
    Replays,
    Partners,
    Catalog,
    Posts,
    Stock,
    Checkouts,
    Payments,
    Callbacks,
    Audit,
    /// Not in the menu.
    Other,
}

/// A section's link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MenuEntry {
    pub section: Section,
    pub name: &'static str,
    pub href: String,
    /// The letter after `g` that opens it.
    pub key: char,
}

/// The menu's groups: where each section is, its name and its letter.
pub(crate) const MENU: [&[(Section, &str, &str, char)]; 3] = [
    &[
        (Section::Now, "", "Now", 'n'),
        (Section::Failures, "/failures", "Failures", 'f'),
        (Section::Deliveries, "/deliveries", "Deliveries", 'd'),
        (Section::Orders, "/orders", "Orders", 'o'),
        (Section::Replays, "/replays", "Replays", 'r'),
    ],
    &[
        (Section::Partners, "/partners", "Partners", 'p'),
        (Section::Catalog, "/catalog", "Catalog", 'c'),
        (Section::Posts, "/posts", "Posts", 't'),
        (Section::Stock, "/stock", "Stock", 's'),
        (Section::Checkouts, "/checkouts", "Checkouts", 'h'),
        (Section::Payments, "/payments", "Payments", 'm'),
    ],
    &[
        (Section::Callbacks, "/callbacks", "Callbacks", 'b'),
        (Section::Audit, "/audit", "Audit", 'a'),
    ],
];

impl Badge {
    /// The badge of a gateway with this name. Production is red; other names each keep a colour of their own.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let name = name.trim();
        if name.is_empty() {
            return None;
        }
        let lower = name.to_lowercase();
        let mut words = lower.split(|letter: char| !letter.is_alphanumeric());
        let class = match words.any(|word| matches!(word, "production" | "prod" | "live")) {
            true => "production",
            false => {
                let sum: u32 = lower.bytes().map(u32::from).sum();
                match sum % 4 {
                    0 => "hue0",
                    1 => "hue1",
                    2 => "hue2",
                    _ => "hue3",
                }
            }
        };
        Some(Self {
            text: name.to_owned(),
            class,
        })
    }
}

impl Frame {
    /// Whether the menu leads to a section.
    pub(crate) fn has(&self, section: Section) -> bool {
        let mut entries = self.menu.iter().flatten();
        entries.any(|entry| entry.section == section)
    }

    /// A frame of a section for a key with this label.
    pub(crate) fn new(base: &'static str, name: &str, label: String, token: String) -> Self {
        Self {
            base,
            name: match name.trim() {
                "" => "Buywire".to_owned(),
                name => format!("{name} · Buywire"),
            },
            badge: Badge::of(name),
            label,
            section: Section::Other,
            menu: Vec::new(),
            token,
            query: String::new(),
            live: None,
            flash: None,
            assets: &ASSETS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_marked_and_nothing_else_is() {
        let class = |name| Badge::of(name).map(|badge| badge.class);
        for name in ["production", "Prod EU", "shop (live)"] {
            assert_eq!(class(name), Some("production"), "{name}");
        }
        for name in ["staging", "products", "delivery"] {
            assert_ne!(class(name), Some("production"), "{name}");
        }
        assert_eq!(Badge::of("  "), None);
    }
}
