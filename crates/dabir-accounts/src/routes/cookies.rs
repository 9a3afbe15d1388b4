//! The two cookies of a session. `__Host-` ties them to this host, every path and a secure channel,
//! so that no other host and no room can set them.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::AppendHeaders;

use crate::service::SignedIn;

pub(super) const ACCESS: &str = "__Host-dabir_at";
pub(super) const REFRESH: &str = "__Host-dabir_rt";

/// Both cookies, as an answer carries them.
pub type SetCookies = AppendHeaders<[(header::HeaderName, HeaderValue); 2]>;

impl SignedIn {
    /// What makes the browser keep the session.
    pub fn cookies(&self) -> SetCookies {
        // The access token is sent although it is old: it names the session that asks to go on.
        set([
            (ACCESS, self.access.as_str(), self.max_age),
            (REFRESH, self.refresh.as_str(), self.max_age),
        ])
    }
}

/// What makes the browser forget the session.
pub fn forget() -> SetCookies {
    set([(ACCESS, "", 0), (REFRESH, "", 0)])
}

fn set(cookies: [(&str, &str, i64); 2]) -> SetCookies {
    AppendHeaders(cookies.map(|(name, value, age)| {
        let text =
            format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={age}");
        // Tokens are letters, digits, dots, dashes and underscores.
        let value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
        (header::SET_COOKIE, value)
    }))
}

/// The cookie of this name. One that comes twice was put there by somebody else, and counts as none.
pub(super) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
    let first = found.next();
    found.next().map_or(first, |_| None)
}

/// Whether a browser that knows us sent this.
pub(super) fn any(headers: &HeaderMap) -> bool {
    let text = |value: &HeaderValue| {
        value
            .to_str()
            .is_ok_and(|text| text.contains("__Host-dabir"))
    };
    headers.get_all(header::COOKIE).iter().any(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(cookies: &[&str]) -> HeaderMap {
        let lines = cookies.iter();
        lines
            .map(|line| (header::COOKIE, line.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_cookie_is_found_among_others_and_not_when_it_was_tossed_in() {
        let find = |cookies: &[&str]| find(&with(cookies), ACCESS).map(str::to_owned);
        let good = "__Host-dabir_at=good";
        assert_eq!(
            find(&["a=b; __Host-dabir_at=good"]).as_deref(),
            Some("good")
        );
        assert_eq!(find(&["a=b", good]).as_deref(), Some("good"));
        assert_eq!(find(&["__Host-dabir_atx=good; x__Host-dabir_at=no"]), None);
        assert_eq!(find(&["__Host-dabir_at=evil; __Host-dabir_at=good"]), None);
        assert_eq!(find(&[good, good]), None);
    }
}
