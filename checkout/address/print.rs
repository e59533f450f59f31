//! Prints an address in the lines and the order of its country.
//!
//! Promises: everything that the address has is printed, except a region that the country does not write and
//! that its post does not need. Must not print the country: its reader's language decides on its name.

use buywire_schemas::order::Address;

use super::{
    cleaning::{fold, is_latin},
    country_names::is_name_of,
    field::AddressField,
    format::AddressFormat,
};

/// The lines of an address for a receipt or a label, without the country's name: add [`super::country_name`].
#[must_use]
pub fn format_lines(address: &Address) -> Vec<String> {
    let Some(format) = AddressFormat::of(&address.country) else {
        return plain_lines(address);
    };
    let is_latin = is_latin(&address.line1) && is_latin(&address.city);
    let latin_layout = format.latin_layout.as_ref().filter(|_| is_latin);
    let layout = latin_layout.unwrap_or(&format.layout);
    let region = written_region(address, format, is_latin);
    let value = |field| {
        let value = match field {
            AddressField::Name => address.name.clone(),
            AddressField::Line1 => street(address, format),
            AddressField::City if is_same(&address.city, &region) => String::new(),
            AddressField::City => address.city.clone(),
            AddressField::Region => region.clone(),
            AddressField::PostalCode => address.postal_code.clone(),
            _ => String::new(),
        };
        if format.is_in_capitals(field) {
            value.to_uppercase()
        } else {
            value
        }
    };
    let lines = layout.print(value);
    let lines = lines.iter().flat_map(|line| line.split('\n'));
    lines.map(str::to_owned).collect()
}

fn written_region(address: &Address, format: &AddressFormat, is_latin: bool) -> String {
    if !format.layout.has(AddressField::Region) {
        return String::new();
    }
    let text = address.region.as_deref().unwrap_or_default();
    let listed = format.find_region(text);
    listed
        .map_or(text, |region| region.written_in(is_latin))
        .to_owned()
}

/// The street's lines, and the city if the country's layout has no room for one that it needs, such as Al Ain.
fn street(address: &Address, format: &AddressFormat) -> String {
    let mut lines = vec![address.line1.as_str()];
    lines.extend(address.line2.as_deref().filter(|line| !line.is_empty()));
    let is_region = format.find_region(&address.city).is_some();
    let is_needed = !is_region && !is_name_of(&address.city, &address.country);
    if !format.layout.has(AddressField::City) && is_needed {
        lines.push(&address.city);
    }
    lines.join("\n")
}

/// `Madrid` is not written twice.
fn is_same(city: &str, region: &str) -> bool {
    !region.is_empty() && fold(city) == fold(region)
}

/// For a country that we have no format of, which no parsed order has.
fn plain_lines(address: &Address) -> Vec<String> {
    let parts = [
        Some(&address.name),
        Some(&address.line1),
        address.line2.as_ref(),
        Some(&address.city),
        address.region.as_ref(),
        Some(&address.postal_code),
    ];
    let parts = parts.into_iter().flatten();
    parts.filter(|part| !part.is_empty()).cloned().collect()
}
