//! The console's page, filled in for one reader: language, direction, theme, and who they are.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dabir_http::{Identity, Problem, Role};
use serde::Serialize;

use super::files;
use crate::pages::{Look, Reader};

/// Beside what every answer carries.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::VARY,
        HeaderValue::from_static("accept-language, cookie"),
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
             img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
             form-action 'self'; frame-ancestors 'none'",
        ),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
];

/// Where the page wants to be told who is signed in.
const BOOT: &str = "<!--dabir:boot-->";

/// What the page's script begins with.
#[derive(Serialize)]
struct Boot<'a> {
    user: BootUser<'a>,
    version: &'static str,
}

#[derive(Serialize)]
struct BootUser<'a> {
    name: &'a str,
    role: Role,
}

/// The page for somebody who has the console.
pub(super) fn console(
    status: StatusCode,
    reader: Reader,
    look: &Look,
    identity: &Identity,
) -> Result<Response, Problem> {
    let template = files::template().ok_or_else(not_built)?;
    let boot = boot(&identity.name, identity.role)?;
    let page = fill(&template, reader, look, &boot).ok_or_else(not_built)?;
    Ok((status, HEADERS, page).into_response())
}

fn not_built() -> Problem {
    Problem::unavailable(
        "console.missing",
        "the console is not built; run `make web`",
    )
}

/// Who is signed in, as JSON that ends no script element.
fn boot(name: &str, role: Role) -> Result<String, Problem> {
    let boot = Boot {
        user: BootUser { name, role },
        version: env!("CARGO_PKG_VERSION"),
    };
    let json = serde_json::to_string(&boot).map_err(|error| Problem::internal(&error))?;
    Ok(json.replace('<', "\\u003c"))
}

/// The template with its `<html …>` and its boot data set; `None` when it has no place for them.
fn fill(template: &str, reader: Reader, look: &Look, boot: &str) -> Option<String> {
    let (doctype, rest) = template.split_once("<html ")?;
    let (_, rest) = rest.split_once('>')?;
    let (head, rest) = rest.split_once(BOOT)?;
    let (lang, dir, theme) = (reader.tag(), reader.pick("rtl", "ltr"), look.theme());
    Some(format!(
        "{doctype}<html lang=\"{lang}\" dir=\"{dir}\" data-theme=\"{theme}\">{head}\
         <script type=\"application/json\" id=\"boot\">{boot}</script>{rest}"
    ))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, Uri};

    use super::*;

    #[test]
    fn no_name_ends_the_boot_data() {
        let name = "</script><!--<script>\u{2028}\"&";
        let json = boot(name, Role::Operator).unwrap();
        assert!(!json.contains('<'), "{json}");
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["user"]["name"], name);
        assert_eq!(read["user"]["role"], "operator");
    }

    #[test]
    fn the_built_page_has_a_place_for_all_that_is_filled_in() {
        let template = files::template().expect("`make web` builds it");
        let headers: HeaderMap = [(
            header::COOKIE,
            "dabir_look=lang=fa&theme=dark".parse().unwrap(),
        )]
        .into_iter()
        .collect();
        let reader = Reader::of(&Uri::from_static("/"), &headers);
        let page = fill(&template, reader, &Look::of(&headers), "{}").unwrap();
        assert!(page.contains("<html lang=\"fa\" dir=\"rtl\" data-theme=\"dark\">"));
        assert!(page.contains("id=\"boot\">{}</script>") && !page.contains(BOOT));
        assert_eq!(page.matches("<html").count(), 1);
        assert!(
            !page.contains("style=\"") && !page.contains("<style") && !page.contains("onload=")
        );
    }
}
