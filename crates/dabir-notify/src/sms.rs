//! Text messages: a gateway that takes them over HTTP, in whatever form it wants them.

use std::fmt;
use std::time::Duration;

use dabir_core::Secret;
use dabir_core::encode::percent;
use dabir_core::text::{cut, one_line};
use dabir_http::Egress;
use dabir_http::egress::{Given, read_body};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode, Url};

use crate::config::{SmsConfig, Wrong};
use crate::error::Refused;

/// The gateway of the configuration.
#[derive(Clone)]
pub(crate) struct Gateway {
    url: Secret,
    method: Method,
    headers: HeaderMap,
    body: String,
    form: Form,
}

/// How what is put in is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Urlencoded,
    Plain,
}

/// How long the gateway may take.
const ANSWER: Duration = Duration::from_secs(15);
/// How much of its answer is read.
const MOST_ANSWER: usize = 64 << 10;
/// How long a message may be: two parts, of 67 units of UTF-16 each, or of 153 letters when all of
/// them are Latin.
const MOST_UNITS: usize = 2 * 67;
const MOST_LATIN: usize = 2 * 153;

impl Gateway {
    /// `None` when none is configured.
    ///
    /// # Errors
    /// The key that is wrong, and what is allowed.
    pub(crate) fn new(config: &SmsConfig) -> Result<Option<Self>, Wrong> {
        if config.url.is_empty() {
            return Ok(None);
        }
        let wrong = |key, allowed: &str| (key, allowed.to_owned());
        let headers = headers(&config.headers);
        let headers = headers
            .ok_or_else(|| wrong("headers", "write lines such as `Authorization: Bearer …`"))?;
        let method = Method::from_bytes(config.method.as_bytes());
        let gateway = Self {
            url: config.url.clone(),
            method: method.map_err(|_| wrong("method", "write POST, PUT or GET"))?,
            form: form(&headers),
            headers,
            body: config.body.clone(),
        };
        gateway.address("+1", "x").ok_or_else(|| {
            let allowed = "write an address such as `https://gateway.example/send`";
            wrong("url", allowed)
        })?;
        for name in ["{to}", "{text}"] {
            if !(config.url.expose().contains(name) || config.body.contains(name)) {
                let allowed =
                    "the number `{to}` and the text `{text}` have to stand in it or in `url`";
                return Err(wrong("body", allowed));
            }
        }
        Ok(Some(gateway))
    }

    pub(crate) fn client(egress: &Egress) -> Result<Client, dabir_http::egress::EgressError> {
        egress.client(Given::InFile, ANSWER)
    }

    /// Hands a message over.
    pub(crate) async fn send(&self, client: &Client, to: &str, text: &str) -> Result<(), Refused> {
        let text = fit(text);
        let url = self.address(to, &text).ok_or_else(|| Refused {
            why: "the address of the gateway is none".to_owned(),
            is_final: true,
        })?;
        let mut request = client
            .request(self.method.clone(), url)
            .headers(self.headers.clone());
        if self.method != Method::GET {
            request = request.body(fill(&self.body, self.form, to, &text));
        }
        let answer = request.send().await.map_err(|error| Refused {
            why: format!("the gateway does not answer: {}", root(&error)),
            is_final: false,
        })?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let body = read_body(answer, MOST_ANSWER).await.unwrap_or_default();
        let said = cut(&one_line(&String::from_utf8_lossy(&body)), 300);
        let may_come = status.is_server_error()
            || matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
            );
        Err(Refused {
            why: format!("the gateway answered {}: {said}", status.as_u16()),
            is_final: !may_come,
        })
    }

    fn address(&self, to: &str, text: &str) -> Option<Url> {
        let filled = fill(self.url.expose(), Form::Urlencoded, to, text);
        let url: Url = filled.parse().ok()?;
        (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
    }
}

fn headers(lines: &[Secret]) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.expose().split_once(':')?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
        let mut value = HeaderValue::from_str(value.trim()).ok()?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    headers
        .entry(CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
    Some(headers)
}

fn form(headers: &HeaderMap) -> Form {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_lowercase();
    match kind.split(';').next().unwrap_or_default().trim() {
        "application/x-www-form-urlencoded" => Form::Urlencoded,
        kind if kind.ends_with("json") => Form::Json,
        _ => Form::Plain,
    }
}

/// Puts number and text in. What stands in the text itself is put in nowhere.
fn fill(template: &str, form: Form, to: &str, text: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out += &rest[..at];
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("{to}") {
            out += &escape(form, to);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("{text}") {
            out += &escape(form, text);
            rest = after;
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out + rest
}

fn escape(form: Form, text: &str) -> String {
    match form {
        Form::Plain => text.to_owned(),
        Form::Json => {
            let quoted = serde_json::Value::from(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        }
        Form::Urlencoded => percent(text),
    }
}

/// The text, no longer than two parts.
fn fit(text: &str) -> String {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return match text.len() > MOST_LATIN {
            // An ellipsis would make all of it cost twice as much.
            true => format!("{}...", &text[..MOST_LATIN - 3]),
            false => text.to_owned(),
        };
    }
    if text.encode_utf16().count() <= MOST_UNITS {
        return text.to_owned();
    }
    let mut units = 1;
    let kept = text.chars().take_while(|c| {
        units += c.len_utf16();
        units <= MOST_UNITS
    });
    let mut kept: String = kept.collect();
    kept.push('…');
    kept
}

/// Why nobody answered, without the address, in which a key may stand.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    match error.is_timeout() {
        true => format!("not within {} s", ANSWER.as_secs()),
        false => cut(&one_line(&cause.to_string()), 300),
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_escaped_as_the_form_asks() {
        let text = "a\"b\\ {to}&ی\n";
        let json = fill(r#"{"n":"{to}","t":"{text}"}"#, Form::Json, "+98", text);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            (read["n"].as_str(), read["t"].as_str()),
            (Some("+98"), Some(text))
        );
        let form = fill("n={to}&t={text}", Form::Urlencoded, "+98", text);
        assert_eq!(form, "n=%2B98&t=a%22b%5C%20%7Bto%7D%26%DB%8C%0A");
        assert_eq!(fill("{x}{to", Form::Plain, "1", "2"), "{x}{to");
    }

    #[test]
    fn a_message_is_no_longer_than_two_parts() {
        assert_eq!(fit("سلام"), "سلام");
        let long = fit(&"سلام ".repeat(60));
        assert_eq!(long.encode_utf16().count(), MOST_UNITS);
        assert!(long.ends_with('…'));
        let emoji = fit(&"🎉".repeat(100));
        assert!(emoji.encode_utf16().count() <= MOST_UNITS);
        assert_eq!(fit(&"x".repeat(500)).len(), MOST_LATIN);
        assert_eq!(fit(&"x".repeat(306)).len(), 306);
    }

    #[test]
    fn the_content_type_says_the_form() {
        let of = |line: &str| form(&headers(&[Secret::new(line)]).unwrap());
        assert_eq!(of("X: y"), Form::Json);
        assert_eq!(
            of("Content-Type: application/x-www-form-urlencoded; charset=utf-8"),
            Form::Urlencoded
        );
        assert_eq!(of("content-type: text/plain"), Form::Plain);
        assert!(headers(&[Secret::new("a b: c")]).is_none());
    }
}
