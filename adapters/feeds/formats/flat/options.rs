//! Options that a format writes in its own form.

use super::aliases::Field;
use super::extras::Extras;
use crate::draft::{Draft, RawField};

/// Options of one item.
const OPTIONS_MAX: usize = 32;
/// Attributes of one item.
const ATTRIBUTES_MAX: usize = 64;

/// Adds numbered and listed options, and parameters: in a group they tell variants apart, otherwise they describe.
pub(super) fn add_options(draft: &mut Draft, extras: &mut Extras) {
    for (name, mut value) in extras.take_options() {
        value.text = without_colour(&value.text).to_owned();
        add(draft, &name, value);
    }
    if let Some(list) = extras.take(Field::OptionList) {
        for (name, text) in listed(&list.text) {
            let value = RawField {
                name: list.name.clone(),
                text,
            };
            add(draft, &name, value);
        }
    }
    for parameter in extras.take_parameters() {
        if draft.group.is_some() {
            let name = parameter.name.to_string();
            add(draft, &name, parameter);
        } else if draft.attributes.len() < ATTRIBUTES_MAX {
            let attribute = (parameter.name.to_string(), parameter.text);
            draft.attributes.push(attribute);
        }
    }
}

fn add(draft: &mut Draft, name: &str, value: RawField) {
    let is_same = |(existing, _): &(String, RawField)| existing.eq_ignore_ascii_case(name);
    if draft.options.len() < OPTIONS_MAX && !draft.options.iter().any(is_same) {
        draft.options.push((name.to_owned(), value));
    }
}

/// `#ff0000:Red` is the colour's name with its shade.
fn without_colour(text: &str) -> &str {
    match text.split_once(':') {
        Some((shade, name)) if shade.starts_with('#') => name.trim(),
        _ => text,
    }
}

/// `Type=Swatch|Name=Colour|Value=Red[#ff0000]`, or `[S]Colour=Red,[RB]Size=M`.
fn listed(text: &str) -> Vec<(String, String)> {
    if text.starts_with('[') {
        let parts = text.split('[').filter_map(|part| part.split_once(']'));
        let pairs = parts.filter_map(|(_, pair)| pair.split_once('='));
        let clean = |text: &str| text.trim().trim_end_matches(',').to_owned();
        return pairs
            .map(|(name, value)| (clean(name), clean(value)))
            .take(OPTIONS_MAX)
            .collect();
    }
    let mut options = Vec::new();
    let mut name = None;
    for part in text.split(['|', ';', '\n']) {
        let Some((key, value)) = part.split_once('=') else {
            continue;
        };
        match key.trim().to_ascii_lowercase().as_str() {
            "name" => name = Some(value.trim().to_owned()),
            "value" if options.len() < OPTIONS_MAX => {
                let value = value.split('[').next().unwrap_or_default().trim();
                options.extend(name.take().map(|name| (name, value.to_owned())));
            }
            _ => {}
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_in_one_cell_are_read_in_both_forms() {
        let pairs = |text| {
            let all = listed(text).into_iter();
            all.map(|(name, value)| format!("{name}: {value}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            pairs("[S]Colour=Dark, blue,[RB]Size=M"),
            ["Colour: Dark, blue", "Size: M"]
        );
        assert_eq!(
            pairs("Type=Swatch|Name=Colour|Value=Red[#ff0000];Type=Dropdown|Name=Size|Value=M"),
            ["Colour: Red", "Size: M"]
        );
        assert_eq!(pairs("Value=M"), Vec::<String>::new());
        assert_eq!(without_colour("#ff0000:Red"), "Red");
        assert_eq!(without_colour("Ratio 1:2"), "Ratio 1:2");
    }
}
