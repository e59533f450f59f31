//! How one country writes an address, from `data/formats.tsv` and `data/regions.tsv`.
//!
//! Promises: formats are read once, at the first question. A malformed row fails the tests, never the process.
//! Must not read what a buyer typed.

use std::{collections::HashMap, sync::LazyLock};

use buywire_schemas::order::Address;

use super::{
    field::{AddressField, FormField},
    layout::Layout,
    postcode::PostcodeRule,
    region::{self, Region},
    table,
};

pub(super) static FORMATS: LazyLock<HashMap<&str, AddressFormat>> = LazyLock::new(|| {
    let mut regions: HashMap<&str, Vec<Region>> = HashMap::new();
    for [country, code, name, written, aliases] in table::rows(include_str!("data/regions.tsv")) {
        let region = Region::new(code, name, written, aliases);
        regions.entry(country).or_default().push(region);
    }
    let rows = table::rows(include_str!("data/formats.tsv"));
    rows.map(|row: [&'static str; 13]| {
        let [country, ..] = row;
        let regions = regions.remove(country).unwrap_or_default();
        (country, AddressFormat::read(row, regions))
    })
    .collect()
});

/// The address format of one country.
#[derive(Debug)]
pub struct AddressFormat {
    country: &'static str,
    fields: Vec<FormField>,
    regions: Vec<Region>,
    pub(super) layout: Layout,
    /// For addresses in Latin script, where these differ.
    pub(super) latin_layout: Option<Layout>,
    pub(super) postcode: Option<PostcodeRule>,
    capitals: Vec<AddressField>,
}

impl AddressFormat {
    /// The format of the country with this ISO 3166-1 code in upper case. All that an order accepts have one.
    #[must_use]
    pub fn of(country: &str) -> Option<&'static Self> {
        FORMATS.get(country)
    }

    /// The country's code.
    #[must_use]
    pub fn country(&self) -> &'static str {
        self.country
    }

    /// What to ask for, in the country's order. The name comes first everywhere; the country is asked before.
    #[must_use]
    pub fn fields(&self) -> &[FormField] {
        &self.fields
    }

    /// The country's regions in their own order. Empty where none are listed.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Whether only listed regions are accepted. Elsewhere the list is a help, and other text is accepted.
    #[must_use]
    pub fn is_region_from_list(&self) -> bool {
        !self.regions.is_empty() && self.is_required(AddressField::Region)
    }

    /// The region that a code or name means.
    #[must_use]
    pub fn find_region(&self, text: &str) -> Option<&Region> {
        region::find(&self.regions, self.country, text)
    }

    /// The listed region of an address, for tables that go by its code.
    #[must_use]
    pub fn region_of(address: &Address) -> Option<&'static Region> {
        Self::of(&address.country)?.find_region(address.region.as_deref()?)
    }

    /// A postcode of this country, to show as an example. None where there are no postcodes.
    #[must_use]
    pub fn postal_code_example(&self) -> Option<&'static str> {
        self.postcode.as_ref()?.examples.split(',').next()
    }

    /// Whether regions are stored by their codes: only where every code is letters that a reader understands.
    pub(super) fn has_lettered_codes(&self) -> bool {
        self.regions.iter().all(Region::is_lettered)
    }

    pub(super) fn field(&self, field: AddressField) -> Option<&FormField> {
        self.fields.iter().find(|form| form.field == field)
    }

    pub(super) fn is_required(&self, field: AddressField) -> bool {
        self.field(field).is_some_and(|form| form.is_required)
    }

    pub(super) fn is_in_capitals(&self, field: AddressField) -> bool {
        self.capitals.contains(&field)
    }

    fn read(row: [&'static str; 13], regions: Vec<Region>) -> Self {
        let [
            country,
            layout,
            latin_layout,
            required,
            upper,
            zip,
            state,
            city,
            suburb,
            code @ ..,
        ] = row;
        let [pattern, examples, separator, prefix] = code;
        let layout = Layout::read(layout);
        let required = fields_of(required);
        let form = |field| FormField {
            field,
            is_required: field == AddressField::Name || required.contains(&field),
            kind: match field {
                AddressField::PostalCode => zip,
                AddressField::Region => state,
                AddressField::City => city,
                AddressField::DependentLocality => suburb,
                _ => "",
            },
        };
        Self {
            country,
            fields: form_order(&layout).into_iter().map(form).collect(),
            regions,
            layout,
            latin_layout: (!latin_layout.is_empty()).then(|| Layout::read(latin_layout)),
            postcode: PostcodeRule::read(pattern, examples, separator, prefix),
            capitals: fields_of(upper),
        }
    }
}

fn fields_of(letters: &str) -> Vec<AddressField> {
    letters
        .chars()
        .filter_map(AddressField::of_letter)
        .collect()
}

/// The layout's fields for a form: the name first, as forms have it, and the second line behind the first.
fn form_order(layout: &Layout) -> Vec<AddressField> {
    let mut order = vec![AddressField::Name];
    for field in layout.fields() {
        match field {
            AddressField::Name => {}
            AddressField::Line1 => order.extend([AddressField::Line1, AddressField::Line2]),
            other => order.push(other),
        }
    }
    order
}
