//! What is refused when a URL is saved because it could never be reached, and what its saver is told.

use crate::egress::*;

fn policy(ranges: &str) -> EgressPolicy {
    EgressPolicy::parse(ranges).unwrap()
}

#[test]
fn a_name_that_can_never_be_reached_is_refused_when_it_is_saved() {
    let read = |url: &str, ranges: &str| {
        TargetUrl::parse(url, SavedBy::Operator, &policy(ranges)).map(drop)
    };
    let blocked = Err(UrlRefusal::BlockedAddress);
    for url in [
        "https://localhost/hooks",
        "https://api.localhost:8443/hooks",
        "https://receiver/hooks",
        "https://printer.local/hooks",
        "https://hooks.svc.internal/",
        "https://nowhere.invalid/",
        "https://router.home.arpa/",
    ] {
        assert_eq!(read(url, ""), blocked, "{url}");
    }
    // In an operator's own network names mean what its name server says.
    for url in [
        "http://receiver/hooks",
        "https://hooks.svc.internal/",
        "https://printer.local/",
    ] {
        assert_eq!(read(url, "10.0.0.0/8"), Ok(()), "{url}");
    }
    assert_eq!(read("http://localhost:8080/", "10.0.0.0/8"), blocked);
    assert_eq!(read("http://localhost:8080/", "127.0.0.0/8"), Ok(()));
    assert_eq!(
        read("http://10.0.0.1:0/", "10.0.0.0/8"),
        Err(UrlRefusal::Port)
    );
    assert_eq!(read("https://shop.example/", ""), Ok(()));
}

#[test]
fn an_operator_reads_what_to_set_and_a_partner_does_not() {
    let message = |saved_by| UrlRefusal::BlockedAddress.message_for(saved_by);
    assert!(message(SavedBy::Operator).contains("BUYWIRE_ALLOW_PRIVATE"));
    assert!(!message(SavedBy::Partner).contains("BUYWIRE"));
}
