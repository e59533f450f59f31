//! Which addresses belong to the public internet.
//!
//! The lists follow IANA's special-purpose address registries. An address that is not clearly
//! public is refused: for IPv6, only `2000::/3` is assigned to networks, and
//! special blocks inside it are excluded. Pure. Must not know operators' ranges.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is globally reachable and not special.
///
/// For a v4-mapped address, and one behind the well-known NAT64 prefix, the IPv4
/// address inside counts, because that is where its packets go.
#[must_use]
pub(crate) fn is_globally_routable(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4_is_routable(v4),
        IpAddr::V6(v6) => match behind_nat64(v6) {
            Some(v4) => v4_is_routable(v4),
            None => v6_is_routable(v6),
        },
    }
}

fn v4_is_routable(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network, private, loopback.
        [0 | 10 | 127, ..] => true,
        // Shared by carriers (100.64/10).
        [100, b, ..] => (64..128).contains(&b),
        // Link-local, where clouds keep their metadata service.
        [169, 254, ..] => true,
        // Private (172.16/12).
        [172, b, ..] => (16..32).contains(&b),
        // Protocol assignments, documentation, the 6to4 relays of old.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] => true,
        // Private.
        [192, 168, ..] => true,
        // Benchmarking (198.18/15) and documentation.
        [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // Multicast, reserved, broadcast.
        [first, ..] => first >= 224,
    };
    !special
}

fn v6_is_routable(address: Ipv6Addr) -> bool {
    let [a, b, c, _, e, f, ..] = address.segments();
    let handed_out = a & 0xe000 == 0x2000;
    let special = match (a, b) {
        // Protocol assignments (2001::/23), Teredo, benchmarking and ORCHID among them. The
        // few reachable ones in it are anycast services without webhooks.
        (0x2001, 0..=0x01ff) => true,
        // Documentation.
        (0x2001, 0x0db8) => true,
        // 6to4 carries any IPv4 address inside.
        (0x2002, _) => true,
        // Documentation (3fff::/20).
        (0x3fff, b) => b < 0x1000,
        // AS112 answers for private addresses' names, nothing else.
        (0x2620, 0x004f) => c == 0x8000,
        _ => false,
    };
    // ISATAP: an IPv4 address in the interface id, under any prefix.
    let isatap = e & !0x0300 == 0 && f == 0x5efe;
    handed_out && !special && !isatap
}

/// The IPv4 address behind `64:ff9b::/96`. The local-use prefix `64:ff9b:1::/48` is not decoded:
/// it leads wherever the network's owner chose.
fn behind_nat64(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [0x0064, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() else {
        return None;
    };
    Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use super::is_globally_routable;

    fn routable(address: &str) -> bool {
        is_globally_routable(address.parse().unwrap())
    }

    /// Each special block: the public address before it, its first, its last, the public
    /// address after it.
    const BLOCKS: &str = "
        - 0.0.0.0 0.255.255.255 1.0.0.0
        9.255.255.255 10.0.0.0 10.255.255.255 11.0.0.0
        100.63.255.255 100.64.0.0 100.127.255.255 100.128.0.0
        126.255.255.255 127.0.0.0 127.255.255.255 128.0.0.0
        169.253.255.255 169.254.0.0 169.254.255.255 169.255.0.0
        172.15.255.255 172.16.0.0 172.31.255.255 172.32.0.0
        191.255.255.255 192.0.0.0 192.0.0.255 192.0.1.0
        192.0.1.255 192.0.2.0 192.0.2.255 192.0.3.0
        192.88.98.255 192.88.99.0 192.88.99.255 192.88.100.0
        192.167.255.255 192.168.0.0 192.168.255.255 192.169.0.0
        198.17.255.255 198.18.0.0 198.19.255.255 198.20.0.0
        198.51.99.255 198.51.100.0 198.51.100.255 198.51.101.0
        203.0.112.255 203.0.113.0 203.0.113.255 203.0.114.0
        223.255.255.255 224.0.0.0 255.255.255.255 -
        - :: 1fff:ffff:: 2000::
        2000:ffff:: 2001:: 2001:1ff:ffff:: 2001:200::
        2001:db7:ffff:: 2001:db8:: 2001:db8:ffff:: 2001:db9::
        2001:ffff:: 2002:: 2002:ffff:: 2003::
        2620:4f:7fff:: 2620:4f:8000:: 2620:4f:8000:ffff:: 2620:4f:8001::
        3ffe:ffff:: 3fff:: 3fff:fff:ffff:: 3fff:1000::
        3fff:ffff:: 4000:: ffff:ffff:: -
    ";

    #[test]
    fn blocks_end_exactly_where_the_registries_say() {
        let blocks = BLOCKS.lines().filter(|line| !line.trim().is_empty());
        for block in blocks {
            let [before, first, last, after] = block
                .split_whitespace()
                .collect::<Vec<_>>()
                .try_into()
                .unwrap();
            assert!(!routable(first), "{first}");
            assert!(!routable(last), "{last}");
            for outside in [before, after] {
                assert!(outside == "-" || routable(outside), "{outside}");
            }
        }
    }

    #[test]
    fn an_address_inside_another_does_not_slip_through() {
        for hidden in [
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::8.8.8.8",
            "2002:7f00:1::",
            "2001:0:4136:e378:8000:63bf:80ff:fffe",
            "2a00:1450::5efe:10.0.0.1",
            "2a00:1450::200:5efe:8.8.8.8",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "5f00::1",
            "100::1",
        ] {
            assert!(!routable(hidden), "{hidden}");
        }
        for public in [
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2a00:1450:4001:830::200e",
        ] {
            assert!(routable(public), "{public}");
        }
    }
}
