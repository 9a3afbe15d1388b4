//! Faults of the answer as a whole: its status, and a body that is no list.

use super::fault::{Asked, Behaviour, Fault};
use super::reply::{Reply, good_row, good_rows, list, ok, response};
use serde_json::{Value, json};

pub(super) fn faults() -> Vec<Fault> {
    [statuses(), redirects(), bodies(), changes()].concat()
}

fn statuses() -> Vec<Fault> {
    let status = |name, status: &str, headers: &[&str]| {
        let answer = response(status, headers, r#"{"detail": "no"}"#);
        Fault::fatal(name, Behaviour::always(answer))
    };
    vec![
        status("status 400", "400 Bad Request", &[]),
        status(
            "status 401",
            "401 Unauthorized",
            &["www-authenticate: Token"],
        ),
        status("status 403", "403 Forbidden", &[]),
        status("status 404", "404 Not Found", &[]),
        status(
            "status 429 with Retry-After",
            "429 Too Many Requests",
            &["retry-after: 60"],
        ),
        status("status 500", "500 Internal Server Error", &[]),
        status("status 502", "502 Bad Gateway", &[]),
        status(
            "status 503 with Retry-After",
            "503 Service Unavailable",
            &["retry-after: 120"],
        ),
        status(
            "Retry-After of a century",
            "503 Service Unavailable",
            &["retry-after: 3153600000"],
        ),
        status(
            "Retry-After no number",
            "503 Service Unavailable",
            &["retry-after: soon"],
        ),
        Fault::fatal(
            "status 204",
            Behaviour::always("HTTP/1.1 204 No Content\r\n\r\n"),
        ),
        Fault::fatal(
            "a list with status 500",
            Behaviour::always(response(
                "500 Internal Server Error",
                &["content-type: application/json"],
                json!(good_rows()).to_string(),
            )),
        ),
    ]
}

/// `localhost` is another host than `127.0.0.1` to all who compare names, and the same server.
fn redirects() -> Vec<Fault> {
    let redirect = |name, status: &'static str, host: &'static str| {
        let answer = move |asked: &Asked| {
            let location = format!("location: http://{host}:{}/elsewhere/", asked.port);
            Reply::Bytes(match asked.target {
                "/elsewhere/" => list(&good_rows()),
                _ => response(status, &[&location], ""),
            })
        };
        Fault::fatal(name, Behaviour::answer(answer))
    };
    vec![
        redirect("redirect 301", "301 Moved Permanently", "127.0.0.1"),
        redirect("redirect 302 to another host", "302 Found", "localhost"),
    ]
}

fn bodies() -> Vec<Fault> {
    let rows = json!(good_rows()).to_string();
    let body = |name, body: &[u8]| Fault::fatal(name, Behaviour::always(ok(body)));
    let html = b"<!doctype html><title>Sign in</title>";
    let marked = rows.replacen("Sprint", "?", 1).into_bytes();
    vec![
        body("a web page with status 200", html),
        body("an empty body", b""),
        body("cut JSON", &rows.as_bytes()[..rows.len() - 5]),
        body("JSON with a tail", format!("{rows} x").as_bytes()),
        body("invalid UTF-8", &invalid_utf8(marked)),
        body(
            "UTF-16",
            &rows
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<_>>(),
        ),
        body("a byte order mark", format!("\u{feff}{rows}").as_bytes()).leaves(3, 0),
        body("an object `{}`", b"{}"),
        body("`null`", b"null"),
        body("`\"text\"`", b"\"text\""),
        body("NaN", rows.replace("8082", "NaN").as_bytes()),
        body(
            "a number of 10,000 digits",
            rows.replace("8082", &"9".repeat(10_000)).as_bytes(),
        ),
        body(
            "an error object with status 200",
            br#"{"detail": "Invalid token."}"#,
        ),
        body("an empty list", b"[]").leaves(0, 0),
        body("rows that are no objects", br#"[1, "x", null, [], true]"#).leaves(0, 5),
        Fault::fatal(
            "a Date header of 1999",
            Behaviour::always(response(
                "200 OK",
                &["date: Fri, 31 Dec 1999 23:59:59 GMT"],
                &rows,
            )),
        )
        .leaves(3, 0),
    ]
}

/// `body` with a byte that no UTF-8 has in place of its `?`.
fn invalid_utf8(mut body: Vec<u8>) -> Vec<u8> {
    let mark = body
        .iter()
        .position(|byte| *byte == b'?')
        .expect("the body has a mark");
    body[mark] = 0xff;
    body
}

/// What is right each time, and yet not the same.
fn changes() -> Vec<Fault> {
    let by_turn = |odd: Vec<Value>, even: Vec<Value>| {
        Behaviour::answer(move |asked| {
            Reply::Bytes(list(if asked.nth % 2 == 1 { &odd } else { &even }))
        })
    };
    let mut stopped = good_rows();
    stopped[1]["is_running"] = json!(false);
    vec![
        Fault::fatal(
            "suddenly an empty list",
            Behaviour::answer(|asked| {
                Reply::Bytes(list(
                    if asked.nth == 1 {
                        good_rows()
                    } else {
                        Vec::new()
                    }
                    .as_slice(),
                ))
            }),
        )
        .leaves(0, 0)
        .shows_at_poll(2),
        Fault::fatal(
            "suddenly one row of three",
            by_turn(good_rows(), vec![good_row(1)]),
        )
        .leaves(1, 0)
        .shows_at_poll(2),
        Fault::fatal("is_running flaps", by_turn(good_rows(), stopped))
            .leaves(3, 0)
            .shows_at_poll(2),
        Fault::fatal(
            "every second answer is 500",
            Behaviour::answer(|asked| {
                Reply::Bytes(match asked.nth % 2 {
                    1 => list(&good_rows()),
                    _ => response("500 Internal Server Error", &[], ""),
                })
            }),
        )
        .shows_at_poll(2),
    ]
}
