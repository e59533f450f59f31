//! The hashes that tell a changed item from an unchanged one and compare the variants of a product.

use twox_hash::{XxHash3_64, XxHash3_128};

use super::Item;

impl Item {
    /// XXH3-128 of the item's canonical JSON: fields in the order of the type, attribute names
    /// sorted, absent values left out, times in UTC. The hash is stored. It changes only with
    /// the type, after which every item counts as changed once.
    #[must_use]
    pub fn content_hash(&self) -> [u8; 16] {
        self.canonical().1
    }

    /// The canonical JSON, as stored, and its hash.
    #[must_use]
    pub fn canonical(&self) -> (String, [u8; 16]) {
        let json = serde_json::to_string(self).unwrap_or_default();
        let hash = XxHash3_128::oneshot(json.as_bytes()).to_be_bytes();
        (json, hash)
    }

    /// XXH3-64 of the item's URL. Variants with the same hash share a page. Stored.
    #[must_use]
    pub fn page_hash(&self) -> u64 {
        XxHash3_64::oneshot(self.url.as_bytes())
    }

    /// XXH3-64 of the traits that variants of one product should share: brand, condition, and whether it is for adults
    /// only. Stored.
    #[must_use]
    pub fn traits_hash(&self) -> u64 {
        let brand = self.brand.as_deref().unwrap_or_default();
        let traits = format!("{}\n{}\n{brand}", self.condition as u8, self.adult);
        XxHash3_64::oneshot(traits.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::Item;

    #[test]
    fn any_change_changes_the_hash_and_nothing_else_does() {
        let text = include_str!("../examples/valid/catalog/everything.json");
        let item: Item = serde_json::from_str(text).unwrap();
        let again: Item = serde_json::from_slice(&serde_json::to_vec(&item).unwrap()).unwrap();
        assert_eq!(item.content_hash(), again.content_hash());
        let mut object = serde_json::to_value(&item).unwrap();
        let names: Vec<String> = object.as_object().unwrap().keys().cloned().collect();
        let mut removed = 0;
        for name in names {
            let value = object.as_object_mut().unwrap().remove(&name).unwrap();
            if let Ok(less) = serde_json::from_value::<Item>(object.clone()) {
                assert_ne!(less.content_hash(), item.content_hash(), "without {name}");
                removed += 1;
            }
            object.as_object_mut().unwrap().insert(name, value);
        }
        assert!(removed >= 15, "{removed}");
    }

    #[test]
    fn the_hash_is_the_same_on_every_machine() {
        let text = include_str!("../examples/valid/catalog/shirt.json");
        let item: Item = serde_json::from_str(text).unwrap();
        let hash = u128::from_be_bytes(item.content_hash());
        assert_eq!(hash, 0xb106d9b2_dd93c85c_d96631b9_aed8f829);
    }
}
