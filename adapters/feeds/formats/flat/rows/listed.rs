//! Products that list the SKUs of their variants, which are rows of their own, before or after them.
//!
//! Promises: memory is bounded; a variant whose product has not come by the document's end is not for sale, because
//! it has no page. Must not guess to which product a variant belongs.

use std::collections::HashMap;

use super::inherit::inherit_draft;
use crate::draft::{Draft, RawField};
use crate::formats::map_output::{DRAFTS_MAX, MapOutput};
use crate::formats::parent_cache::{self, ParentCache};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct ListedVariants {
    /// Products, by the SKUs they list.
    products: ParentCache,
    /// The list of each product, by the same SKUs.
    options: HashMap<String, Vec<(String, String)>>,
    /// Variants whose product has not come yet.
    waiting: HashMap<String, Draft>,
    bytes: usize,
}

impl ListedVariants {
    /// A product, and its list of variants.
    pub(crate) fn add_product(&mut self, product: Draft, list: &RawField, out: &mut MapOutput) {
        let variants: Vec<_> = variants(&list.text).take(DRAFTS_MAX).collect();
        let skus: Vec<_> = variants.iter().map(|(sku, _)| sku.as_str()).collect();
        // Without room, its variants have only their own values.
        if self.products.insert(&skus, product).is_err() {
            return;
        }
        for (sku, options) in variants {
            let waiting = self.waiting.remove(&sku);
            self.options.insert(sku, options);
            if let Some(variant) = waiting {
                self.bytes -= parent_cache::draft_bytes(&variant).min(self.bytes);
                self.push(variant, out);
            }
        }
    }

    /// A variant without a page of its own.
    pub(crate) fn add_variant(&mut self, variant: Draft, out: &mut MapOutput) {
        let sku = variant.id.as_ref().map(|raw| raw.text.clone());
        let Some(sku) = sku else {
            return out.push(variant);
        };
        if self.products.get(&sku).is_some() {
            return self.push(variant, out);
        }
        let bytes = parent_cache::draft_bytes(&variant);
        if self.bytes + bytes > parent_cache::BYTES_MAX || self.waiting.contains_key(&sku) {
            return out.push(without_page(variant));
        }
        self.bytes += bytes;
        self.waiting.insert(sku, variant);
    }

    /// The variants that no product has listed, in the order of their rows.
    pub(crate) fn take_rest(&mut self) -> Vec<Draft> {
        self.bytes = 0;
        let rest = std::mem::take(&mut self.waiting).into_values();
        let mut rest: Vec<_> = rest.map(without_page).collect();
        rest.sort_by_key(|draft| draft.row);
        rest
    }

    fn push(&self, mut variant: Draft, out: &mut MapOutput) {
        let sku = variant.id.as_ref().map(|raw| raw.text.clone());
        let sku = sku.unwrap_or_default();
        if let Some(product) = self.products.get(&sku) {
            // Its own page does not open.
            variant.url = None;
            variant.title = None;
            inherit_draft(&mut variant, product);
            let name = variant.id.as_ref().map(|raw| raw.name.clone());
            for (option, value) in self.options.get(&sku).into_iter().flatten() {
                let raw = RawField {
                    name: name.clone().unwrap_or_else(|| option.as_str().into()),
                    text: value.clone(),
                };
                variant.options.push((option.clone(), raw));
            }
        }
        out.push(variant);
    }
}

fn without_page(mut variant: Draft) -> Draft {
    let name = variant.id.as_ref().map(|raw| raw.name.clone());
    variant.for_sale = Some(RawField {
        name: name.unwrap_or_else(|| "sku".into()),
        text: "false".to_owned(),
    });
    variant
}

/// `sku=A,size=M|sku=B,size=L`: each variant's SKU and options.
fn variants(list: &str) -> impl Iterator<Item = (String, Vec<(String, String)>)> {
    list.split('|').filter_map(|variant| {
        let pairs = variant.split(',').filter_map(|pair| pair.split_once('='));
        let mut options = Vec::new();
        let mut sku = None;
        for (name, value) in pairs {
            let (name, value) = (name.trim(), value.trim().to_owned());
            match name.eq_ignore_ascii_case("sku") {
                true => sku = Some(value),
                false if options.len() < 16 => options.push((name.to_owned(), value)),
                false => {}
            }
        }
        Some((sku?, options))
    })
}
