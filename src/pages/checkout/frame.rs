//! What is around every page of the checkout: title, seller, steps, languages.
//!
//! Promises: each page names its language, and leads to itself in every other.

use buywire_checkout::address::Language;

use super::links::CheckoutLinks;
use super::words::{self, fill, own_name};

/// The styles of these pages. Each page includes them, so that it needs one request.
pub(crate) const CHECKOUT_STYLE: &str = concat!(
    include_str!("../style/base.css"),
    include_str!("../style/checkout.css")
);

/// How far a buyer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Details,
    Review,
    Pay,
}

/// A step's name, and whether it is the current one.
#[derive(Debug)]
pub(super) struct StepView {
    pub(super) name: &'static str,
    pub(super) is_current: bool,
    pub(super) is_done: bool,
}

/// The page in another language.
#[derive(Debug)]
pub(super) struct LanguageLink {
    pub(super) tag: &'static str,
    pub(super) name: &'static str,
    pub(super) href: String,
    pub(super) is_current: bool,
}

/// What is around a page.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) style: &'static str,
    pub(super) language: &'static str,
    pub(super) title: String,
    pub(super) offer: String,
    pub(super) seller: String,
    pub(super) steps_label: &'static str,
    pub(super) steps: Vec<StepView>,
    pub(super) languages_label: &'static str,
    pub(super) languages: Vec<LanguageLink>,
}

impl Frame {
    /// The frame of a page with a title, for the page's own path in each language.
    pub(super) fn new(
        links: CheckoutLinks<'_>,
        title: String,
        seller: &str,
        path: impl Fn(CheckoutLinks<'_>) -> String,
    ) -> Self {
        let words = &words::buying(links.language).page;
        let languages = Language::ALL.map(|language| LanguageLink {
            tag: language.tag(),
            name: own_name(language),
            href: path(links.in_language(language)),
            is_current: language == links.language,
        });
        Self {
            style: CHECKOUT_STYLE,
            language: links.language.tag(),
            title,
            offer: links.offer(),
            seller: seller.to_owned(),
            steps_label: words.steps,
            steps: Vec::new(),
            languages_label: words.languages,
            languages: languages.into(),
        }
    }

    /// The same with the steps of buying.
    pub(super) fn at(mut self, step: Step, language: Language) -> Self {
        let words = &words::buying(language).page;
        let all = [
            (Step::Details, words.step_details),
            (Step::Review, words.step_review),
            (Step::Pay, words.step_pay),
        ];
        let current = all.iter().position(|(one, _)| *one == step);
        let views = all.iter().enumerate().map(|(index, (one, name))| StepView {
            name,
            is_current: *one == step,
            is_done: current.is_some_and(|current| index < current),
        });
        self.steps = views.collect();
        self
    }
}

/// The title of a page about an item.
pub(super) fn page_title(language: Language, item: &str, seller: &str) -> String {
    let title = fill(words::buying(language).page.title, &[("title", item)]);
    format!("{title} · {seller}")
}
