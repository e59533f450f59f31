//! The redirect chain of one fetch: where it is, where it may go, and whether it has left the configured origin. Pure.
//!
//! Nobody has saved a redirect's target. It is checked as if a partner had saved it, so that no outside server can
//! redirect the gateway into a private range; only a server inside such a range may redirect within the ranges.

use url::Url;

use crate::egress::{EgressPolicy, Reach, SavedBy, TargetUrl, UrlRefusal};

/// The state of a chain; see the module.
pub(crate) struct RedirectChain {
    configured: Url,
    current: TargetUrl,
    /// Whose egress rights apply to the next redirect.
    checked_as: SavedBy,
    /// The chain has never left the configured origin.
    on_origin: bool,
}

impl RedirectChain {
    pub(crate) fn new(start: TargetUrl, saved_by: SavedBy) -> Self {
        Self {
            configured: start.url().clone(),
            current: start,
            checked_as: saved_by,
            on_origin: true,
        }
    }

    pub(crate) fn current(&self) -> &TargetUrl {
        &self.current
    }

    /// Whether headers for the configured origin may be sent to the current URL.
    pub(crate) fn is_on_origin(&self) -> bool {
        self.on_origin
    }

    /// Follows a redirect if its target is allowed.
    pub(crate) fn follow(
        &mut self,
        location: &str,
        policy: &EgressPolicy,
    ) -> Result<(), UrlRefusal> {
        let mut next = self
            .current
            .url()
            .join(location)
            .map_err(|_| UrlRefusal::Malformed)?;
        next.set_fragment(None);
        if next.origin() != self.current.url().origin()
            && self.current.reach() != Reach::AllowedOnly
        {
            self.checked_as = SavedBy::Partner;
        }
        self.on_origin &= next.origin() == self.configured.origin();
        self.current = TargetUrl::parse(next.as_str(), self.checked_as, policy)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "https://shop.example/feed.csv";
    const INSIDE: &str = "http://127.0.0.1:8000/feed.csv";

    fn policy() -> EgressPolicy {
        EgressPolicy::parse("127.0.0.0/8,10.0.0.0/8").unwrap()
    }

    fn chain_from(start: &str, saved_by: SavedBy) -> RedirectChain {
        RedirectChain::new(
            TargetUrl::parse(start, saved_by, &policy()).unwrap(),
            saved_by,
        )
    }

    #[test]
    fn nothing_outside_leads_into_a_range_that_an_operator_opened() {
        for target in [
            "http://10.0.0.1/",
            "https://127.0.0.1/",
            "//10.0.0.1/x",
            "https://[::1]/",
        ] {
            let mut chain = chain_from(HOME, SavedBy::Operator);
            let refused = chain.follow(target, &policy()).unwrap_err();
            assert_eq!(refused, UrlRefusal::BlockedAddress, "{target}");
        }
        // Nor by way of another host, nor back at the configured origin.
        let mut chain = chain_from(HOME, SavedBy::Operator);
        chain
            .follow("https://cdn.example/feed.csv", &policy())
            .unwrap();
        assert_eq!(chain.current().reach(), Reach::Public);
        chain.follow(HOME, &policy()).unwrap();
        assert_eq!(chain.current().reach(), Reach::Public);
    }

    #[test]
    fn within_a_range_an_operators_url_may_lead_about() {
        let mut chain = chain_from(INSIDE, SavedBy::Operator);
        chain.follow("http://10.0.0.1/feed.csv", &policy()).unwrap();
        let refused = chain.follow("http://192.168.0.1/", &policy()).unwrap_err();
        assert_eq!(refused, UrlRefusal::BlockedAddress);
    }

    #[test]
    fn what_leads_away_from_https_or_names_a_user_is_not_followed() {
        for (target, refusal) in [
            ("http://cdn.example/feed.csv", UrlRefusal::NotHttps),
            ("ftp://cdn.example/feed.csv", UrlRefusal::Scheme),
            ("file:///etc/passwd", UrlRefusal::Scheme),
            ("https://me:secret@shop.example/", UrlRefusal::Userinfo),
            ("https://shop.example:22/", UrlRefusal::Port),
        ] {
            let refused = chain_from(HOME, SavedBy::Partner)
                .follow(target, &policy())
                .unwrap_err();
            assert_eq!(refused, refusal, "{target}");
        }
    }

    #[test]
    fn home_is_one_origin_and_once_left_it_is_left() {
        for (target, on_origin) in [
            ("/other.csv#part", true),
            ("https://shop.example:443/x", true),
            ("https://shop.example:8443/x", false),
            ("https://www.shop.example/x", false),
        ] {
            let mut chain = chain_from(HOME, SavedBy::Partner);
            chain.follow(target, &policy()).unwrap();
            assert_eq!(chain.is_on_origin(), on_origin, "{target}");
        }
        let mut chain = chain_from(HOME, SavedBy::Partner);
        chain
            .follow("https://elsewhere.example/", &policy())
            .unwrap();
        chain.follow(HOME, &policy()).unwrap();
        assert!(!chain.is_on_origin());
    }
}
