//! Paths of the checkout. They are paths without a host, so that a form posts to where its page came from.
//!
//! Promises: every path carries the language; a token is encoded. Must not make a token.

use buywire_checkout::address::Language;
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

impl CheckoutLinks<'_> {
    /// The post's page.
    #[must_use]
    pub(crate) fn offer(self) -> String {
        format!("{}/b/{}", self.base(), self.slug)
    }

    /// Where the form is posted.
    #[must_use]
    pub(crate) fn buy_action(self) -> String {
        format!("{}/buy", self.offer())
    }

    /// Where the review is posted.
    #[must_use]
    pub(crate) fn pay_action(self) -> String {
        format!("{}/pay", self.offer())
    }

    /// A new checkout.
    #[must_use]
    pub(crate) fn start(self) -> String {
        self.with_query(self.buy_action(), &[])
    }

    /// The review.
    #[must_use]
    pub(crate) fn review(self, checkout: &str) -> String {
        self.with_query(self.buy_action(), &[("checkout", checkout)])
    }

    /// The form, filled in.
    #[must_use]
    pub(crate) fn edit(self, checkout: &str) -> String {
        self.with_query(self.buy_action(), &[("checkout", checkout), ("edit", "1")])
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
    }
}
