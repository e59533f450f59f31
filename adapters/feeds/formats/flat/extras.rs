//! Values that only a format's rules explain, kept beside the draft until the rows of a product are together.

use super::aliases::Field;
use crate::draft::RawField;

/// Numbered options read of one item.
const OPTIONS_MAX: usize = 32;
/// Parameters read of one item.
const PARAMETERS_MAX: usize = 64;

/// See the module.
#[derive(Debug, Clone, Default)]
pub(super) struct Extras {
    fields: Vec<(Field, RawField)>,
    options: Vec<NumberedOption>,
    parameters: Vec<RawField>,
}

#[derive(Debug, Clone, Default)]
struct NumberedOption {
    number: u8,
    name: Option<String>,
    value: Option<RawField>,
}

impl Extras {
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.options.is_empty() && self.parameters.is_empty()
    }

    pub(super) fn set(&mut self, field: Field, raw: RawField) {
        self.fields.retain(|(existing, _)| *existing != field);
        self.fields.push((field, raw));
    }

    pub(super) fn get(&self, field: Field) -> Option<&RawField> {
        let mut fields = self.fields.iter();
        fields
            .find(|(existing, _)| *existing == field)
            .map(|(_, raw)| raw)
    }

    pub(super) fn text(&self, field: Field) -> Option<&str> {
        self.get(field).map(|raw| raw.text.as_str())
    }

    pub(super) fn take(&mut self, field: Field) -> Option<RawField> {
        let at = self
            .fields
            .iter()
            .position(|(existing, _)| *existing == field)?;
        Some(self.fields.swap_remove(at).1)
    }

    /// Takes these fields from the product where the variant lacks them.
    pub(super) fn inherit(&mut self, product: &Self, fields: &[Field]) {
        for field in fields {
            if let (None, Some(raw)) = (self.get(*field), product.get(*field)) {
                self.set(*field, raw.clone());
            }
        }
        for option in &mut self.options {
            let mut all = product.options.iter();
            let same = all.find(|other| other.number == option.number);
            option.name = option.name.take().or_else(|| same?.name.clone());
        }
    }

    pub(super) fn add_parameter(&mut self, raw: RawField) {
        if self.parameters.len() < PARAMETERS_MAX {
            self.parameters.push(raw);
        }
    }

    /// The parameters; each has the parameter's name.
    pub(super) fn take_parameters(&mut self) -> Vec<RawField> {
        std::mem::take(&mut self.parameters)
    }

    pub(super) fn name_option(&mut self, number: u8, name: &str) {
        if let Some(option) = self.option(number) {
            option.name.get_or_insert_with(|| name.to_owned());
        }
    }

    pub(super) fn value_option(&mut self, number: u8, value: RawField) {
        if let Some(option) = self.option(number) {
            option.value.get_or_insert(value);
        }
    }

    /// The options that have a name and a value.
    pub(super) fn take_options(&mut self) -> Vec<(String, RawField)> {
        let options = std::mem::take(&mut self.options);
        let complete = options
            .into_iter()
            .filter_map(|option| Some((option.name?, option.value?)));
        complete.collect()
    }

    /// The values of the options.
    pub(super) fn option_values(&self) -> impl Iterator<Item = &str> {
        let numbered = self
            .options
            .iter()
            .filter_map(|option| option.value.as_ref());
        let listed = self.get(Field::OptionList);
        numbered.chain(listed).map(|raw| raw.text.as_str())
    }

    fn option(&mut self, number: u8) -> Option<&mut NumberedOption> {
        let at = self.options.iter().position(|one| one.number == number);
        if at.is_none() && self.options.len() >= OPTIONS_MAX {
            return None;
        }
        let at = at.unwrap_or_else(|| {
            self.options.push(NumberedOption {
                number,
                ..NumberedOption::default()
            });
            self.options.len() - 1
        });
        self.options.get_mut(at)
    }
}
