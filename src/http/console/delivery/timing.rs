//! Splits attempts into name resolution, connect, TLS, waiting for the reply and reading it.

use crate::console::delivery::timing::{TimePart, Timing};
use crate::console::format::{grouped, millis};
use crate::store::delivery::list::AttemptView;

/// A part with its class, its name and its milliseconds. `None`: it did not happen.
type Part = (&'static str, &'static str, Option<i64>);

/// The split of an attempt, beside the longest one of the delivery.
pub(super) fn timing(attempt: &AttemptView, longest_ms: i32) -> Timing {
    let parts = split(attempt);
    let is_reused = attempt.first_byte_ms.is_some()
        && (attempt.dns_ms, attempt.connect_ms, attempt.tls_ms) == (None, None, None);
    let made = || {
        parts
            .iter()
            .filter_map(|(class, name, ms)| Some((*class, *name, (*ms)?)))
    };
    let words = made().map(|(_, name, ms)| format!("{name} {}", millis(ms)));
    let connection = is_reused.then(|| "open connection".to_owned());
    let words: Vec<_> = connection.into_iter().chain(words).collect();
    let number = |part: &Part| part.2.map_or_else(|| "–".to_owned(), grouped);
    let [dns, connect, tls, waiting, reading] = &parts;
    Timing {
        bar: bar(made().map(|(class, _, ms)| (class, ms)), longest_ms),
        words: words.join(" · "),
        is_reused,
        numbers: [
            number(dns),
            number(connect),
            number(tls),
            number(waiting),
            number(reading),
            grouped(attempt.duration_ms.into()),
        ],
    }
}

/// What is left after these parts is reading, or waiting in vain if no reply began.
fn split(attempt: &AttemptView) -> [Part; 5] {
    let measured = [
        attempt.dns_ms,
        attempt.connect_ms,
        attempt.tls_ms,
        attempt.first_byte_ms,
    ];
    let [dns, connect, tls, first_byte] = measured.map(|ms| ms.map(i64::from));
    let sum: i64 = [dns, connect, tls, first_byte].into_iter().flatten().sum();
    let rest = (i64::from(attempt.duration_ms) - sum).max(0);
    let (waiting, reading) = match first_byte {
        Some(waiting) => (("waiting", waiting), Some(rest)),
        None => (("no reply for", rest), None),
    };
    [
        ("f-dns", "dns", dns),
        ("f-connect", "connect", connect),
        ("f-tls", "tls", tls),
        ("f-wait", waiting.0, Some(waiting.1)),
        ("f-read", "reading", reading),
    ]
}

fn bar(parts: impl Iterator<Item = (&'static str, i64)>, longest_ms: i32) -> Vec<TimePart> {
    let unit = 100.0 / f64::from(longest_ms.max(1));
    let mut x = 0.0;
    let mut bar = Vec::new();
    for (class, ms) in parts.filter(|(_, ms)| *ms > 0) {
        let width = unit * ms as f64;
        bar.push(TimePart {
            class,
            x: format!("{x:.2}"),
            width: format!("{width:.2}"),
        });
        x += width;
    }
    bar
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;

    fn attempt(parts: [Option<i16>; 4], duration_ms: i32) -> AttemptView {
        let [dns_ms, connect_ms, tls_ms, first_byte_ms] = parts;
        AttemptView {
            at: OffsetDateTime::UNIX_EPOCH,
            duration_ms,
            dns_ms,
            connect_ms,
            tls_ms,
            first_byte_ms,
            body_hash: None,
            status_code: None,
            error: None,
            response_headers: None,
            response_body: None,
            response_truncated: false,
        }
    }

    #[test]
    fn the_parts_of_an_attempt_add_up_to_it() {
        let made = attempt([Some(2), Some(10), Some(20), Some(60)], 100);
        let timing = timing(&made, 200);
        assert_eq!(
            timing.words,
            "dns 2 ms · connect 10 ms · tls 20 ms · waiting 60 ms · reading 8 ms"
        );
        assert_eq!(timing.numbers, ["2", "10", "20", "60", "8", "100"]);
        let drawn = |part: &TimePart| (part.class, part.x.clone(), part.width.clone());
        let drawn: Vec<_> = timing.bar.iter().map(drawn).collect();
        let text = |x: &str, width: &str| (x.to_owned(), width.to_owned());
        let (reading, at) = (drawn.last().unwrap(), text("46.00", "4.00"));
        assert_eq!((reading.1.clone(), reading.2.clone()), at);
        assert!(!timing.is_reused);
    }

    #[test]
    fn an_open_connection_and_a_missing_reply_are_said_in_words() {
        let reused = timing(&attempt([None, None, None, Some(5)], 6), 6);
        assert_eq!(
            reused.words,
            "open connection · waiting 5 ms · reading 1 ms"
        );
        assert!(reused.is_reused);
        assert_eq!(reused.numbers[..3], ["–", "–", "–"]);
        let silent = timing(&attempt([Some(1), Some(2), None, None], 3_000), 3_000);
        assert_eq!(silent.words, "dns 1 ms · connect 2 ms · no reply for 3.0 s");
        assert!(!timing(&attempt([None; 4], 9), 9).is_reused);
        assert_eq!(timing(&attempt([None; 4], 0), 0).bar, []);
    }
}
