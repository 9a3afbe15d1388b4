//! `GET /p/{secret}`: a document as a page for everybody who has its address. No script, nothing from
//! elsewhere, not for search engines.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use dabir_core::encode::html;
use dabir_http::{Problem, Stranger};

use crate::documents::service::{Documents, Page};

/// The longest address that is looked for.
const MAX_SECRET: usize = 64;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{max-width:44rem;margin:0 auto;padding:2rem 1rem;font-family:Vazirmatn,Tahoma,system-ui,sans-serif;\
font-size:1.0625rem;line-height:1.85;overflow-wrap:break-word}\
h1,h2,h3,h4{line-height:1.4;margin:1.6em 0 .5em}header h1{margin-top:0}\
a{color:LinkText}img{max-width:100%;height:auto}\
table{border-collapse:collapse;display:block;overflow-x:auto}\
td,th{border:1px solid GrayText;padding:.3rem .6rem;text-align:start;vertical-align:top}\
blockquote{border-inline-start:3px solid GrayText;margin-inline:0;padding-inline-start:1rem}\
pre{overflow-x:auto;padding:.75rem;border:1px solid GrayText;line-height:1.5}\
code,pre{font-family:ui-monospace,monospace;font-size:.9em}\
.pre-wrap{white-space:pre-wrap}.mention{font-weight:600}\
@media print{body{max-width:none;padding:0;font-size:11pt}a{color:inherit;text-decoration:none}\
h1,h2,h3,h4{break-after:avoid}tr,img,pre{break-inside:avoid}table{display:table}@page{margin:2cm}}";

const GONE: &str = "<main><h1 dir=\"rtl\" lang=\"fa\">این پیوند به جایی نمی‌رسد</h1>\
<p dir=\"rtl\" lang=\"fa\">صاحب سند آن را پس گرفته، یا مهلتش تمام شده، یا نشانی درست نوشته نشده است. \
از کسی که پیوند را فرستاده بپرسید.</p>\
<h1 dir=\"ltr\" lang=\"en\">This link leads nowhere</h1>\
<p dir=\"ltr\" lang=\"en\">The owner took it back, it has ended, or the address is not written right. \
Ask whoever sent it.</p></main>";

pub(super) fn routes() -> Router<Documents> {
    Router::new()
        .route("/p/{secret}", get(show))
        .route("/p/{secret}/files/{file}", get(picture))
}

async fn show(
    _: Stranger,
    State(documents): State<Documents>,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    let page = match secret.len() <= MAX_SECRET {
        true => documents.page(&secret).await?,
        false => None,
    };
    Ok(match page {
        Some(page) => (StatusCode::OK, headers(), write(&page)).into_response(),
        None => (StatusCode::NOT_FOUND, headers(), gone()).into_response(),
    })
}

async fn picture(
    _: Stranger,
    State(documents): State<Documents>,
    Path((secret, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let picture = match secret.len() <= MAX_SECRET {
        true => documents.page_picture(&secret, &file).await?,
        false => None,
    };
    let Some(picture) = picture else {
        return Ok((StatusCode::NOT_FOUND, headers(), gone()).into_response());
    };
    let mut headers = headers();
    if let Ok(kind) = HeaderValue::from_str(&picture.media_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    Ok((headers, picture.bytes).into_response())
}

fn headers() -> HeaderMap {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'; sandbox allow-popups allow-top-navigation-by-user-activation",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // The address is the secret: no other page is told it, and nothing keeps it.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    headers.into_iter().collect()
}

fn write(page: &Page) -> String {
    let lang = match page.dir {
        "ltr" => "en",
        _ => "fa",
    };
    let title = html(&page.title);
    let content = format!(
        "<header><h1>{title}</h1></header><main>{}</main>",
        page.html
    );
    whole(lang, page.dir, &title, &content)
}

fn gone() -> String {
    whole("fa", "rtl", "—", GONE)
}

fn whole(lang: &str, dir: &str, title: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{lang}\" dir=\"{dir}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex, nofollow\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n{content}\n</body>\n</html>\n"
    )
}
