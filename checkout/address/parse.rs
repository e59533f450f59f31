//! Makes an order's address of what a buyer typed or an agent sent.
//!
//! Promises: returns every error at once, in the order of the form. An accepted address fits the order contract.
//! Must not correct what could mean two things.

use buywire_schemas::{order::Address, text::card::contains_card_number};

use super::{
    cleaning::{clean, is_latin},
    country_names::country_name,
    error::{AddressError, AddressErrorCode},
    field::{AddressField, FormField},
    format::AddressFormat,
    input::AddressInput,
    language::Language,
    region::Region,
};

/// How many accepted regions an error names: enough to show how they are written.
const REGIONS_NAMED_MAX: usize = 3;

/// Reads an address of a country.
///
/// The region is stored by its code where all codes of the country are letters (`CA`), else by its name.
/// A field that the country does not use is kept where it does no harm; a postcode of a country without any is not.
pub fn parse(country: &str, input: &AddressInput<'_>) -> Result<Address, Vec<AddressError>> {
    let country = clean(country).to_ascii_uppercase();
    let Some(format) = AddressFormat::of(&country) else {
        return Err(vec![country_unknown()]);
    };
    let mut reader = InputReader {
        format,
        input,
        errors: Vec::new(),
    };
    let address = reader.address();
    if reader.errors.is_empty() {
        return Ok(address);
    }
    let form = format.fields();
    let position = |error: &AddressError| form.iter().position(|one| one.field == error.field);
    reader.errors.sort_by_key(position);
    Err(reader.errors)
}

fn country_unknown() -> AddressError {
    AddressError {
        field: AddressField::Country,
        code: AddressErrorCode::CountryUnknown,
        kind: "",
        is_required: true,
        hint: String::new(),
    }
}

struct InputReader<'a> {
    format: &'static AddressFormat,
    input: &'a AddressInput<'a>,
    errors: Vec<AddressError>,
}

impl InputReader<'_> {
    fn address(&mut self) -> Address {
        let name = self.text(AddressField::Name);
        let street = self.text(AddressField::Line1);
        let line2 = self.text(AddressField::Line2);
        let locality = self.text(AddressField::DependentLocality);
        let city = self.text(AddressField::City);
        let sorting_code = self.text(AddressField::SortingCode);
        let postal_code = self.postal_code();
        let is_latin = is_latin(&street) && is_latin(&city);
        let (region, region_name) = self.region(&city, is_latin);

        // Where the part of the city goes before the street, as in Chinese, it is part of the street's line.
        let (line1, line2) = if !is_latin && self.is_locality_first() {
            let line1 = self.join([&locality, &street], " ", AddressField::DependentLocality);
            (line1, line2)
        } else {
            let line2 = self.join([&line2, &locality], ", ", AddressField::DependentLocality);
            (street, line2)
        };
        let city = if city.is_empty() {
            self.city_without_name(&region_name)
        } else {
            city
        };
        Address {
            name,
            line1,
            line2: (!line2.is_empty()).then_some(line2),
            city: self.join([&city, &sorting_code], " ", AddressField::SortingCode),
            region: (!region.is_empty()).then_some(region),
            postal_code,
            country: self.format.country().to_owned(),
        }
    }

    /// A cleaned value, checked for what concerns every field.
    fn text(&mut self, field: AddressField) -> String {
        let value = clean(self.input.get(field));
        // Its own reader decides on the region, which may follow from the city.
        if value.is_empty() && self.format.is_required(field) && field != AddressField::Region {
            self.refuse_empty(field);
        } else if value.chars().count() > field.chars_max() {
            let hint = field.chars_max().to_string();
            self.refuse(field, AddressErrorCode::TooLong, hint);
        } else if contains_card_number(&value) {
            self.refuse(field, AddressErrorCode::CardNumber, String::new());
        }
        value
    }

    fn postal_code(&mut self) -> String {
        let Some(rule) = &self.format.postcode else {
            return String::new();
        };
        let errors = self.errors.len();
        let typed = self.text(AddressField::PostalCode);
        if typed.is_empty() || self.errors.len() > errors {
            return typed;
        }
        rule.normalize(&typed).unwrap_or_else(|| {
            let hint = rule.examples.replace(',', ", ");
            self.refuse(
                AddressField::PostalCode,
                AddressErrorCode::PostalCodeMalformed,
                hint,
            );
            typed
        })
    }

    /// The region to store, and its name in the address's script.
    fn region(&mut self, city: &str, is_latin: bool) -> (String, String) {
        let typed = self.text(AddressField::Region);
        // Where addresses have no city, its name is the region's: Dubai.
        let is_by_city = typed.is_empty() && !self.format.layout.has(AddressField::City);
        let sought = if is_by_city { city } else { &typed };
        if let Some(region) = self.format.find_region(sought) {
            let name = region.written_in(is_latin);
            return (self.stored(region, name), name.to_owned());
        }
        if typed.is_empty() && self.format.is_required(AddressField::Region) {
            self.refuse_empty(AddressField::Region);
        } else if !typed.is_empty() && self.format.is_region_from_list() {
            let regions = self.format.regions().iter().take(REGIONS_NAMED_MAX);
            let names: Vec<&str> = regions.map(|region| region.name).collect();
            self.refuse(
                AddressField::Region,
                AddressErrorCode::RegionUnknown,
                names.join(", "),
            );
        }
        (typed.clone(), typed)
    }

    fn stored(&self, region: &Region, name: &str) -> String {
        let by_code = self.format.has_lettered_codes();
        if by_code { region.code } else { name }.to_owned()
    }

    fn is_locality_first(&self) -> bool {
        let order = self.format.layout.fields();
        let position = |field| order.iter().position(|one| *one == field);
        let locality = position(AddressField::DependentLocality);
        locality.is_some() && locality < position(AddressField::Line1)
    }

    /// An order needs a city: where there is none it is the region, or the country.
    fn city_without_name(&self, region_name: &str) -> String {
        if !region_name.is_empty() {
            return region_name.to_owned();
        }
        let country = country_name(self.format.country(), Language::English);
        country.unwrap_or_default().to_owned()
    }

    /// Joins two values, or refuses the field that has no room of its own in an order.
    fn join(&mut self, values: [&str; 2], between: &str, field: AddressField) -> String {
        let given: Vec<&str> = values
            .into_iter()
            .filter(|value| !value.is_empty())
            .collect();
        let joined = given.join(between);
        let excess = joined.chars().count().saturating_sub(field.chars_max());
        let is_refused = self
            .errors
            .iter()
            .any(|error| error.code == AddressErrorCode::TooLong);
        if excess > 0 && !is_refused {
            let room = clean(self.input.get(field))
                .chars()
                .count()
                .saturating_sub(excess);
            self.refuse(field, AddressErrorCode::TooLong, room.to_string());
        } else if given.len() > 1 && contains_card_number(&joined) {
            self.refuse(field, AddressErrorCode::CardNumber, String::new());
        }
        joined
    }

    fn refuse_empty(&mut self, field: AddressField) {
        let example = match field {
            AddressField::PostalCode => self.format.postal_code_example(),
            _ => None,
        };
        let hint = example.unwrap_or_default().to_owned();
        self.refuse(field, AddressErrorCode::Required, hint);
    }

    fn refuse(&mut self, field: AddressField, code: AddressErrorCode, hint: String) {
        let form = self.format.field(field);
        self.errors.push(AddressError {
            field,
            code,
            kind: form.map_or_else(|| usual_kind(field), |form| form.kind),
            is_required: form.is_some_and(|form: &FormField| form.is_required),
            hint,
        });
    }
}

/// The kind of name of a field that the country does not ask for.
fn usual_kind(field: AddressField) -> &'static str {
    match field {
        AddressField::PostalCode => "postal",
        AddressField::Region => "province",
        AddressField::City => "city",
        AddressField::DependentLocality => "suburb",
        _ => "",
    }
}
