//! Addresses of real countries, and properties that hold for all.
//!
//! Promises: each table in `data/` is complete and consistent. Must not repeat the tables.

mod countries;
mod data;
mod errors;
mod properties;

use buywire_schemas::order::Address;

use super::{AddressInput, parse};

fn parsed(country: &str, input: AddressInput<'_>) -> Address {
    parse(country, &input).unwrap_or_else(|errors| panic!("{country}: {errors:?}"))
}

/// The codes of the errors as `field code`.
fn refused(country: &str, input: AddressInput<'_>) -> Vec<String> {
    let errors = parse(country, &input).expect_err("must be refused");
    let code =
        |error: &super::AddressError| format!("{} {}", error.field.name(), error.code.as_str());
    errors.iter().map(code).collect()
}

/// An address with every field filled as the country's own data suggests.
fn complete(country: &str) -> AddressInput<'static> {
    let format = super::AddressFormat::of(country).unwrap();
    AddressInput {
        name: "Ann Example",
        line1: "Example Street 1",
        city: "Exampleton",
        region: format
            .regions()
            .first()
            .map_or("Exampleshire", |region| region.name),
        postal_code: format.postal_code_example().unwrap_or_default(),
        ..AddressInput::default()
    }
}
