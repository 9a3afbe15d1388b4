//! Whether a request that changes something was made by a page of ours.
//!
//! A browser sends a person's cookies with whatever any page makes it send. Rooms live on other
//! ports of the same host, so what browsers call the same site is not enough.

use axum::http::{HeaderMap, HeaderName, Method, header};

/// Whether the request may change something. `has_cookie` says that a cookie of ours came with it.
#[must_use]
pub fn is_ours(method: &Method, headers: &HeaderMap, origins: &[String], has_cookie: bool) -> bool {
    // A program that names a token acts for itself; no browser adds that header for a page.
    let is_safe = method.is_safe() && !is_socket(headers);
    if is_safe || headers.contains_key(header::AUTHORIZATION) {
        return true;
    }
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    match text(header::ORIGIN) {
        Some(origin) => origins.iter().any(|ours| ours == origin),
        None => !has_cookie,
    }
}

/// Whether a WebSocket is asked for: a page may read what comes through one, whosever it is.
fn is_socket(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE);
    upgrade.is_some_and(|kind| kind.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Whether a page elsewhere made a browser ask. What it may not read it has no reason to ask for.
#[must_use]
pub fn is_foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|site| site == "same-site" || site == "cross-site")
}

/// Whether a body that came with a cookie has a type that no foreign page's form can send: for any
/// other a browser asks us first whether the page may, and we never say so.
#[must_use]
pub fn is_no_form(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let kind = kind.to_str().unwrap_or("").to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or("").trim();
    let of_ours = [
        "application/json",
        "text/csv",
        "application/offset+octet-stream",
    ];
    of_ours.contains(&kind)
        || (kind == "multipart/form-data" && headers.contains_key("x-dabir-csrf"))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs<'a> = &'a [(&'static str, &'static str)];

    fn of(pairs: Pairs<'_>) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, value.parse().unwrap())
        });
        pairs.collect()
    }

    #[test]
    fn only_our_own_pages_and_programs_may_change_something() {
        let origins = ["https://meet.example".to_owned()];
        let check = |pairs, cookie| is_ours(&Method::POST, &of(pairs), &origins, cookie);
        let site = "sec-fetch-site";
        #[rustfmt::skip]
        let cases: [(Pairs<'_>, bool, bool); 11] = [
            (&[(site, "same-origin")], true, true),
            // A room on another port of this host.
            (&[(site, "same-site"), ("origin", "https://meet.example")], true, false),
            (&[(site, "cross-site"), ("origin", "https://meet.example")], true, false),
            (&[(site, "none")], true, false),
            (&[("origin", "https://meet.example")], true, true),
            (&[("origin", "https://meet.example:444"), ("host", "meet.example:444")], true, false),
            (&[("origin", "null")], true, false),
            // Signing somebody else in is a change too, and comes without a cookie.
            (&[(site, "cross-site")], false, false),
            (&[("origin", "https://evil.example")], false, false),
            // A program that signs in, and one that sends a cookie it found.
            (&[], false, true),
            (&[], true, false),
        ];
        for (pairs, cookie, ours) in cases {
            assert_eq!(check(pairs, cookie), ours, "{pairs:?} {cookie}");
        }
        assert!(check(
            &[("authorization", "Bearer x"), (site, "cross-site")],
            true
        ));
        assert!(is_ours(
            &Method::GET,
            &of(&[(site, "cross-site")]),
            &origins,
            true
        ));
    }

    #[test]
    fn only_our_own_pages_and_programs_may_open_a_socket() {
        let origins = ["https://meet.example".to_owned()];
        let check = |pairs: Pairs<'_>| {
            let mut headers = of(pairs);
            headers.insert(header::UPGRADE, "WebSocket".parse().unwrap());
            is_ours(&Method::GET, &headers, &origins, true)
        };
        assert!(check(&[("origin", "https://meet.example")]));
        assert!(!check(&[("origin", "https://evil.example")]));
        assert!(!check(&[]));
        assert!(check(&[("authorization", "Bearer x")]));
    }

    #[test]
    fn what_a_form_can_send_is_neither_json_nor_a_table() {
        let check = |pairs: Pairs<'_>| is_no_form(&of(pairs));
        assert!(check(&[]));
        for ours in [
            "application/json; charset=utf-8",
            "text/csv",
            "Text/CSV; header=present",
            "application/offset+octet-stream",
        ] {
            assert!(check(&[("content-type", ours)]), "{ours}");
        }
        for form in [
            "",
            "text/plain",
            "text/plain; text/csv",
            "text/plain, text/csv",
            "text/csvx",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ] {
            assert!(!check(&[("content-type", form)]), "{form}");
        }
        let upload = ("content-type", "multipart/form-data; boundary=x");
        assert!(check(&[upload, ("x-dabir-csrf", "1")]));
    }
}
