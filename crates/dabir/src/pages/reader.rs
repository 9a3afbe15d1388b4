//! Who reads a page: in which language, in which theme.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use dabir_room::page::Lang;
use form_urlencoded::Serializer;

/// The cookie that the console notes its reader's wishes in, form-encoded.
const LOOK: &str = "dabir_look";
const THEMES: [&str; 3] = ["auto", "light", "dark"];

/// Whoever reads a page, by their language: `?lang=`, else what this browser was told, else what it prefers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader {
    pub(crate) lang: Lang,
    /// Whether the address asked for it.
    pub(crate) asked: bool,
}

impl Reader {
    pub(crate) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let query = uri.query().unwrap_or_default();
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
        let look = Look::of(headers);
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        Self {
            lang: Lang::choose(asked.or(look.get("lang")), accepted),
            asked: asked.is_some(),
        }
    }

    /// One of two languages.
    pub(crate) fn pick<'a>(self, fa: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Fa => fa,
            Lang::En => en,
        }
    }

    pub(crate) fn tag(self) -> &'static str {
        self.pick("fa", "en")
    }

    /// What keeps a language that the address asked for, at the end of another address.
    pub(crate) fn kept(self) -> &'static str {
        match self.asked {
            true => self.pick("?lang=fa", "?lang=en"),
            false => "",
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri, &parts.headers))
    }
}

/// What one browser was told about how its pages should look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Look(Vec<(String, String)>);

impl Look {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let cookies = headers.get_all(header::COOKIE).iter();
        let noted = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(LOOK)?.strip_prefix('='));
        let pairs = form_urlencoded::parse(noted.unwrap_or_default().as_bytes());
        Self(pairs.into_owned().collect())
    }

    fn get(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    /// `auto`, `light` or `dark`.
    pub(crate) fn theme(&self) -> &'static str {
        let noted = self.get("theme").unwrap_or_default();
        let known = THEMES.into_iter().find(|theme| *theme == noted);
        known.unwrap_or(THEMES[0])
    }

    /// Whether this browser was told a language.
    pub(crate) fn has_language(&self) -> bool {
        self.get("lang").is_some()
    }

    /// What makes the browser read in this language from now on.
    pub(crate) fn in_language(&self, lang: Lang) -> HeaderValue {
        let tag = Reader { lang, asked: true }.tag();
        let others = self.0.iter().filter(|(key, _)| key != "lang");
        let pairs = Serializer::new(format!("lang={tag}"))
            .extend_pairs(others)
            .finish();
        let cookie = format!("{LOOK}={pairs}; Path=/; Max-Age=31536000; SameSite=Lax");
        // Form-encoded text is ASCII.
        HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""))
    }
}

impl<S: Sync> FromRequestParts<S> for Look {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let name = header::HeaderName::from_static(name);
            (name, value.parse().unwrap())
        });
        pairs.collect()
    }

    #[test]
    fn the_address_comes_before_the_cookie_and_the_cookie_before_the_browser() {
        let persian = ("accept-language", "fa-IR,fa;q=0.9");
        let english = ("cookie", "a=b; dabir_look=theme=dark&lang=en");
        let check = |address: &'static str, pairs: &[_], tag| {
            let reader = Reader::of(&Uri::from_static(address), &headers(pairs));
            assert_eq!(
                (reader.tag(), reader.asked),
                (tag, address.contains("lang="))
            );
        };
        check("/", &[persian], "fa");
        check("/", &[persian, english], "en");
        check("/?x=1&lang=fa", &[english], "fa");
        check("/", &[("cookie", "dabir_look=lang=xx"), persian], "fa");
        check("/", &[], "en");
    }

    #[test]
    fn a_theme_is_one_of_three() {
        let check =
            |cookie, theme| assert_eq!(Look::of(&headers(&[("cookie", cookie)])).theme(), theme);
        check("dabir_look=lang=fa&theme=dark", "dark");
        check("dabir_look=theme=light", "light");
        check("dabir_look=theme=%22%3E%3Cscript%3E", "auto");
        check("dabir_look=", "auto");
        check("xdabir_look=theme=dark", "auto");
    }

    #[test]
    fn another_language_leaves_the_other_wishes_alone() {
        let look = Look::of(&headers(&[(
            "cookie",
            "dabir_look=lang=fa&zone=Asia%2FTehran&theme=dark",
        )]));
        let cookie = look.in_language(Lang::En);
        let cookie = cookie.to_str().unwrap();
        let noted = "dabir_look=lang=en&zone=Asia%2FTehran&theme=dark; Path=/;";
        assert!(cookie.starts_with(noted), "{cookie}");
    }
}
