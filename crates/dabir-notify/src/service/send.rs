//! One request to a webhook, and what came of it.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use dabir_core::text::{cut, one_line};
use dabir_core::{Secret, Timestamp};
use dabir_http::egress::Given;
use futures_util::StreamExt;
use reqwest::header::{HeaderMap, RETRY_AFTER, SET_COOKIE};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{ANSWER, Notify};
use crate::model::Attempt;
use crate::secret::signature;

/// What is sent.
pub(super) struct Message<'a> {
    pub(super) url: &'a str,
    pub(super) id: &'a str,
    pub(super) body: &'a str,
    pub(super) secrets: &'a [Secret],
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) attempt: Attempt,
    /// How long the receiver asks us to wait.
    pub(super) retry_after: Option<Duration>,
}

/// How much of an answer is kept, in bytes.
const MOST_BODY: usize = 1 << 10;
/// How many of its headers, and how much of each.
const MOST_HEADERS: usize = 40;
const LONGEST_HEADER: usize = 300;
/// How much of what went wrong, in characters.
const LONGEST_ERROR: usize = 300;

impl Sent {
    pub(super) fn got_through(&self) -> bool {
        self.attempt.error.is_none()
    }

    /// Whether the receiver wants nothing more.
    pub(super) fn is_gone(&self) -> bool {
        self.attempt.status == Some(i32::from(StatusCode::GONE.as_u16()))
    }
}

impl Notify {
    pub(super) async fn send(&self, message: &Message<'_>) -> Sent {
        let at = self.now();
        let headers = headers_of(message, at);
        let begun = Instant::now();
        let answer = self.ask(message, &headers).await;
        let latency_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let attempt = Attempt {
            at,
            latency_ms,
            status: None,
            error: None,
            request_headers: json!(headers),
            response_headers: None,
            response_body: None,
        };
        match answer {
            Ok((head, body)) => heard(attempt, &head, &body),
            Err(error) => Sent {
                attempt: Attempt {
                    error: Some(error),
                    ..attempt
                },
                retry_after: None,
            },
        }
    }

    async fn ask(
        &self,
        message: &Message<'_>,
        headers: &BTreeMap<&str, String>,
    ) -> Result<(Head, Vec<u8>), String> {
        let checked = self.shared.egress.check(Given::ByApi, message.url);
        let url = checked.map_err(|error| error.to_string())?;
        let mut request = self.shared.client.post(url).body(message.body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response = request.send().await.map_err(why)?;
        let head = Head {
            status: response.status(),
            headers: response.headers().clone(),
        };
        Ok((head, beginning(response).await))
    }
}

/// How an answer begins.
struct Head {
    status: StatusCode,
    headers: HeaderMap,
}

fn headers_of(message: &Message<'_>, at: Timestamp) -> BTreeMap<&'static str, String> {
    let seconds = at.as_second();
    let signature = signature(message.secrets, message.id, seconds, message.body);
    BTreeMap::from([
        ("content-type", "application/json".to_owned()),
        ("webhook-id", message.id.to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signature),
    ])
}

fn heard(attempt: Attempt, head: &Head, body: &[u8]) -> Sent {
    let status = head.status;
    let error = match status {
        _ if status.is_success() => None,
        _ if status.is_redirection() => Some(format!(
            "it answered {}; redirects are not followed, so write the address that it leads to",
            status.as_u16()
        )),
        _ => Some(format!("it answered {}", status.as_u16())),
    };
    Sent {
        retry_after: retry_after(&head.headers, attempt.at),
        attempt: Attempt {
            status: Some(i32::from(status.as_u16())),
            error,
            response_headers: Some(shown(&head.headers)),
            response_body: Some(text(body)),
            ..attempt
        },
    }
}

/// The pause that is asked for: seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Duration::try_from(at.duration_since(now)).ok()
}

/// The headers of an answer as they are kept.
fn shown(headers: &HeaderMap) -> Value {
    let mut shown = serde_json::Map::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != SET_COOKIE) {
        if shown.len() == MOST_HEADERS {
            break;
        }
        let value = one_line(&String::from_utf8_lossy(value.as_bytes()));
        shown.insert(name.to_string(), cut(&value, LONGEST_HEADER).into());
    }
    Value::Object(shown)
}

/// Bytes as text that a database takes.
fn text(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.trim_end_matches(char::REPLACEMENT_CHARACTER)
        .replace('\0', "")
}

/// The beginning of a body; the rest is not waited for.
async fn beginning(response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    // What breaks off has a beginning too.
    while let Some(Ok(chunk)) = stream.next().await {
        let room = MOST_BODY - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == MOST_BODY {
            break;
        }
    }
    body
}

/// Why there was no answer, for people.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn why(error: reqwest::Error) -> String {
    let mut cause: &dyn Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let root = cut(&one_line(&cause.to_string()), LONGEST_ERROR);
    match () {
        () if error.is_timeout() => format!("it did not answer within {} s", ANSWER.as_secs()),
        () if error.is_connect() => format!("no connection: {root}"),
        () => format!("no answer: {root}"),
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::CONTENT_TYPE;

    use super::*;

    #[test]
    fn a_pause_is_asked_for_in_seconds_or_by_a_date() {
        let now: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let read = |text: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            retry_after(&headers, now).map(|pause| pause.as_secs())
        };
        assert_eq!(read("120"), Some(120));
        assert_eq!(read("Sun, 22 Nov 2026 09:02:00 GMT"), Some(120));
        assert_eq!(read("Sun, 22 Nov 2026 08:00:00 GMT"), None);
        for wrong in ["soon", "-1", "99999999999999999999999"] {
            assert_eq!(read(wrong), None);
        }
    }

    #[test]
    fn an_answer_is_kept_as_plain_text_without_cookies() {
        let headers = HeaderMap::from_iter([
            (SET_COOKIE, "a=b".parse().unwrap()),
            (CONTENT_TYPE, "text/html".parse().unwrap()),
        ]);
        assert_eq!(shown(&headers), json!({ "content-type": "text/html" }));
        assert_eq!(text(b"a\0b\xd8"), "ab");
    }
}
