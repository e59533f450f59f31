//! The way of one fetch: where it is, what it may reach from here, and whether it is still at home. Pure.
//!
//! A redirect's target was saved by nobody. It is judged as if a partner had saved it, so that no server outside
//! can send us into a private range; only what is inside such a range already may send us about in there.

use url::Url;

use crate::egress::{EgressPolicy, Reach, SavedBy, TargetUrl, UrlRefusal};

/// See the module.
pub(super) struct Way {
    home: Url,
    here: TargetUrl,
    /// Whose rights count at the next step.
    rights: SavedBy,
    /// The origin was never left.
    at_home: bool,
}

impl Way {
    pub(super) fn begin(home: TargetUrl, saved_by: SavedBy) -> Self {
        Self {
            home: home.url().clone(),
            here: home,
            rights: saved_by,
            at_home: true,
        }
    }

    pub(super) fn here(&self) -> &TargetUrl {
        &self.here
    }

    /// Whether what is meant for the configured origin may be sent here.
    pub(super) fn is_at_home(&self) -> bool {
        self.at_home
    }

    /// Follows a redirect, if it leads to where we may go.
    pub(super) fn go(&mut self, location: &str, policy: &EgressPolicy) -> Result<(), UrlRefusal> {
        let mut next = self
            .here
            .url()
            .join(location)
            .map_err(|_| UrlRefusal::Malformed)?;
        next.set_fragment(None);
        if next.origin() != self.here.url().origin() && self.here.reach() != Reach::AllowedOnly {
            self.rights = SavedBy::Partner;
        }
        self.at_home &= next.origin() == self.home.origin();
        self.here = TargetUrl::parse(next.as_str(), self.rights, policy)?;
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

    fn from(home: &str, saved_by: SavedBy) -> Way {
        Way::begin(
            TargetUrl::parse(home, saved_by, &policy()).unwrap(),
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
            let mut way = from(HOME, SavedBy::Operator);
            let refused = way.go(target, &policy()).unwrap_err();
            assert_eq!(refused, UrlRefusal::BlockedAddress, "{target}");
        }
        // By way of another host neither, nor back at home.
        let mut way = from(HOME, SavedBy::Operator);
        way.go("https://cdn.example/feed.csv", &policy()).unwrap();
        assert_eq!(way.here().reach(), Reach::Public);
        way.go(HOME, &policy()).unwrap();
        assert_eq!(way.here().reach(), Reach::Public);
    }

    #[test]
    fn within_a_range_an_operators_url_may_lead_about() {
        let mut way = from(INSIDE, SavedBy::Operator);
        way.go("http://10.0.0.1/feed.csv", &policy()).unwrap();
        let refused = way.go("http://192.168.0.1/", &policy()).unwrap_err();
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
            let refused = from(HOME, SavedBy::Partner)
                .go(target, &policy())
                .unwrap_err();
            assert_eq!(refused, refusal, "{target}");
        }
    }

    #[test]
    fn home_is_one_origin_and_once_left_it_is_left() {
        for (target, stays) in [
            ("/other.csv#part", true),
            ("https://shop.example:443/x", true),
            ("https://shop.example:8443/x", false),
            ("https://www.shop.example/x", false),
        ] {
            let mut way = from(HOME, SavedBy::Partner);
            way.go(target, &policy()).unwrap();
            assert_eq!(way.is_at_home(), stays, "{target}");
        }
        let mut way = from(HOME, SavedBy::Partner);
        way.go("https://elsewhere.example/", &policy()).unwrap();
        way.go(HOME, &policy()).unwrap();
        assert!(!way.is_at_home());
    }
}
