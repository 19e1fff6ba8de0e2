//! Where a request comes from, as far as limits need to know, and no further.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use actix_web::HttpRequest;

/// A network: an address and how many of its leading bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl FromStr for Network {
    type Err = String;

    /// Reads `192.0.2.0/24`, `2001:db8::/32` or one address.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no address and no network such as 192.0.2.0/24");
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= all).ok_or_else(wrong)?,
            None => all,
        };
        Ok(Self { address, bits })
    }
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.bits);
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.bits);
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

/// The proxies whose word on whom they pass on is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<Network>);

impl Proxies {
    /// These, and no others.
    pub fn new(trusted: Vec<Network>) -> Self {
        Self(trusted)
    }

    fn trusted(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The address nearest to us that is not a trusted proxy's: what stands further left in
    /// `X-Forwarded-For` anybody may have written.
    pub(super) fn origin(&self, request: &HttpRequest) -> IpAddr {
        let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |at| at.ip());
        let headers: Vec<&str> = request
            .headers()
            .get_all("x-forwarded-for")
            .filter_map(|header| header.to_str().ok())
            .collect();
        self.first_untrusted(peer, &headers)
    }

    fn first_untrusted(&self, peer: IpAddr, headers: &[&str]) -> IpAddr {
        let mut nearest = peer;
        let passed = headers.iter().rev().flat_map(|header| header.rsplit(','));
        for text in passed {
            if !self.trusted(nearest) {
                break;
            }
            match text.trim().parse() {
                Ok(address) => nearest = address,
                // What a trusted proxy wrote is no address: go by the proxy.
                Err(_) => break,
            }
        }
        nearest
    }

    /// The network that a request of the staff came from, as the access log keeps it: never the whole
    /// address, and never of whoever has no login.
    pub(crate) fn network(&self, request: &HttpRequest) -> String {
        network(self.origin(request))
    }

    /// Whether the connection of the reader is encrypted, as the proxy says.
    pub(super) fn encrypted(&self, request: &HttpRequest) -> bool {
        let peer = request.peer_addr().map(|at| at.ip());
        let said = request.headers().get("x-forwarded-proto").and_then(|it| it.to_str().ok());
        peer.is_some_and(|peer| self.trusted(peer)) && said == Some("https")
    }
}

/// The part of an address that limits go by: of IPv4 the first 24 bits, of IPv6 the first 56.
///
/// Whoever rents addresses to try more often gets neighbours: 256 of IPv4 for little money, and of
/// IPv6 a /56 as any household does. A whole household, ward or library shares a budget either way,
/// behind one address or behind a few; the budgets are made for that.
pub(super) fn prefix(address: IpAddr) -> [u8; 8] {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            [4, a, b, c, 0, 0, 0, 0]
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, e, f, g, ..] = address.octets();
            [6, a, b, c, d, e, f, g]
        }
    }
}

/// The network an address is in: of IPv4 the first 24 bits, of IPv6 the first 56.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let kept = address.to_bits() & (u128::MAX << 72);
            format!("{}/56", std::net::Ipv6Addr::from_bits(kept))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn networks_are_read_and_held() {
        let network: Network = "10.1.0.0/16".parse().expect("a network");
        assert!(network.contains(at("10.1.255.1")) && !network.contains(at("10.2.0.1")));
        assert!(network.contains(at("::ffff:10.1.2.3")));
        let one: Network = "::1".parse().expect("an address");
        assert!(one.contains(at("::1")) && !one.contains(at("::2")));
        let every: Network = "0.0.0.0/0".parse().expect("a network");
        assert!(every.contains(at("192.0.2.1")) && !every.contains(at("::1")));
        for wrong in ["", "x", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0/8"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_what_a_trusted_proxy_says_is_believed() {
        let proxies = Proxies::new(vec!["10.0.0.0/8".parse().expect("a network")]);
        let (proxy, outside) = (at("10.0.0.1"), at("203.0.113.9"));
        let origin = |peer, headers: &[&str]| proxies.first_untrusted(peer, headers);
        assert_eq!(origin(outside, &["198.51.100.1"]), outside, "nobody asked");
        assert_eq!(origin(proxy, &[]), proxy);
        assert_eq!(origin(proxy, &["203.0.113.9"]), outside);
        assert_eq!(origin(proxy, &["198.51.100.1, 203.0.113.9, 10.0.0.2"]), outside);
        assert_eq!(origin(proxy, &["198.51.100.1", "203.0.113.9"]), outside, "made up before");
        assert_eq!(origin(proxy, &["nonsense"]), proxy);
    }

    #[test]
    fn a_network_is_no_address() {
        assert_eq!(network(at("192.0.2.77")), "192.0.2.0/24");
        assert_eq!(network(at("::ffff:192.0.2.77")), "192.0.2.0/24");
        assert_eq!(network(at("2001:db8:1:2ff:3::9")), "2001:db8:1:200::/56");
    }

    #[test]
    fn a_prefix_is_a_household_or_a_block() {
        assert_eq!(prefix(at("192.0.2.1")), prefix(at("192.0.2.254")));
        assert_ne!(prefix(at("192.0.2.1")), prefix(at("192.0.3.1")));
        assert_eq!(prefix(at("2001:db8:1:2::1")), prefix(at("2001:db8:1:ff::9")));
        assert_ne!(prefix(at("2001:db8:1:200::1")), prefix(at("2001:db8:1:300::1")));
        assert_eq!(prefix(at("::ffff:192.0.2.1")), prefix(at("192.0.2.77")));
    }
}
