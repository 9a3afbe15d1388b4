//! The frame of every page here.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use dabir_core::encode::html;
use dabir_room::assets;

use super::reader::Reader;

const TEMPLATE: &str = include_str!("page.html");
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'",
);

/// What stands in the frame.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) reader: Reader,
    /// Empty for a page that is called like the house.
    pub(crate) title: &'static str,
    /// Where the same is in the other language: empty for this very address.
    pub(crate) here: String,
    /// Markup; what people wrote in it is escaped.
    pub(crate) body: String,
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
            .replace("{{otherwise}}", &html(&self.otherwise()))
            .replace("{{other}}", pick("en", "fa"))
            .replace("{{other_language}}", pick("English", "فارسی"))
            .replace("{{icon}}", assets::name_of("seal-", ".svg"))
            .replace("{{style}}", assets::name_of("room-", ".css"))
            // Last, because what people wrote stands in it.
            .replace("{{body}}", &self.body)
    }

    /// The address of the same in the other language.
    fn otherwise(&self) -> String {
        let mark = if self.here.contains('?') { '&' } else { '?' };
        let other = self.reader.pick("en", "fa");
        format!("{}{mark}lang={other}", self.here)
    }

    /// Puts this page in the place of a response's body.
    pub(crate) fn replace(&self, response: &mut Response) {
        *response.body_mut() = Body::from(self.html());
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        for (name, value) in [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::VARY, "accept, accept-language, cookie"),
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

#[cfg(test)]
mod tests {
    use dabir_room::page::Lang;

    use super::*;

    fn page(lang: Lang, here: &str) -> String {
        let page = Page {
            reader: Reader { lang, asked: false },
            title: "t",
            here: here.to_owned(),
            body: String::new(),
        };
        page.html()
    }

    #[test]
    fn what_people_wrote_stays_text() {
        assert_eq!(html("<script>'\"&"), "&lt;script&gt;&#39;&quot;&amp;");
    }

    #[test]
    fn nothing_in_the_frame_stays_open() {
        for lang in [Lang::Fa, Lang::En] {
            assert!(!page(lang, "/").contains("{{"));
        }
    }

    #[test]
    fn the_other_language_is_one_step_away_and_keeps_the_address() {
        assert!(page(Lang::Fa, "").contains("href=\"?lang=en\""));
        let asking = page(Lang::En, "/sign-in?next=%2Fports");
        assert!(asking.contains("href=\"/sign-in?next=%2Fports&amp;lang=fa\""));
    }
}
