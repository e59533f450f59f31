//! The fields of an address as they arrive from a form or an agent.
//!
//! Promises: nothing; any text may be in any field. Must not check or change what came.

use super::field::AddressField;

/// The fields of an address as they came; empty if absent.
#[derive(Debug, Clone, Copy, Default)]
#[allow(
    missing_docs,
    reason = "each is the field of the same name of `AddressField`"
)]
pub struct AddressInput<'a> {
    pub name: &'a str,
    pub line1: &'a str,
    pub line2: &'a str,
    pub dependent_locality: &'a str,
    pub city: &'a str,
    pub region: &'a str,
    pub postal_code: &'a str,
    pub sorting_code: &'a str,
}

impl<'a> AddressInput<'a> {
    pub(super) fn get(&self, field: AddressField) -> &'a str {
        match field {
            AddressField::Name => self.name,
            AddressField::Line1 => self.line1,
            AddressField::Line2 => self.line2,
            AddressField::DependentLocality => self.dependent_locality,
            AddressField::City => self.city,
            AddressField::Region => self.region,
            AddressField::PostalCode => self.postal_code,
            AddressField::SortingCode => self.sorting_code,
            AddressField::Country => "",
        }
    }
}
