//! The bytes of answers, right and wrong.

use std::time::Duration;

use serde_json::{Value, json};

/// What goes out, and how.
pub(super) enum Reply {
    Bytes(Vec<u8>),
    BytesThenSilence(Vec<u8>),
    /// So many bytes at a time, with a pause after each.
    Drip {
        bytes: Vec<u8>,
        drop: usize,
        pause: Duration,
    },
    Stream(Box<dyn Iterator<Item = Vec<u8>> + Send>),
}

/// An answer with `status` such as `503 Service Unavailable`, extra header lines and a body.
pub(super) fn response(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut lines = vec![format!("content-length: {}", body.len())];
    lines.extend(headers.iter().map(ToString::to_string));
    raw(status, &lines, body)
}

/// An answer whose framing headers are the caller's.
pub(super) fn raw(status: &str, headers: &[String], body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\n");
    for line in headers {
        answer.push_str(line);
        answer.push_str("\r\n");
    }
    answer.push_str("\r\n");
    [answer.as_bytes(), body.as_ref()].concat()
}

/// A right answer that carries `body`.
pub(super) fn ok(body: impl AsRef<[u8]>) -> Vec<u8> {
    response("200 OK", &["content-type: application/json"], body)
}

/// A right answer that carries `rows`.
pub(super) fn list(rows: &[Value]) -> Vec<u8> {
    ok(json!(rows).to_string())
}

/// A meeting with nothing wrong.
pub(super) fn good_row(id: usize) -> Value {
    json!({
        "id": id,
        "name": "Sprint Planning",
        "date_time": "2025-06-01T14:00:00Z",
        "port": 8080 + id,
        "is_running": true,
    })
}

/// Three meetings with nothing wrong.
pub(super) fn good_rows() -> Vec<Value> {
    (1..=3).map(good_row).collect()
}
