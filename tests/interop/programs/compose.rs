//! Composes posts: reads one JSON `[template, title, brand, url]` a line, writes `[text, weight]`.
//! `composing.mjs` asks the published library what in them would be live.

use std::io::{BufRead, Write};

use buywire_schemas::tweet::compose::{Template, TemplateValues};
use buywire_schemas::tweet::measure;

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let (template, title, brand, url): (String, String, String, String) =
            serde_json::from_str(&line?)?;
        let words = TemplateValues {
            title: &title,
            brand: &brand,
            price: "12.00 USD",
            url: &url,
            ..TemplateValues::default()
        };
        let template = Template::parse(&template).map_err(std::io::Error::other)?;
        let text = template
            .compose(&words)
            .ok_or_else(|| std::io::Error::other("the link does not fit"))?;
        let composed = (&text, measure(&text).weight);
        writeln!(out, "{}", serde_json::to_string(&composed)?)?;
    }
    out.flush()
}
