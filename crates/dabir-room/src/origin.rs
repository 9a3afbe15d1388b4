//! Which pages may open the WebSocket: the room's own, and those its description names.
//!
//! A browser says in `Origin` whose page it runs; other programs say nothing and need no check.

use std::net::SocketAddr;

use hyper::header::{self, HeaderMap};

/// Whether a request with these headers may open the WebSocket.
#[must_use]
pub fn is_allowed(headers: &HeaderMap, peer: SocketAddr, listed: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    is_listed(origin, listed) || is_own(origin, headers, peer)
}

fn is_listed(origin: &str, listed: &[String]) -> bool {
    let same = |allowed: &String| allowed.trim_end_matches('/').eq_ignore_ascii_case(origin);
    listed.iter().any(same)
}

fn is_own(origin: &str, headers: &HeaderMap, peer: SocketAddr) -> bool {
    let Some((_, authority)) = origin.split_once("://") else {
        return false;
    };
    let says = |name: &str| {
        let host = headers.get(name).and_then(|host| host.to_str().ok());
        host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
    };
    // Anybody may write X-Forwarded-Host; only the main port on this machine is believed.
    says("host") || (peer.ip().to_canonical().is_loopback() && says("x-forwarded-host"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{HeaderName, HeaderValue};

    fn check(peer: &str, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        let peer = peer.parse().unwrap();
        is_allowed(&headers, peer, &["https://meet.example/".to_owned()])
    }

    #[test]
    fn programs_and_the_rooms_own_page_come_in() {
        let away = "192.0.2.7:5000";
        assert!(check(away, &[("host", "room:8081")]));
        assert!(check(
            away,
            &[("host", "room:8081"), ("origin", "http://ROOM:8081")]
        ));
        assert!(check(
            away,
            &[("host", "room:8081"), ("origin", "https://meet.example")]
        ));
    }

    #[test]
    fn other_pages_stay_out() {
        let away = "192.0.2.7:5000";
        for origin in [
            "http://evil.example",
            "http://room",
            "http://room:80811",
            "null",
            "",
        ] {
            assert!(
                !check(away, &[("host", "room:8081"), ("origin", origin)]),
                "{origin}"
            );
        }
        assert!(!check(away, &[("origin", "http://room:8081")]));
    }

    #[test]
    fn only_the_main_port_may_speak_for_another_host() {
        let forwarded = [
            ("host", "127.0.0.1:8081"),
            ("x-forwarded-host", "public.example"),
            ("origin", "https://public.example"),
        ];
        assert!(check("127.0.0.1:5000", &forwarded));
        assert!(check("[::1]:5000", &forwarded));
        assert!(!check("192.0.2.7:5000", &forwarded));
    }
}
