//! The controls of a form: one value for each, so that the template has one way to write them.
//!
//! Promises: a control's label, hint and error are joined to it by id; what may be empty says so. Must not parse.

use buywire_checkout::address::{AddressField, AddressFormat, FormField, Language, country_names};
use buywire_schemas::text::EMAIL_BYTES_MAX;

use super::input::{BuyField, BuyInput, FieldError};
use super::words;

/// Characters of a phone number: 15 digits and what people write between them.
const PHONE_CHARS_MAX: usize = 30;

/// Units that are chosen from a list; more are typed.
const QUANTITY_SELECT_MAX: i64 = 10;
const QUANTITY_CHARS_MAX: usize = 5;

/// A control with its label.
#[derive(Debug)]
pub(super) struct Control {
    /// The name and the id.
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) kind: ControlKind,
    pub(super) autocomplete: &'static str,
    pub(super) value: String,
    pub(super) chars_max: usize,
    pub(super) is_required: bool,
    /// Behind the label of what may be empty.
    pub(super) optional: &'static str,
    pub(super) hint: Option<&'static str>,
    pub(super) error: Option<String>,
    pub(super) error_prefix: &'static str,
}

/// How it is filled in.
#[derive(Debug)]
pub(super) enum ControlKind {
    /// `type` and `inputmode`.
    Text(&'static str, &'static str),
    /// Text, with suggestions.
    Suggested(Vec<&'static str>),
    /// One of a list: value, label, and whether it is chosen; before them what an empty choice says.
    Select(&'static str, Vec<SelectOption>),
}

/// An option of a select.
#[derive(Debug)]
pub(super) struct SelectOption {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) is_chosen: bool,
}

impl Control {
    /// The ids of hint and error, for `aria-describedby`.
    pub(super) fn described_by(&self) -> String {
        let hint = self.hint.map(|_| format!("{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        let ids: Vec<_> = hint.into_iter().chain(error).collect();
        ids.join(" ")
    }
}

/// Makes the controls of a form from what was typed and what is wrong with it.
#[derive(Clone, Copy)]
pub(super) struct ControlMaker<'a> {
    pub(super) language: Language,
    pub(super) input: &'a BuyInput,
    pub(super) errors: &'a [FieldError],
}

impl ControlMaker<'_> {
    pub(super) fn email(self) -> Control {
        let label = words::buying(self.language).form.email.to_owned();
        let kind = ControlKind::Text("email", "email");
        self.control(BuyField::Email, label, kind, EMAIL_BYTES_MAX)
    }

    pub(super) fn phone(self) -> Control {
        let words = &words::buying(self.language).form;
        let kind = ControlKind::Text("tel", "tel");
        let control = self.control(
            BuyField::Phone,
            words.phone.to_owned(),
            kind,
            PHONE_CHARS_MAX,
        );
        Control {
            hint: Some(words.phone_hint),
            ..control
        }
    }

    pub(super) fn name(self) -> Control {
        let label = words::buying(self.language).form.name.to_owned();
        let kind = ControlKind::Text("text", "text");
        let chars_max = AddressField::Name.chars_max();
        self.control(BuyField::NAME, label, kind, chars_max)
    }

    /// The country, out of all or those that the seller names.
    pub(super) fn country(self, chosen: &str, offered: Option<&[String]>) -> Control {
        let words = &words::buying(self.language).form;
        let is_offered =
            |code: &str| offered.is_none_or(|offered| offered.iter().any(|one| one == code));
        let names = country_names(self.language).iter();
        let options = names.filter(|(code, _)| is_offered(code));
        let options = options.map(|(code, name)| SelectOption {
            value: (*code).to_owned(),
            label: (*name).to_owned(),
            is_chosen: *code == chosen,
        });
        let kind = ControlKind::Select("", options.collect());
        self.control(BuyField::COUNTRY, words.country.to_owned(), kind, 2)
    }

    pub(super) fn quantity(self, units_max: i64) -> Control {
        let chosen = self.input.shown(BuyField::Quantity).trim().to_owned();
        let label = words::buying(self.language).page.quantity.to_owned();
        let chosen = if chosen.is_empty() { "1" } else { &chosen };
        if units_max > QUANTITY_SELECT_MAX {
            let kind = ControlKind::Text("text", "numeric");
            let control = self.control(BuyField::Quantity, label, kind, QUANTITY_CHARS_MAX);
            return Control {
                value: chosen.to_owned(),
                ..control
            };
        }
        let options = (1..=units_max).map(|units| SelectOption {
            value: units.to_string(),
            label: units.to_string(),
            is_chosen: units.to_string() == chosen,
        });
        let kind = ControlKind::Select("", options.collect());
        self.control(BuyField::Quantity, label, kind, 2)
    }

    /// A field of an address as its country asks for it.
    pub(super) fn address(self, format: &'static AddressFormat, form: &FormField) -> Control {
        let label = form.label(self.language).to_owned();
        let field = BuyField::Address(form.field);
        let kind = match form.field {
            AddressField::Region => self.region(format),
            // Postcodes have letters in some countries, and leading zeros in others.
            _ => ControlKind::Text("text", "text"),
        };
        let control = self.control(field, label, kind, form.field.chars_max());
        let optional = words::buying(self.language).form.optional;
        Control {
            is_required: form.is_required,
            optional: if form.is_required { "" } else { optional },
            ..control
        }
    }

    fn region(self, format: &'static AddressFormat) -> ControlKind {
        let regions = format.regions().iter();
        if format.regions().is_empty() {
            return ControlKind::Text("text", "text");
        }
        if !format.is_region_from_list() {
            return ControlKind::Suggested(regions.map(|region| region.name).collect());
        }
        let typed = self.input.shown(BuyField::Address(AddressField::Region));
        let chosen = format.find_region(typed);
        let options = regions.map(|region| SelectOption {
            value: region.name.to_owned(),
            label: region.name.to_owned(),
            is_chosen: chosen == Some(region),
        });
        let choose = words::buying(self.language).form.choose;
        ControlKind::Select(choose, options.collect())
    }

    fn control(
        self,
        field: BuyField,
        label: String,
        kind: ControlKind,
        chars_max: usize,
    ) -> Control {
        let error = self.errors.iter().find(|error| error.field == field);
        Control {
            name: field.name(),
            label,
            kind,
            autocomplete: field.autocomplete(),
            value: self.input.shown(field).to_owned(),
            chars_max,
            is_required: true,
            optional: "",
            hint: None,
            error: error.map(|error| error.sentence(self.language)),
            error_prefix: words::buying(self.language).errors.prefix,
        }
    }
}

/// A row of the address's controls.
#[derive(Debug)]
pub(super) enum AddressRow {
    /// One control, or two side by side.
    Controls(Vec<Control>),
    /// Behind a button: few need them. Open if one of them has something in it.
    Seldom {
        controls: Vec<Control>,
        is_open: bool,
    },
}

/// The rows of an address, in the country's order.
pub(super) fn address_rows(
    make: ControlMaker<'_>,
    format: &'static AddressFormat,
) -> Vec<AddressRow> {
    let mut rows = Vec::new();
    let mut short = Vec::new();
    let (seldom, others): (Vec<_>, Vec<_>) = format
        .fields()
        .iter()
        .partition(|form| is_seldom(form.field));
    let seldom: Vec<_> = seldom
        .into_iter()
        .map(|form| make.address(format, form))
        .collect();
    let mut seldom = Some(seldom);
    for form in others {
        match form.field {
            AddressField::Name | AddressField::Country => {}
            AddressField::Line1 => {
                rows.extend(pairs(std::mem::take(&mut short)));
                rows.push(AddressRow::Controls(vec![make.address(format, form)]));
                rows.extend(seldom.take().map(|controls| {
                    let is_used = |one: &Control| !one.value.is_empty() || one.error.is_some();
                    let is_open = controls.iter().any(is_used);
                    AddressRow::Seldom { controls, is_open }
                }));
            }
            _ => short.push(make.address(format, form)),
        }
    }
    rows.extend(pairs(short));
    rows
}

fn is_seldom(field: AddressField) -> bool {
    matches!(field, AddressField::Line2 | AddressField::SortingCode)
}

/// Two controls a row. An odd one has a row of its own, and goes first.
fn pairs(controls: Vec<Control>) -> Vec<AddressRow> {
    let mut rows = Vec::new();
    let is_odd = controls.len() % 2 == 1;
    let mut controls = controls.into_iter();
    if is_odd {
        rows.extend(
            controls
                .next()
                .map(|first| AddressRow::Controls(vec![first])),
        );
    }
    while let Some(first) = controls.next() {
        let row = [first].into_iter().chain(controls.next());
        rows.push(AddressRow::Controls(row.collect()));
    }
    rows
}
