//! The console's files as `web/dist/console` had them when this was compiled; a debug build reads
//! them there.
//!
//! Text is here compressed alone, as the web build left it. Names carry a hash of what is in the
//! file, so a browser may keep it for ever.

use std::borrow::Cow;
use std::io::Read;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use dabir_http::{Path, Problem, Stranger};
use dabir_room::assets::CACHE_CONTROL;
use flate2::read::GzDecoder;
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "../../web/dist/console"]
#[include = "index.html"]
#[include = "assets/*.br"]
#[include = "assets/*.gz"]
#[include = "assets/*.woff2"]
struct Dist;

/// The codings that a request accepts, of those that files stand here in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Accepted {
    br: bool,
    gzip: bool,
}

/// The page, before it is filled in.
pub(super) fn template() -> Option<String> {
    let page = Dist::get("index.html")?.data.into_owned();
    String::from_utf8(page).ok()
}

pub(super) async fn show_file(
    _: Stranger,
    headers: HeaderMap,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("request.path", "there is no such file");
    let content_type = content_type(&name).ok_or_else(missing)?;
    let accepted = Accepted::of(&headers);
    let found = find(&name, accepted).map_err(|error| Problem::internal(&error))?;
    let (coding, body) = found.ok_or_else(missing)?;
    Ok(answer(content_type, coding, body))
}

fn answer(content_type: &'static str, coding: Option<&'static str>, body: Bytes) -> Response {
    let mut response = Body::from(body).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, CACHE_CONTROL),
        (header::VARY, "accept-encoding"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

type Bytes = Cow<'static, [u8]>;

/// The file of this name and its coding: as it stands here, or unpacked for who takes no coding.
fn find(name: &str, accepted: Accepted) -> std::io::Result<Option<(Option<&'static str>, Bytes)>> {
    let get = |suffix: &str| Dist::get(&format!("assets/{name}{suffix}")).map(|file| file.data);
    if accepted.br
        && let Some(body) = get(".br")
    {
        return Ok(Some((Some("br"), body)));
    }
    match get(".gz") {
        Some(body) if accepted.gzip => Ok(Some((Some("gzip"), body))),
        Some(body) => Ok(Some((None, unpack(&body)?.into()))),
        None => Ok(get("").map(|body| (None, body))),
    }
}

fn unpack(gzip: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(gzip.len() * 4);
    GzDecoder::new(gzip).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Accepted {
    fn of(headers: &HeaderMap) -> Self {
        let named = headers.get_all(header::ACCEPT_ENCODING).iter();
        let named: Vec<(&str, bool)> = named
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(weighed)
            .collect();
        let takes = |coding: &str| {
            let by_name = named
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(coding));
            let by_star = || named.iter().find(|(name, _)| *name == "*");
            by_name.or_else(by_star).is_some_and(|(_, wanted)| *wanted)
        };
        Self {
            br: takes("br"),
            gzip: takes("gzip"),
        }
    }
}

/// `gzip;q=0.5` is wanted, `gzip;q=0` is not.
fn weighed(coding: &str) -> (&str, bool) {
    let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
    let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
    let wanted = !matches!(weight, Some(Ok(weight)) if weight <= 0.0);
    (name.trim(), wanted)
}

/// The type of a file by its name; `None` for what is not to be asked for.
fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "woff2" => Some("font/woff2"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_is_used_when_it_is_accepted() {
        let check = |value: &str, br, gzip| {
            let headers = [(header::ACCEPT_ENCODING, value.parse().unwrap())];
            let accepted = Accepted::of(&headers.into_iter().collect());
            assert_eq!(accepted, Accepted { br, gzip }, "{value}");
        };
        check("gzip, deflate, br, zstd", true, true);
        check("gzip", false, true);
        check("br;q=0, gzip;q=0.5", false, true);
        check("BR , GZIP;q=0.000", true, false);
        check("*", true, true);
        check("*;q=0, gzip", false, true);
        check("identity", false, false);
        check("", false, false);
        check("xbr, gzipped, ;;;, q=1", false, false);
    }

    #[test]
    fn every_text_is_here_in_both_codings_and_the_same_in_each_form() {
        let names: Vec<String> = Dist::iter()
            .filter_map(|name| {
                Some(
                    name.strip_prefix("assets/")?
                        .strip_suffix(".gz")?
                        .to_owned(),
                )
            })
            .collect();
        assert!(names.len() > 3, "{names:?}");
        for name in names {
            let get = |br, gzip| find(&name, Accepted { br, gzip }).unwrap().unwrap();
            let (plain, gzip, br) = (get(false, false), get(false, true), get(true, true));
            assert_eq!([plain.0, gzip.0, br.0], [None, Some("gzip"), Some("br")]);
            assert_eq!(unpack(&gzip.1).unwrap(), *plain.1, "{name}");
            assert!(content_type(&name).is_some(), "{name} has no type");
        }
    }

    #[test]
    fn what_is_beside_the_files_is_no_file() {
        let both = Accepted {
            br: true,
            gzip: true,
        };
        for name in ["../index.html", "../../../Cargo.toml", "none.js", ""] {
            assert!(find(name, both).unwrap().is_none(), "{name}");
        }
        for name in ["index.js.br", "index.js.gz", "manifest.json", "js", ""] {
            assert_eq!(content_type(name), None, "{name}");
        }
    }
}
