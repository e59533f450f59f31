//! The right to withdraw: how long, and the items that it does not cover.

/// The days that the law of the European Union gives at least.
pub(super) const DAYS_MIN: u16 = 14;

/// How long a consumer may withdraw from a purchase, and from which items not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Days after the delivery.
    pub days: u16,
    /// What it does not cover.
    pub exceptions: Vec<WithdrawalException>,
}

/// One item, or all items of a category, from which nobody may withdraw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawalException {
    pub(super) item_id: Option<String>,
    pub(super) category: Option<String>,
    pub(super) reason: ExceptionReason,
}

/// Why nobody may withdraw: the exceptions of the Consumer Rights Directive, article 16, that shops have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExceptionReason {
    /// A ticket for a date.
    DatedTicket,
    /// Recordings or software whose seal was broken.
    SealedMedia,
    /// It perishes.
    Perishable,
    /// Made for one buyer.
    CustomMade,
    /// Digital content, once the buyer has agreed to get it at once.
    DigitalAfterConsent,
}

impl ExceptionReason {
    /// Every reason with its name.
    pub const ALL: &[(&str, Self)] = &[
        ("dated_ticket", Self::DatedTicket),
        ("sealed_media", Self::SealedMedia),
        ("perishable", Self::Perishable),
        ("custom_made", Self::CustomMade),
        ("digital_after_consent", Self::DigitalAfterConsent),
    ];
}

/// The European Economic Area: the European Union, Iceland, Liechtenstein and Norway.
pub const EEA_COUNTRIES: [&str; 30] = [
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV",
    "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO",
];

/// Whether consumers in a country may withdraw from purchases made at a distance. The law of the United Kingdom kept the
/// right.
#[must_use]
pub fn has_withdrawal_right(country: &str) -> bool {
    country == "GB" || EEA_COUNTRIES.contains(&country)
}

impl Default for Withdrawal {
    fn default() -> Self {
        Self {
            days: DAYS_MIN,
            exceptions: Vec::new(),
        }
    }
}

impl Withdrawal {
    /// Why nobody may withdraw from this item, or `None`. An exception of the item comes before one of its category.
    #[must_use]
    pub fn exception(&self, item_id: &str, category: Option<&str>) -> Option<ExceptionReason> {
        let of_item = |one: &&WithdrawalException| one.item_id.as_deref() == Some(item_id);
        let of_category =
            |one: &&WithdrawalException| category.is_some() && one.category.as_deref() == category;
        let found = self.exceptions.iter().find(of_item);
        let found = found.or_else(|| self.exceptions.iter().find(of_category));
        found.map(|one| one.reason)
    }
}
