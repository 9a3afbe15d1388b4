//! The frame of every page here, and the language of whoever reads it.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use dabir_room::assets;
use dabir_room::page::Lang;

const TEMPLATE: &str = include_str!("page.html");
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

/// Whoever reads a page, by their language: `?lang=`, else what their browser prefers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader(pub(super) Lang);

impl Reader {
    pub(super) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let asked = uri
            .query()
            .and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("lang=")));
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        Self(Lang::choose(asked, accepted))
    }

    /// One of two languages.
    pub(super) fn pick<'a>(self, fa: &'a str, en: &'a str) -> &'a str {
        match self.0 {
            Lang::Fa => fa,
            Lang::En => en,
        }
    }

    pub(super) fn tag(self) -> &'static str {
        self.pick("fa", "en")
    }

    /// The first page, in the language that this reader has chosen.
    pub(super) fn back_home(self) -> Redirect {
        Redirect::to(&format!("/?lang={}", self.tag()))
    }
}

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri, &parts.headers))
    }
}

/// What stands in the frame.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) reader: Reader,
    /// Empty for the first page, which is called like the house.
    pub(super) title: &'static str,
    /// Where the other language is: empty for this very address.
    pub(super) here: &'static str,
    /// Markup; what people wrote in it is escaped.
    pub(super) body: String,
}

impl Page {
    fn html(&self) -> String {
        let pick = |fa, en| self.reader.pick(fa, en);
        let brand = pick("دبیر", "Dabir");
        let title = match self.title {
            "" => brand.to_owned(),
            title => format!("{title} · {brand}"),
        };
        TEMPLATE
            .replace("{{lang}}", self.reader.tag())
            .replace("{{dir}}", pick("rtl", "ltr"))
            .replace("{{title}}", &title)
            .replace("{{brand}}", brand)
            .replace("{{seal}}", pick("د", "D"))
            .replace("{{here}}", self.here)
            .replace("{{other}}", pick("en", "fa"))
            .replace("{{other_language}}", pick("English", "فارسی"))
            .replace("{{icon}}", assets::name_of("seal-", ".svg"))
            .replace("{{style}}", assets::name_of("room-", ".css"))
            // Last, because what people wrote stands in it.
            .replace("{{body}}", &self.body)
    }

    /// Puts this page in the place of a response's body.
    pub(super) fn replace(&self, response: &mut Response) {
        *response.body_mut() = Body::from(self.html());
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        for (name, value) in [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::VARY, "accept, accept-language"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = Response::default();
        self.replace(&mut response);
        response
    }
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_stays_text() {
        assert_eq!(escape("<script>'\"&"), "&lt;script&gt;&#39;&quot;&amp;");
    }

    #[test]
    fn nothing_in_the_frame_stays_open() {
        for lang in [Lang::Fa, Lang::En] {
            let page = Page {
                reader: Reader(lang),
                title: "t",
                here: "/",
                body: String::new(),
            };
            assert!(!page.html().contains("{{"), "{}", page.html());
        }
    }
}
