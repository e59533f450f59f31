//! HTML without a template engine: escaping, money, and the frame of every page.
//!
//! Promises: `Html` comes only from here; every other text is escaped on its way in.

use super::PageReply;

/// The style sheet of all pages.
pub(super) const STYLE: &str = include_str!("style.css");

/// Text made fit for HTML, between tags and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// `3390` of `eur` is `€33.90`.
pub(super) fn money(amount: i64, currency: &str) -> String {
    let digits = match currency {
        "bif" | "clp" | "djf" | "gnf" | "jpy" | "kmf" | "krw" | "mga" | "pyg" | "rwf" | "ugx"
        | "vnd" | "vuv" | "xaf" | "xof" | "xpf" => 0,
        "bhd" | "jod" | "kwd" | "omr" | "tnd" => 3,
        _ => 2,
    };
    let unit = 10_u64.pow(digits);
    let whole = grouped(amount.unsigned_abs() / unit);
    let part = amount.unsigned_abs() % unit;
    let number = match digits {
        0 => whole,
        _ => format!("{whole}.{part:0width$}", width = digits as usize),
    };
    match currency {
        "usd" => format!("${number}"),
        "eur" => format!("€{number}"),
        "gbp" => format!("£{number}"),
        "jpy" => format!("¥{number}"),
        // A no-break blank: a sum is never wrapped.
        other => format!("{number}\u{a0}{}", other.to_ascii_uppercase()),
    }
}

fn grouped(whole: u64) -> String {
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A page around its content, which is HTML already. Forms may also lead to the origin of `leads_to`.
pub(super) fn page(status: u16, title: &str, content: &str, leads_to: Option<&str>) -> PageReply {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{}</title>\n\
         <link rel=\"stylesheet\" href=\"/c/style.css\">\n</head>\n<body>\n\
         <header class=\"banner\"><strong>Test mode: no money moves.</strong> This page stands in for a payment processor.</header>\n\
         <main>\n{content}\n</main>\n</body>\n</html>\n",
        escape(title)
    );
    let origin = leads_to.and_then(origin);
    PageReply::Html {
        status,
        html,
        form_action: origin
            .map(|origin| format!(" {origin}"))
            .unwrap_or_default(),
    }
}

/// The scheme, host and port of a URL.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
    host.chars()
        .all(is_plain)
        .then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_read_as_buyers_write_them() {
        assert_eq!(money(3_390, "eur"), "€33.90");
        assert_eq!(money(5, "usd"), "$0.05");
        assert_eq!(money(123_456_789, "gbp"), "£1,234,567.89");
        assert_eq!(money(1_200, "jpy"), "¥1,200");
        assert_eq!(money(1_234, "chf"), "12.34\u{a0}CHF");
        assert_eq!(money(1_234, "kwd"), "1.234\u{a0}KWD");
    }

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(escape("<b a='\"'>&"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;");
    }

    #[test]
    fn an_origin_cannot_extend_the_policy() {
        assert_eq!(
            origin("http://127.0.0.1:8080/o/1?a").as_deref(),
            Some("http://127.0.0.1:8080")
        );
        assert_eq!(origin("http://a; script-src *"), None);
    }
}
