//! The languages of the buyer's pages.
//!
//! Promises: the order of the variants is that of the columns in `data/`.
//! Must not know what is written in them.

/// A language in which a buyer can read our pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// `en`
    English,
    /// `fr`
    French,
    /// `de`
    German,
    /// `es`
    Spanish,
    /// `nl`
    Dutch,
}

impl Language {
    /// All of them, English first.
    pub const ALL: [Self; 5] = [
        Self::English,
        Self::French,
        Self::German,
        Self::Spanish,
        Self::Dutch,
    ];

    /// The tag in BCP 47, as in `<html lang>`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::German => "de",
            Self::Spanish => "es",
            Self::Dutch => "nl",
        }
    }

    /// The language of a tag such as `de` or `de-AT`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?;
        let is_meant = |language: &Self| language.tag().eq_ignore_ascii_case(primary);
        Self::ALL.into_iter().find(is_meant)
    }
}
