//! Items of RSS, Atom and similar XML.

use std::borrow::Cow;

use super::super::map_output::MapOutput;
use super::aliases::Field;
use super::builder::DraftBuilder;
use super::grouped;
use super::names::{self, Name, Names};
use crate::read::Element;

/// Parameters read of one list.
const PARAMETERS_MAX: usize = 64;

/// Adds every child element of an item.
pub(super) fn fill(
    builder: &mut DraftBuilder,
    item: &Element,
    names: &mut Names,
    out: &mut MapOutput,
) {
    if names.lexicon.has_attributes() {
        for (key, value) in &item.attributes {
            if let Some((name, _)) = names.resolve(&format!("@{key}")) {
                builder.put(name, value);
            }
        }
    }
    for child in &item.children {
        let Some((name, is_new)) = names.resolve(&child.name) else {
            continue;
        };
        if is_new && !name.has_alias {
            out.report_unknown_name(&child.name);
        }
        if name.field == Field::Parameters {
            for (parameter, text) in parameters(child) {
                let name = Name::of_parameter(&parameter, &names.lexicon);
                builder.put_parameter(&name, &text);
            }
            continue;
        }
        builder.put(name, &value(child, name.field));
    }
}

/// The pairs of `<param name="Size">M</param>`, of `<PARAM><PARAM_NAME>Size</PARAM_NAME><VAL>M</VAL></PARAM>`, or
/// of a list of the former.
fn parameters(element: &Element) -> Vec<(String, String)> {
    let of_attribute = |element: &Element| {
        let name = attribute(element, "name")?;
        let unit = attribute(element, "unit").map(|unit| format!(" {unit}"));
        let text = format!("{}{}", element.text, unit.unwrap_or_default());
        Some((name.to_owned(), text))
    };
    if let Some(pair) = of_attribute(element) {
        return vec![pair];
    }
    let part = |accepted: &[&str]| {
        let mut parts = element.children.iter();
        parts.find(|part| accepted.contains(&names::plain(&part.name).as_str()))
    };
    if let (Some(name), Some(value)) = (part(&["param_name", "name"]), part(&["val", "value"])) {
        return vec![(name.text.clone(), value.text.clone())];
    }
    let listed = element.children.iter().filter_map(of_attribute);
    listed.take(PARAMETERS_MAX).collect()
}

/// An element's text, or its equivalent.
fn value(element: &Element, field: Field) -> Cow<'_, str> {
    if !element.children.is_empty() {
        return Cow::Owned(parts(element, field));
    }
    if !element.text.is_empty() {
        return Cow::Borrowed(&element.text);
    }
    match field {
        Field::Url if is_page(element) => attribute(element, "href").unwrap_or_default().into(),
        Field::MoreImages if is_image(element) => {
            attribute(element, "url").unwrap_or_default().into()
        }
        _ => Cow::Borrowed(""),
    }
}

/// The text of named parts. Of structured text, only the content counts, not its author.
fn parts(element: &Element, field: Field) -> String {
    let parts = element.children.iter();
    let parts = parts.map(|part| (names::plain(&part.name), part.text.as_str()));
    let parts: Vec<_> = parts.collect();
    let named = parts.iter().map(|(name, text)| (name.as_str(), *text));
    match field {
        Field::Shipping => grouped::shipping(named),
        Field::Image | Field::MoreImages => image_urls(element),
        Field::Title | Field::Description | Field::Html => {
            let content = named.clone().find(|(name, _)| *name == "content");
            let all = || named.map(|(_, text)| text).collect::<Vec<_>>().join(" ");
            content.map_or_else(all, |(_, text)| text.to_owned())
        }
        _ => named.map(|(_, text)| text).collect::<Vec<_>>().join(":"),
    }
}

/// The URLs of a list of images: the texts of its elements, or their attribute `url`.
fn image_urls(element: &Element) -> String {
    let images = element.children.iter();
    let urls = images.filter_map(|image| match image.text.is_empty() {
        true => attribute(image, "url"),
        false => Some(image.text.as_str()),
    });
    urls.collect::<Vec<_>>().join("\n")
}

/// Atom has several links. The item's page is the one without `rel`, or with `alternate`.
fn is_page(element: &Element) -> bool {
    attribute(element, "rel").is_none_or(|rel| rel == "alternate")
}

/// An enclosure can be anything. Without a type, it counts as an image.
fn is_image(element: &Element) -> bool {
    let kind = attribute(element, "type").or_else(|| attribute(element, "medium"));
    kind.is_none_or(|kind| kind.starts_with("image"))
}

fn attribute<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    let mut attributes = element.attributes.iter();
    let (_, value) = attributes.find(|(existing, _)| existing == name)?;
    Some(value)
}
