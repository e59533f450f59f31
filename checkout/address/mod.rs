//! Addresses as each country writes them: which fields it asks for, how it names, checks and prints them.
//!
//! A page shows [`AddressFormat::fields`], [`parse()`] makes an order's address of what was typed, and
//! [`format_lines`] prints it. All facts are data, in `data/`, with the scripts that made it.
//!
//! Promises: every country that an order accepts has a format. An address that was parsed fits the order contract.
//! What is merely unusual, such as a postcode in lower case, is put right and not refused.
//! Must not decide whether a seller ships to a country.

mod cleaning;
mod country_names;
mod error;
mod field;
mod format;
mod input;
mod labels;
mod language;
mod layout;
mod parse;
mod postcode;
mod print;
mod region;
pub(crate) mod table;
#[cfg(test)]
mod tests;

pub use self::{
    country_names::{country_name, country_names},
    error::{AddressError, AddressErrorCode},
    field::{AddressField, FormField},
    format::AddressFormat,
    input::AddressInput,
    language::Language,
    parse::parse,
    print::format_lines,
    region::Region,
};
