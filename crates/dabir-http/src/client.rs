//! From which address a request comes: the connection's other end, or, when that is a trusted
//! proxy, the last address in `X-Forwarded-For` that no trusted proxy has.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(pub IpAddr);

impl Client {
    /// The address that [`Client::find`] found, else the connection's other end; `None` for a
    /// request that came over no connection.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Option<Self> {
        extensions
            .get::<Self>()
            .copied()
            .or_else(|| peer(extensions).map(Self))
    }

    /// Looks behind the proxies of `trusted`.
    #[must_use]
    pub fn find(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> Option<Self> {
        let is_trusted = |ip: IpAddr| trusted.iter().any(|net| net.contains(&ip));
        let mut seen = peer(extensions)?;
        let lines = headers.get_all("x-forwarded-for").iter();
        let hops: Vec<&str> = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .collect();
        for hop in hops.iter().rev() {
            if !is_trusted(seen) {
                break;
            }
            // What a trusted proxy did not write as an address came from before it.
            let Ok(before) = hop.trim().parse::<IpAddr>() else {
                break;
            };
            seen = before.to_canonical();
        }
        Some(Self(seen))
    }

    /// What limits count: an address of IPv4, and of IPv6 the network that one household has.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(ip) => {
                let mut segments = ip.segments();
                segments[4..].fill(0);
                IpAddr::from(segments)
            }
        }
    }
}

fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(peer.0.ip().to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut extensions = Extensions::new();
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        extensions.insert(ConnectInfo(peer));
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        let client = Client::find(&extensions, &headers, &trusted).unwrap();
        client.0.to_string()
    }

    #[test]
    fn only_the_last_hop_that_no_trusted_proxy_has_counts() {
        let proxies = ["10.0.0.0/8", "::1/128"];
        #[rustfmt::skip]
        let cases: [(&str, &[&str], &[&str], &str); 8] = [
            ("192.0.2.1", &["6.6.6.6"], &[], "192.0.2.1"),
            ("192.0.2.1", &["6.6.6.6"], &proxies, "192.0.2.1"),
            ("10.0.0.1", &["6.6.6.6, 198.51.100.7"], &proxies, "198.51.100.7"),
            ("10.0.0.1", &["6.6.6.6", "198.51.100.7, 10.9.9.9"], &proxies, "198.51.100.7"),
            ("10.0.0.1", &["10.0.0.5"], &proxies, "10.0.0.5"),
            ("10.0.0.1", &["6.6.6.6, nonsense"], &proxies, "10.0.0.1"),
            ("10.0.0.1", &[], &proxies, "10.0.0.1"),
            ("::ffff:10.0.0.1", &["2001:db8::7"], &proxies, "2001:db8::7"),
        ];
        for (peer, forwarded, trusted, client) in cases {
            assert_eq!(found(peer, forwarded, trusted), client, "{forwarded:?}");
        }
    }

    #[test]
    fn one_household_is_one_network() {
        let network = |ip: &str| Client(ip.parse().unwrap()).network().to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }
}
