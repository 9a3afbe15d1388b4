//! Where somebody was going when they were asked to sign in.

use axum::http::Uri;
use axum::response::Redirect;
use form_urlencoded::byte_serialize;

/// The longest address that is worth coming back to.
const MAX_BYTES: usize = 2_000;
/// Nobody was going to these.
const WAYS_IN: [&str; 3] = ["/sign-in", "/sign-out", "/start/"];

/// An address of this house; the first page when another was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Next(String);

impl Next {
    /// The address as somebody wrote it: anything may stand there.
    pub(crate) fn parse(text: &str) -> Self {
        let ours = is_local(text) && !WAYS_IN.iter().any(|way| text.starts_with(way));
        Self(if ours { text } else { "/" }.to_owned())
    }

    /// The address of a request, without the language that the page was wanted in.
    pub(crate) fn of(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or_default().split('&');
        let kept: Vec<&str> = query.filter(|pair| !pair.starts_with("lang=")).collect();
        let kept = kept.join("&");
        let mark = if kept.is_empty() { "" } else { "?" };
        Self::parse(&format!("{}{mark}{kept}", uri.path()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Where one signs in and then comes back here.
    pub(crate) fn sign_in(&self) -> String {
        match self.as_str() {
            "/" => "/sign-in".to_owned(),
            next => {
                let next: String = byte_serialize(next.as_bytes()).collect();
                format!("/sign-in?next={next}")
            }
        }
    }

    pub(crate) fn redirect(&self) -> Redirect {
        Redirect::to(self.as_str())
    }
}

/// Whether a browser stays on this host: it reads `\` as `/`, leaves out tabs and line breaks, and
/// takes what follows two slashes for a host.
fn is_local(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    text.len() <= MAX_BYTES
        && text.starts_with('/')
        && !text.starts_with("//")
        && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_addresses_of_this_house_alone() {
        for ours in [
            "/",
            "/meetings/a1?state=running&x=%D8%AF#log",
            "/j/abc",
            "/a//b",
        ] {
            assert_eq!(Next::parse(ours).as_str(), ours);
        }
        let long = format!("/{}", "a".repeat(MAX_BYTES));
        #[rustfmt::skip]
        let others = [
            "", "meetings", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
            "/\n/evil.example", " /meetings", "https://evil.example/", "javascript:alert(1)", "/a\r\nset-cookie: x=1", "/جلسه",
            "/sign-in?next=/sign-in", "/sign-out", "/start/key", &long,
        ];
        for other in others {
            assert_eq!(Next::parse(other).as_str(), "/", "{other:?}");
        }
    }

    #[test]
    fn the_page_s_language_is_no_part_of_where_one_was_going() {
        let of = |uri| Next::of(&Uri::from_static(uri));
        assert_eq!(
            of("/meetings?state=live&lang=fa&x=1").as_str(),
            "/meetings?state=live&x=1"
        );
        assert_eq!(of("/?lang=fa"), Next::parse("/"));
        assert_eq!(
            of("/ports?port=1").sign_in(),
            "/sign-in?next=%2Fports%3Fport%3D1"
        );
        assert_eq!(of("/").sign_in(), "/sign-in");
    }
}
