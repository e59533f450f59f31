//! What the pages of this group share: their tabs and the size of a page.

use crate::console::lists::Tab;
use crate::http::console::links::BASE;
use crate::http::console::request::visitor::Visitor;

/// Rows of a page.
pub(super) const ROWS: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CatalogTab {
    Runs,
    Products,
    Sources,
    Images,
}

/// The pages that the visitor may see: the platform reads products only.
pub(super) fn tabs(visitor: &Visitor, current: CatalogTab) -> Vec<Tab> {
    let all = [
        (CatalogTab::Runs, "Runs", ""),
        (CatalogTab::Products, "Products", "/products"),
        (CatalogTab::Sources, "Sources", "/sources"),
        (CatalogTab::Images, "Pictures", "/images"),
    ];
    let may_see = |tab| tab == CatalogTab::Products || !visitor.caller.is_platform();
    let tabs = all.into_iter().filter(|(tab, ..)| may_see(*tab));
    tabs.map(|(tab, text, path)| Tab {
        text: text.to_owned(),
        href: format!("{BASE}/catalog{path}"),
        is_current: tab == current,
    })
    .collect()
}
