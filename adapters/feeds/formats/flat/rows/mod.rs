//! How the rows of one product belong together, and what a variant takes from its product.
//!
//! Promises: a variant's own values win; a variant is for sale only if its product is; ids within a product differ
//! wherever SKUs or options do.

mod inherit;
mod listed;

use std::collections::HashMap;

use self::inherit::{inherit, is_no_item};
pub(super) use self::listed::ListedVariants;
use super::aliases::Field;
use super::extras::Extras;
use super::vocabulary::{Rows, Vocabulary};
use crate::draft::{Draft, RawField};
use crate::formats::escapes::bounded_id;

/// A row, and what only the format's rules explain.
pub(super) type Record = (Draft, Extras);

/// The items of one product's rows.
pub(super) fn items(mut records: Vec<Record>, vocabulary: &Vocabulary) -> Vec<Record> {
    if vocabulary.rows == Rows::Kinds {
        records = without_other_rows(records);
    }
    if records.is_empty() {
        return records;
    }
    let mut product = records.remove(0);
    let is_variant = |(_, extras): &Record| extras.text(Field::RowKind) == Some("variant");
    let is_orphan = vocabulary.rows == Rows::Kinds && is_variant(&product);
    let variants = records;
    let mut items = match variants.is_empty() {
        true => {
            if vocabulary.rows == Rows::Kinds && !is_orphan {
                // The options of a product are its choices.
                let _ = product.1.take_options();
            }
            vec![product]
        }
        false => variant_items(product, variants, vocabulary.rows, is_orphan),
    };
    set_ids(&mut items, vocabulary);
    items
}

fn variant_items(
    product: Record,
    variants: Vec<Record>,
    rows: Rows,
    is_orphan: bool,
) -> Vec<Record> {
    let mut items = Vec::with_capacity(variants.len() + 1);
    let mut others = variants;
    if !is_orphan {
        others
            .iter_mut()
            .for_each(|variant| inherit(variant, &product));
    }
    let is_item = match rows {
        Rows::Kinds => is_orphan,
        _ => !is_no_item(&product.1, &others),
    };
    if is_item {
        items.push(product);
    }
    items.extend(others);
    items
}

/// Products and variants only: images go to their product, and rules about prices make its prices unknown.
fn without_other_rows(records: Vec<Record>) -> Vec<Record> {
    let mut kept: Vec<Record> = Vec::with_capacity(records.len());
    let mut has_price_rule = false;
    for (mut draft, extras) in records {
        match extras.text(Field::RowKind) {
            None | Some("product" | "variant") => kept.push((draft, extras)),
            Some("image") => {
                if let Some((product, _)) = kept.first_mut() {
                    product.images.append(&mut draft.images);
                }
            }
            Some(_) => has_price_rule |= draft.price.is_some(),
        }
    }
    if has_price_rule && kept.len() > 1 {
        for (draft, extras) in &mut kept {
            draft.price = None;
            draft.sale_price = None;
            let _ = extras.take(Field::Surcharge);
        }
    }
    kept
}

/// The SKU if it is unique to the item, else its own id, else the group's with the options.
fn set_ids(items: &mut [Record], vocabulary: &Vocabulary) {
    let is_group = items.len() > 1;
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (draft, _) in items.iter() {
        for raw in draft.sku.iter().chain(&draft.id) {
            *counts.entry(raw.text.clone()).or_default() += 1;
        }
    }
    let is_unique = |raw: &RawField| !is_group || counts.get(&raw.text) == Some(&1);
    for (draft, extras) in items {
        let sku = draft.sku.clone().filter(|_| vocabulary.sku_is_id);
        let group = draft.group.clone().or_else(|| draft.id.clone());
        let group = group.or_else(|| extras.get(Field::Slug).cloned());
        let own = draft.id.take();
        let unique = sku.filter(is_unique).or(own.filter(is_unique));
        draft.id = unique.or_else(|| derived_id(group.as_ref()?, extras));
        draft.group = group.filter(|_| is_group);
    }
}

fn derived_id(group: &RawField, extras: &Extras) -> Option<RawField> {
    let mut id = group.text.clone();
    for value in extras.option_values() {
        id.push('/');
        id.push_str(value);
    }
    Some(RawField {
        name: group.name.clone(),
        text: bounded_id(id),
    })
}
