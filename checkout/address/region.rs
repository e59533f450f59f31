//! The states, provinces and prefectures of the countries that list them.
//!
//! Promises: a region is found by its code, its ISO 3166-2 code and each of its names, whatever their case.
//! Must not know what is stored or printed elsewhere than here.

use super::cleaning::fold;

/// A state, province or prefecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The code of ISO 3166-2 without the country, such as `CA` or `13`. Empty where there is none.
    pub code: &'static str,
    /// The name in Latin script, such as `California` or `Tokyo`.
    pub name: &'static str,
    /// As the country's own addresses have it: `CA`, `東京都`, or the name.
    pub written: &'static str,
    /// Other names, folded.
    aliases: Vec<String>,
}

impl Region {
    /// From the cells of `data/regions.tsv`.
    pub(super) fn new(
        code: &'static str,
        name: &'static str,
        written: &'static str,
        aliases: &str,
    ) -> Self {
        let written = if written.is_empty() { name } else { written };
        let others = aliases.split('~').filter(|alias| !alias.is_empty());
        Self {
            code,
            name,
            written,
            aliases: [name, written]
                .into_iter()
                .chain(others)
                .map(fold)
                .collect(),
        }
    }

    /// Whether the code alone tells a reader the region: `CA` does, `13` does not.
    pub(super) fn is_lettered(&self) -> bool {
        !self.code.is_empty() && self.code.bytes().all(|byte| byte.is_ascii_uppercase())
    }

    /// As an address in this script has it.
    pub(super) fn written_in(&self, is_latin: bool) -> &'static str {
        let is_foreign = is_latin && !super::cleaning::is_latin(self.written);
        if is_foreign { self.name } else { self.written }
    }
}

/// Finds the region that a text means. Codes go before names.
pub(super) fn find<'a>(regions: &'a [Region], country: &str, text: &str) -> Option<&'a Region> {
    let folded = fold(text);
    if folded.is_empty() {
        return None;
    }
    // `US-CA` folds to `us ca`.
    let subdivision = folded
        .strip_prefix(&fold(country))
        .and_then(|rest| rest.strip_prefix(' '));
    let has_code = |region: &&Region| {
        let code = fold(region.code);
        code == folded || (subdivision == Some(code.as_str()) && !code.is_empty())
    };
    let has_name = |region: &&Region| region.aliases.contains(&folded);
    regions
        .iter()
        .find(has_code)
        .or_else(|| regions.iter().find(has_name))
}
