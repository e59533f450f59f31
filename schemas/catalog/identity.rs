//! Whether an item id still names the same thing: by a sketch that a database can compare, and by the full data of both.
//!
//! An item id may be reassigned: a shop renumbers its items, or sends another shop's feed. Its title then
//! changes beyond recognition. A sketch (MinHash of the title's trigrams, and a hash of the link's host) finds
//! the candidates; [`is_similar_title`] and [`ItemIdentity::is_different_item`] decide.

use std::collections::BTreeSet;

use twox_hash::XxHash3_64;

use super::Item;

/// Minima in a title's sketch. Titles with little in common agree in at most two.
pub const TITLE_BYTES: usize = 8;
/// Bytes of the hash of a link's host.
const HOST_BYTES: usize = 8;
/// A sketch: the title's minima, then the host.
pub type IdentitySketch = [u8; TITLE_BYTES + HOST_BYTES];

/// A title that shares fewer of the shorter title's trigrams is a different title.
const SIMILAR_PERCENT: usize = 30;
/// Spreads the bits of a trigram: an odd number derived from the golden ratio.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// What identifies an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ItemIdentity<'a> {
    /// The title.
    pub title: &'a str,
    /// The GTINs, separated by spaces.
    pub gtins: &'a str,
    /// The main image's URL.
    pub image: Option<&'a str>,
}

impl Item {
    /// The sketch of the title and of the link's host. Stored: it changes only with these.
    #[must_use]
    pub fn sketch(&self) -> IdentitySketch {
        sketch(&self.title, &self.url)
    }
}

/// The sketch of a title and of a link's host.
#[must_use]
pub fn sketch(title: &str, url: &str) -> IdentitySketch {
    let mut sketch = [0; TITLE_BYTES + HOST_BYTES];
    let host = XxHash3_64::oneshot(host(url).as_bytes()).to_be_bytes();
    let bytes = min_hashes(title).into_iter().chain(host);
    sketch
        .iter_mut()
        .zip(bytes)
        .for_each(|(to, byte)| *to = byte);
    sketch
}

/// One byte of the lowest hash in each of eight parts. An empty part takes that of the next.
fn min_hashes(title: &str) -> [u8; TITLE_BYTES] {
    let mut least = [u64::MAX; TITLE_BYTES];
    trigrams(title, |trigram| {
        let mixed = (trigram ^ (trigram >> 29)).wrapping_mul(SPREAD);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(SPREAD);
        if let Some(least) = least.get_mut(usize::from(mixed as u8) % TITLE_BYTES) {
            *least = (*least).min(mixed);
        }
    });
    let filled: Vec<u64> = least
        .iter()
        .copied()
        .filter(|one| *one != u64::MAX)
        .collect();
    let mut next = filled.iter().cycle();
    least.map(|one| match one {
        // Nothing to compare: equal to another such title.
        u64::MAX => next.next().map_or(0, |borrowed| (borrowed >> 16) as u8),
        one => (one >> 8) as u8,
    })
}

/// Every three letters or digits of each word, in lower case, with a space at both ends.
fn trigrams(title: &str, take: impl FnMut(u64)) {
    match title.is_ascii() {
        true => for_each_trigram(
            title.bytes().map(|byte| byte.to_ascii_lowercase().into()),
            take,
        ),
        false => for_each_trigram(title.chars().flat_map(char::to_lowercase), take),
    }
}

fn for_each_trigram(letters: impl Iterator<Item = char>, mut take: impl FnMut(u64)) {
    let (mut before, mut last) = (' ', ' ');
    for letter in letters.chain([' ']) {
        let letter = match letter.is_alphanumeric() {
            true => letter,
            false => ' ',
        };
        if last != ' ' {
            take(u64::from(before) << 42 | u64::from(last) << 21 | u64::from(letter));
        }
        (before, last) = (last, letter);
    }
}

/// The host of a URL, in lower case, without `www.`.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.to_ascii_lowercase();
    host.strip_prefix("www.").unwrap_or(&host).to_owned()
}

/// Whether one title can be recognised in the other.
#[must_use]
pub fn is_similar_title(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|title| {
        let mut found = BTreeSet::new();
        trigrams(title, |trigram| {
            found.insert(trigram);
        });
        found
    });
    let common = one.intersection(&other).count();
    let shorter = one.len().min(other.len());
    shorter == 0 || common * 100 >= shorter * SIMILAR_PERCENT
}

impl ItemIdentity<'_> {
    /// Whether `now`, under the same id, is a different thing: its title is unrecognisable, and neither a GTIN nor the
    /// main image shows that it is the same. An image URL that is derived from the id shows nothing.
    #[must_use]
    pub fn is_different_item(&self, now: &Self, item_id: &str) -> bool {
        if is_similar_title(self.title, now.title) {
            return false;
        }
        if !self.gtins.is_empty() && !now.gtins.is_empty() {
            let gtins: BTreeSet<_> = self.gtins.split(' ').collect();
            return !now.gtins.split(' ').any(|gtin| gtins.contains(gtin));
        }
        let same = self.image.filter(|image| now.image == Some(*image));
        same.is_none_or(|image| image.contains(item_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://www.Shop.example/p/1";

    /// As `plan_staged.sql` compares them.
    fn is_renamed(one: &str, other: &str) -> bool {
        let (one, other) = (sketch(one, URL), sketch(other, URL));
        (0..TITLE_BYTES).filter(|at| one[*at] == other[*at]).count() < 3
    }

    #[test]
    fn a_title_that_grows_or_is_corrected_is_recognised() {
        for (one, other) in [
            ("Cup 3", "Cup 12"),
            ("Blue shirt", "Shirt, blue, organic cotton, size M"),
            ("Teetasse Ume", "TEETASSE UME – handbemalt"),
            ("青い茶碗 小", "青い茶碗 大"),
            ("", "Blue shirt"),
        ] {
            assert!(is_similar_title(one, other), "{one} and {other}");
        }
        // A differing sketch only triggers the comparison above. It may differ when one title is much longer.
        for (one, other) in [
            ("Cup 3", "Cup 12"),
            ("Teetasse Ume", "TEETASSE UME – handbemalt"),
            ("青い茶碗 小", "青い茶碗 大"),
        ] {
            assert!(!is_renamed(one, other), "{one} and {other}");
        }
        for (one, other) in [
            ("Blue shirt", "Espresso machine"),
            ("Garden chair", "USB cable 2 m"),
            ("青い茶碗", "革の財布"),
        ] {
            assert!(!is_similar_title(one, other), "{one} and {other}");
            assert!(is_renamed(one, other), "{one} and {other}");
        }
    }

    #[test]
    fn of_titles_with_little_in_common_most_are_found() {
        let words = [
            "lamp", "chair", "shirt", "mug", "cable", "brush", "wok", "drill",
        ];
        let title = |seed: usize| {
            let word = |at: usize| words[(seed * 31 + at * 17 + seed / 7) % 8];
            format!("{} {} {seed}", word(0), word(1))
        };
        // All of these share a number.
        let pairs = (0..1_000).map(|n| (format!("Zigzag Vuxy {n}"), title(n)));
        let found = pairs.filter(|(one, other)| is_renamed(one, other)).count();
        assert!(found > 700, "{found}");
        let kept = (0..1_000).filter(|n| !is_renamed(&title(*n), &format!("New: {}!", title(*n))));
        assert!(kept.count() > 950);
    }

    #[test]
    fn a_host_is_the_same_with_and_without_www() {
        let of = |url: &str| sketch("a", url)[TITLE_BYTES..].to_vec();
        for same in [
            "https://shop.example/b",
            "http://SHOP.example?x",
            "https://shop.example#y",
        ] {
            assert_eq!(of(URL), of(same), "{same}");
        }
        assert_ne!(of(URL), of("https://shop.example.com/p/1"));
        assert_ne!(of(URL), of("https://shop.example:8443/p/1"));
    }

    #[test]
    fn a_gtin_or_a_picture_says_that_a_renamed_thing_is_the_same() {
        let shirt = ItemIdentity {
            title: "Blue shirt",
            gtins: "04006381333931",
            image: Some("https://img.example/a.jpg"),
        };
        let machine = ItemIdentity {
            title: "Espresso machine",
            ..shirt
        };
        assert!(!shirt.is_different_item(&machine, "7"));
        let with = |gtins, image| ItemIdentity {
            gtins,
            image,
            ..machine
        };
        let image = shirt.image;
        assert!(shirt.is_different_item(&with("00012345678905", image), "7"));
        assert!(!shirt.is_different_item(&with("", image), "7"));
        assert!(
            shirt.is_different_item(&with("", image), "img"),
            "the id makes the address"
        );
        assert!(shirt.is_different_item(&with("", Some("https://img.example/b.jpg")), "7"));
        assert!(shirt.is_different_item(&with("", None), "7"));
        let corrected = ItemIdentity {
            title: "Shirt blue",
            gtins: "",
            image: None,
        };
        assert!(!shirt.is_different_item(&corrected, "7"));
    }
}
