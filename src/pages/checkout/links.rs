//! Paths of the checkout. They are paths without a host, so that a form posts to where its page came from.
//!
//! Promises: every path carries the language, and those of a post's pages carry the viewer on as the platform gave it; a
//! token is encoded. Must not make a token.

use buywire_checkout::address::Language;
use buywire_checkout::locale::Locale;
use buywire_schemas::rollout::Viewer;
use url::form_urlencoded::Serializer;

use super::super::Site;

/// Where the pages of one post's checkout lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CheckoutLinks<'a> {
    /// The gateway.
    pub(crate) site: Site<'a>,
    /// The post.
    pub(crate) slug: &'a str,
    /// The language of the page.
    pub(crate) language: Language,
    /// How its reader writes amounts.
    pub(crate) locale: Locale,
    /// Who looks at the post, as far as the platform has said.
    pub(crate) viewer: Viewer<'a>,
}

/// A page of an order that asks before something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderQuestion {
    /// Whether to cancel the order.
    Cancel,
    /// What the withdrawal says.
    Withdraw,
    /// Whether to delete the buyer's data.
    Forget,
}

/// What is posted to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderAction {
    /// More time to pay.
    Extend,
    /// Stop paying.
    CancelPayment,
    /// Cancel the order.
    Cancel,
    /// Withdraw from the contract.
    Withdraw,
    /// Delete the buyer's data.
    Forget,
}

impl OrderQuestion {
    /// The value of `ask` in the order page's query.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Withdraw => "withdraw",
            Self::Forget => "forget",
        }
    }

    /// The question of a query's `ask`.
    #[must_use]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Cancel, Self::Withdraw, Self::Forget];
        all.into_iter().find(|one| one.name() == name)
    }
}

impl OrderAction {
    /// The end of its path.
    #[must_use]
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Extend => "extend",
            Self::CancelPayment => "cancel-payment",
            Self::Cancel => "cancel",
            Self::Withdraw => "withdraw",
            Self::Forget => "forget",
        }
    }
}

impl<'a> CheckoutLinks<'a> {
    /// The same pages in a language that the viewer has chosen.
    #[must_use]
    pub(super) fn in_language(self, language: Language) -> Self {
        let viewer = Viewer {
            language: None,
            ..self.viewer
        };
        Self {
            language,
            locale: Locale::of(language),
            viewer,
            ..self
        }
    }

    /// The same pages for a reader with these languages, such as German as Austria writes it.
    #[must_use]
    pub(crate) fn for_reader(self, accept_language: Option<&str>) -> Self {
        Self {
            locale: Locale::of_page(self.language, self.viewer.language, accept_language),
            ..self
        }
    }

    /// The same pages for a viewer.
    #[must_use]
    pub(crate) fn for_viewer<'b>(self, viewer: Viewer<'b>) -> CheckoutLinks<'b>
    where
        'a: 'b,
    {
        CheckoutLinks { viewer, ..self }
    }

    /// The post's page.
    #[must_use]
    pub(crate) fn offer(self) -> String {
        let given = self.viewer.language.map(|_| self.lang());
        self.post_page("", &[], given)
    }

    /// Where the form is posted. The form itself states its language.
    #[must_use]
    pub(crate) fn buy_action(self) -> String {
        self.post_page("/buy", &[], self.other_lang())
    }

    /// Where the review is posted.
    #[must_use]
    pub(crate) fn pay_action(self) -> String {
        self.post_page("/pay", &[], self.other_lang())
    }

    /// A new checkout.
    #[must_use]
    pub(crate) fn start(self) -> String {
        self.buy_page(&[])
    }

    /// The review.
    #[must_use]
    pub(crate) fn review(self, checkout: &str) -> String {
        self.buy_page(&[("checkout", checkout)])
    }

    /// The form, filled in.
    #[must_use]
    pub(crate) fn edit(self, checkout: &str) -> String {
        self.buy_page(&[("checkout", checkout), ("edit", "1")])
    }

    /// The order page.
    #[must_use]
    pub(crate) fn order(self, token: &str) -> String {
        self.with_query(self.order_path(token), &[])
    }

    /// A question of the order page.
    #[must_use]
    pub(crate) fn order_question(self, token: &str, question: OrderQuestion) -> String {
        self.with_query(self.order_path(token), &[("ask", question.name())])
    }

    /// The order page, loaded again by itself.
    #[must_use]
    pub(crate) fn order_check(self, token: &str, checks: u32) -> String {
        self.with_query(self.order_path(token), &[("checks", &checks.to_string())])
    }

    /// Where an action on an order is posted.
    #[must_use]
    pub(crate) fn order_action(self, token: &str, action: OrderAction) -> String {
        format!("{}/{}", self.order_path(token), action.path())
    }

    /// The path below which the gateway lies, empty at a host's root.
    fn base(self) -> String {
        let url = url::Url::parse(self.site.0).ok();
        let path = url.as_ref().map_or("", |url| url.path());
        path.trim_end_matches('/').to_owned()
    }

    fn order_path(self, token: &str) -> String {
        let encoded: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
        format!("{}/o/{encoded}", self.base())
    }

    fn buy_page(self, pairs: &[(&str, &str)]) -> String {
        self.post_page("/buy", pairs, Some(self.lang()))
    }

    /// A page of the post, for its viewer.
    fn post_page(self, end: &str, pairs: &[(&str, &str)], lang: Option<&str>) -> String {
        let path = format!("{}/b/{}{end}", self.base(), self.slug);
        let viewer = Viewer {
            language: lang,
            ..self.viewer
        };
        let mut query = Serializer::new(String::new());
        query.extend_pairs(pairs).extend_pairs(viewer.parameters());
        match query.finish() {
            none if none.is_empty() => path,
            query => format!("{path}?{query}"),
        }
    }

    /// The viewer's language as it was given, unless the page has another one of ours.
    fn lang(self) -> &'a str {
        let given = self.viewer.language;
        let fits = |given: &&str| Language::from_tag(given).is_none_or(|one| one == self.language);
        given.filter(fits).unwrap_or(self.language.tag())
    }

    /// The same, if it is not the page's own tag.
    fn other_lang(self) -> Option<&'a str> {
        Some(self.lang()).filter(|lang| *lang != self.language.tag())
    }

    fn with_query(self, path: String, pairs: &[(&str, &str)]) -> String {
        let query = Serializer::new(String::new())
            .extend_pairs(pairs)
            .append_pair("lang", self.language.tag())
            .finish();
        format!("{path}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_no_host_and_keeps_the_language() {
        let links = CheckoutLinks {
            site: Site("https://pay.example/bw/"),
            slug: "cup-1",
            language: Language::Dutch,
            locale: Language::Dutch.into(),
            viewer: Viewer::default(),
        };
        assert_eq!(links.offer(), "/bw/b/cup-1");
        assert_eq!(
            links.edit("a&b"),
            "/bw/b/cup-1/buy?checkout=a%26b&edit=1&lang=nl"
        );
        assert_eq!(links.order("t/../x"), "/bw/o/t%2F..%2Fx?lang=nl");
        let question = links.order_question("t", OrderQuestion::Forget);
        assert_eq!(question, "/bw/o/t?ask=forget&lang=nl");
        assert_eq!(
            links.order_action("t", OrderAction::CancelPayment),
            "/bw/o/t/cancel-payment"
        );
        let root = CheckoutLinks {
            site: Site("http://127.0.0.1:8080"),
            ..links
        };
        assert_eq!(root.start(), "/b/cup-1/buy?lang=nl");
        assert_eq!(root.buy_action(), "/b/cup-1/buy");
    }

    #[test]
    fn a_viewer_is_carried_on_and_may_choose_another_language() {
        let links = CheckoutLinks {
            site: Site("https://pay.example"),
            slug: "cup-1",
            language: Language::German,
            locale: Language::German.into(),
            viewer: Viewer {
                id: Some("a b"),
                country: Some("AT"),
                platform: None,
                language: Some("de-AT"),
            },
        };
        assert_eq!(links.offer(), "/b/cup-1?viewer=a+b&country=AT&lang=de-AT");
        assert_eq!(
            links.review("t"),
            "/b/cup-1/buy?checkout=t&viewer=a+b&country=AT&lang=de-AT"
        );
        assert_eq!(
            links.pay_action(),
            "/b/cup-1/pay?viewer=a+b&country=AT&lang=de-AT"
        );
        assert_eq!(links.order("t"), "/o/t?lang=de");
        let french = links.in_language(Language::French);
        assert_eq!(french.start(), "/b/cup-1/buy?viewer=a+b&country=AT&lang=fr");
        assert_eq!(french.buy_action(), "/b/cup-1/buy?viewer=a+b&country=AT");
        // A language that these pages do not have is still the viewer's.
        let viewer = Viewer {
            language: Some("pt"),
            ..Viewer::default()
        };
        let portuguese = CheckoutLinks { viewer, ..links };
        assert_eq!(portuguese.start(), "/b/cup-1/buy?lang=pt");
    }
}
