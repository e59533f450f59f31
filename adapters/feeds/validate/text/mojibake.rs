//! Detects text that was decoded with a wrong encoding before it was sent.

use encoding_rs::WINDOWS_1252;

/// Where ISO 8859-1 has unused control characters, Windows-1252 has quotes, dashes and the euro sign.
pub(crate) fn is_c1(letter: char) -> bool {
    matches!(letter, '\u{80}'..='\u{9f}')
}

/// Converts C1 characters to those of Windows-1252. The few that it does not define stay.
pub(crate) fn as_windows_1252(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    for letter in text.chars() {
        match u8::try_from(u32::from(letter)) {
            Ok(byte) if is_c1(letter) => {
                let bytes = [byte];
                let (one, _, _) = WINDOWS_1252.decode(&bytes);
                read.push_str(&one);
            }
            _ => read.push(letter),
        }
    }
    read
}

/// Whether a letter may be the first byte of a UTF-8 sequence, decoded by itself.
pub(crate) fn may_be_mojibake(letter: char) -> bool {
    matches!(letter, 'Ã' | 'Â' | 'â')
}

/// `fÃ¼r` for `für`: UTF-8 that was decoded as Windows-1252. Reported but not repaired, because it may have happened repeatedly.
pub(crate) fn is_mojibake(text: &str) -> bool {
    let pairs = text.chars().zip(text.chars().skip(1));
    let mut pairs = pairs.filter(|(first, _)| may_be_mojibake(*first));
    pairs.any(|(first, second)| match first {
        'â' => matches!(second, '€' | '‚' | '„'),
        _ => matches!(second, '\u{a1}'..='\u{bf}') || is_upper_half(second),
    })
}

/// The bytes 80 to 9F in Windows-1252.
fn is_upper_half(letter: char) -> bool {
    "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c1_letters_are_those_of_windows_1252() {
        assert_eq!(
            as_windows_1252("5 \u{80} \u{96} a\u{92}s \u{85}\u{81}"),
            "5 € – a’s …\u{81}"
        );
    }

    #[test]
    fn what_was_read_twice_is_told_from_what_is_written_so() {
        for text in ["fÃ¼r", "Ã„pfel", "CafÃ©", "12Â°", "itâ€™s", "10 â‚¬"] {
            assert!(is_mojibake(text), "{text}");
        }
        for text in [
            "für",
            "MAÇÃ VERDE",
            "NÃO",
            "Âge",
            "crème brûlée",
            "âge",
            "São",
        ] {
            assert!(!is_mojibake(text), "{text}");
        }
    }
}
