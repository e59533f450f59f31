//! Maps the records of a flat document: one record an item, or the rows of one product together.

use std::sync::Arc;

use super::aliases::Field;
use super::builder::{DraftBuilder, is_no};
use super::complete::complete;
use super::names::Names;
use super::rows::{self, ListedVariants, Record};
use super::vocabulary::{Rows, Vocabulary};
use super::{element, members};
use crate::formats::format::{FormatRules, Mapper, Row};
use crate::formats::map_output::MapOutput;
use crate::read::Parsed;

/// Names resolved once for all records of a document.
pub(super) struct FlatMapper {
    vocabulary: &'static Vocabulary,
    rules: FormatRules,
    pub(super) names: Names,
    /// Of a table: what each column is.
    pub(super) columns: Vec<usize>,
    listed: ListedVariants,
}

impl FlatMapper {
    pub(super) fn new(
        vocabulary: &'static Vocabulary,
        rules: FormatRules,
        header: &[Arc<str>],
    ) -> Self {
        let mut names = Names::new(vocabulary);
        let columns = header.iter().map(|name| names.index(name)).collect();
        Self {
            vocabulary,
            rules,
            names,
            columns,
            listed: ListedVariants::default(),
        }
    }

    fn record(&mut self, row: &Row<'_>, out: &mut MapOutput) -> Option<Record> {
        let mut builder = DraftBuilder::new(row.row);
        match &row.parsed {
            Parsed::Cells { cells, .. } => {
                for (column, cell) in self.columns.iter().zip(cells) {
                    if let Some(name) = self.names.get(*column) {
                        builder.put(name, cell);
                    }
                }
            }
            Parsed::Element(item) => element::fill(&mut builder, item, &mut self.names, out),
            Parsed::Json(value) => members::fill(&mut builder, value, &mut self.names, out),
        }
        let mut record = builder.build()?;
        let sku_is_id = self.vocabulary.sku_is_id && !self.groups_rows();
        if sku_is_id && record.0.sku.is_some() {
            record.0.id = record.0.sku.clone();
        }
        Some(record)
    }

    fn product(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        let records = rows.iter().filter_map(|row| self.record(row, out));
        let records: Vec<_> = records.collect();
        for (draft, extras) in rows::items(records, self.vocabulary) {
            out.push(complete(draft, extras, self.vocabulary, &self.rules));
        }
    }

    /// Products that list variants, their variants, and rows that are no items.
    fn listed(&mut self, record: Record, out: &mut MapOutput) {
        let (draft, mut extras) = record;
        let kind = extras.take(Field::RowKind);
        let kind = kind.as_ref().map_or("product", |raw| raw.text.as_str());
        if extras.get(Field::StoreView).is_some() || !matches!(kind, "product" | "variant") {
            return;
        }
        let has_page = !extras.text(Field::HasPage).is_some_and(is_no);
        let variants = extras.take(Field::Variants);
        let draft = complete(draft, extras, self.vocabulary, &self.rules);
        match variants {
            Some(list) => self.listed.add_product(draft, &list, out),
            None if has_page => out.push(draft),
            None => self.listed.add_variant(draft, out),
        }
    }

    /// The first cell of a field that is not empty, in the format's words.
    fn cell<'a>(&'a self, parsed: &'a Parsed<'_>, field: Field) -> Option<&'a str> {
        let Parsed::Cells { cells, .. } = parsed else {
            return None;
        };
        let mut columns = self.columns.iter().zip(cells);
        columns.find_map(|(column, cell)| {
            let name = self.names.get(*column).filter(|name| name.field == field)?;
            let cell = cell.trim();
            (!cell.is_empty()).then(|| name.word(cell))
        })
    }
}

impl Mapper for FlatMapper {
    fn drafts(&mut self, rows: &[Row<'_>], out: &mut MapOutput) {
        if self.groups_rows() {
            return self.product(rows, out);
        }
        for row in rows {
            let Some(record) = self.record(row, out) else {
                continue;
            };
            match self.vocabulary.rows {
                Rows::Listed => self.listed(record, out),
                _ => {
                    let (draft, extras) = record;
                    out.push(complete(draft, extras, self.vocabulary, &self.rules));
                }
            }
        }
    }

    fn groups_rows(&self) -> bool {
        matches!(self.vocabulary.rows, Rows::Untitled | Rows::Kinds)
    }

    fn continues_group(&self, previous: &Parsed<'_>, next: &Parsed<'_>) -> bool {
        let group = |parsed| {
            let own = self.cell(parsed, Field::Group);
            own.or_else(|| self.cell(parsed, Field::Slug))
        };
        let is_same = group(next).is_none_or(|next| group(previous) == Some(next));
        let continues = match self.vocabulary.rows {
            Rows::Untitled => self.cell(next, Field::Title).is_none(),
            _ => self
                .cell(next, Field::RowKind)
                .is_some_and(|kind| kind != "product"),
        };
        is_same && continues
    }

    fn is_self_contained(&self) -> bool {
        self.vocabulary.rows != Rows::Listed
    }

    fn finish(&mut self, out: &mut MapOutput) {
        // The document's end is no record: all of them, whose number is bounded by their memory.
        out.drafts.extend(self.listed.take_rest());
    }
}
