//! URLs of files: what is taken apart, what is refused, and where connections go.

use std::sync::Arc;
use std::time::Duration;

use super::ftps::data_connection;
use super::*;
use crate::egress::testing::{FakeDns, Receiver};

fn parse(text: &str, saved_by: SavedBy, ranges: &str) -> Result<FileUrl, FileUrlRefusal> {
    FileUrl::parse(text, saved_by, &EgressPolicy::parse(ranges).unwrap())
}

#[test]
fn a_url_is_taken_apart() {
    for (text, shown, user, port, path) in [
        (
            "sftp://ann@Shop.example/feeds/a.csv",
            "sftp://shop.example/feeds/a.csv",
            Some("ann"),
            22,
            "/feeds/a.csv",
        ),
        (
            "SFTP://shop.example:22/a.csv",
            "sftp://shop.example/a.csv",
            None,
            22,
            "/a.csv",
        ),
        (
            "sftp://shop.example:2222/~/a%20b.csv",
            "sftp://shop.example:2222/~/a%20b.csv",
            None,
            2222,
            "a b.csv",
        ),
        (
            "ftps://a%40b@shop.example/a.csv",
            "ftps://shop.example/a.csv",
            Some("a@b"),
            990,
            "/a.csv",
        ),
        (
            "ftpes://shop.example/x/../a.csv",
            "ftpes://shop.example/a.csv",
            None,
            21,
            "/a.csv",
        ),
    ] {
        let url = parse(text, SavedBy::Partner, "").unwrap();
        assert_eq!(url.as_str(), shown);
        assert_eq!(
            (url.user(), url.port, url.path()),
            (user, port, path),
            "{text}"
        );
    }
}

#[test]
fn what_the_guard_refuses_of_https_it_refuses_of_files() {
    for (text, code) in [
        ("ftp://shop.example/a.csv", "scheme"),
        ("sftp:shop.example/a.csv", "malformed"),
        ("sftp:///etc/passwd", "malformed"),
        ("sftp://shop.example", "malformed"),
        ("sftp://shop.example/feeds/", "malformed"),
        ("sftp://shop.example/a.csv?x", "malformed"),
        ("sftp://shop.example/a.csv#x", "fragment"),
        ("sftp://shop.example/a%0d%0aDELE%20b", "malformed"),
        ("sftp://ann%00@shop.example/a.csv", "malformed"),
        ("sftp://ann:secret@shop.example/a.csv", "userinfo"),
        ("sftp://shop.example:25/a.csv", "port"),
        ("sftp://shop.example:443/a.csv", "port"),
        ("sftp://shop.example:0443/a.csv", "port"),
        ("sftp://shop.example:80/a.csv", "port"),
        ("ftps://shop.example:22/a.csv", "port"),
        ("sftp://shop.example:0/a.csv", "port"),
    ] {
        let refused = parse(text, SavedBy::Partner, "").unwrap_err();
        assert_eq!(refused.code(), code, "{text}");
    }
}

#[test]
fn what_is_inside_is_for_operators_and_their_ranges() {
    use SavedBy::{Operator, Partner};
    for (text, saved_by, ranges) in [
        ("sftp://127.0.0.1/a.csv", Partner, ""),
        ("sftp://2130706433/a.csv", Partner, ""),
        ("sftp://0x7f.1/a.csv", Partner, ""),
        ("ftps://[::ffff:10.0.0.1]/a.csv", Partner, ""),
        ("ftpes://169.254.169.254/a.csv", Operator, "10.0.0.0/8"),
        ("sftp://localhost/a.csv", Operator, ""),
        ("sftp://files.internal/a.csv", Partner, "10.0.0.0/8"),
        ("sftp://10.0.0.1/a.csv", Partner, "10.0.0.0/8"),
    ] {
        let refused = parse(text, saved_by, ranges).unwrap_err();
        assert_eq!(refused.code(), "blocked_address", "{text}");
    }
    let inside = parse("sftp://10.0.0.1:25/a.csv", Operator, "10.0.0.0/8").unwrap();
    assert_eq!(inside.reach, Reach::AllowedOnly);
    let name = parse("sftp://files.internal:25/a.csv", Operator, "10.0.0.0/8").unwrap();
    assert_eq!(name.reach, Reach::AllowedOnly);
    let name = parse("sftp://files.internal/a.csv", Operator, "10.0.0.0/8").unwrap();
    assert_eq!(name.reach, Reach::PublicOrAllowed);
}

#[tokio::test]
async fn a_name_that_resolves_to_a_private_address_is_not_connected_to() {
    let receiver = Receiver::start(([127, 0, 0, 1], 0).into(), |_| async {})
        .await
        .unwrap();
    let text = format!("sftp://shop.example:{}/a.csv", receiver.address.port());
    for (saved_by, ranges, expected) in [
        (SavedBy::Partner, "", Some(ConnectFailure::Blocked)),
        (
            SavedBy::Partner,
            "127.0.0.0/8",
            Some(ConnectFailure::Blocked),
        ),
        (
            SavedBy::Operator,
            "10.0.0.0/8",
            Some(ConnectFailure::Blocked),
        ),
        (SavedBy::Operator, "127.0.0.0/8", None),
    ] {
        let policy = EgressPolicy::parse(ranges).unwrap();
        let url = FileUrl::parse(&text, saved_by, &policy).unwrap();
        let names: Arc<FakeDns> = FakeDns::all_resolve_to(&["127.0.0.1"]);
        let connector = FileConnector::new(policy, names, Duration::from_secs(1)).unwrap();
        let connected = connector.connect(&url).await;
        assert_eq!(connected.err(), expected, "{ranges}");
    }
}

#[tokio::test]
async fn a_data_connection_goes_to_a_high_port_of_the_sessions_host() {
    let receiver = Receiver::start(([127, 0, 0, 1], 0).into(), |_| async {});
    let data = receiver.await.unwrap().address;
    let named = |port| ([192, 0, 2, 1], port).into();
    let connected = data_connection(([127, 0, 0, 1], 21).into(), named(data.port())).await;
    assert_eq!(connected.unwrap().peer_addr().unwrap(), data);
    let refused = data_connection(([127, 0, 0, 1], 21).into(), named(1023)).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.ends_with("permission denied"), "{refused}");
}
