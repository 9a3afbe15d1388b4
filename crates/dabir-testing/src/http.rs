//! The smallest HTTP client that the rigs need to talk to themselves.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Sends one request to `127.0.0.1:port` and reads the JSON answer.
///
/// # Panics
/// When there is no answer, or it is not a success.
pub(crate) fn call(port: u16, method: &str, path: &str, body: &Value) -> Value {
    let body = body.to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", port))
        .unwrap_or_else(|e| panic!("nobody listens on port {port}: {e}"));
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a timeout is set");
    // HTTP/1.0: the end of the connection is the end of the body, never chunks.
    let request = format!(
        "{method} {path} HTTP/1.0\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream
        .write_all(request.as_bytes())
        .expect("a request goes out");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer comes in");
    parse(&String::from_utf8_lossy(&answer)).unwrap_or_else(|| {
        panic!(
            "{method} {path} answered:\n{}",
            String::from_utf8_lossy(&answer)
        )
    })
}

/// The JSON of a successful answer.
fn parse(answer: &str) -> Option<Value> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?;
    if !status.starts_with('2') {
        return None;
    }
    if body.is_empty() {
        return Some(Value::Null);
    }
    serde_json::from_str(body).ok()
}
