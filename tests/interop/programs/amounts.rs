//! Amounts as readers write them: reads one JSON `[locale, currency, minor units]` a line, writes the currency's decimals
//! and the amount; nothing for a currency that is none. `amounts.mjs` compares them with ICU's.

use std::io::{BufRead, Write};

use buywire_checkout::amount::money;
use buywire_checkout::locale::Locale;
use buywire_schemas::money::Currency;

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let (tag, code, minor): (String, String, i64) = serde_json::from_str(&line?)?;
        match (Locale::from_tag(&tag), Currency::parse(&code)) {
            (Some(locale), Ok(currency)) => {
                let amount = money(locale, currency, minor);
                writeln!(out, "{}\t{amount}", currency.minor_digits())?;
            }
            _ => writeln!(out)?,
        }
    }
    out.flush()
}
