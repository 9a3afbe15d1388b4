//! Faults of the connection and of HTTP's framing.

use std::time::Duration;

use serde_json::json;

use super::fault::{Behaviour, Fault};
use super::reply::{Reply, good_row, good_rows, list, ok, raw};

pub(super) fn faults() -> Vec<Fault> {
    [silent(), framing(), huge()].concat()
}

fn silent() -> Vec<Fault> {
    let half = || {
        let whole = list(&good_rows());
        whole[..whole.len() / 2].to_vec()
    };
    vec![
        Fault::fatal("connection refused", Behaviour::Refuse),
        Fault::fatal("accepts and closes", Behaviour::CloseAtOnce),
        Fault::fatal(
            "silent before the headers",
            Behaviour::answer(|_| Reply::BytesThenSilence(Vec::new())),
        )
        .outlasting(),
        Fault::fatal(
            "silent in the middle of the body",
            Behaviour::answer(move |_| Reply::BytesThenSilence(half())),
        )
        .outlasting(),
        Fault::fatal(
            "drips for minutes",
            Behaviour::answer(|_| drip(1, Duration::from_secs(1))),
        )
        .outlasting(),
        Fault::fatal(
            "drips, but in time",
            Behaviour::answer(|_| drip(64, Duration::from_millis(1))),
        )
        .leaves(3, 0),
    ]
}

fn drip(drop: usize, pause: Duration) -> Reply {
    let bytes = list(&good_rows());
    Reply::Drip { bytes, drop, pause }
}

fn framing() -> Vec<Fault> {
    let body = json!(good_rows()).to_string();
    let with =
        |header: &str, body: &str| Behaviour::always(raw("200 OK", &[header.to_owned()], body));
    let chunked = |chunks: &str| with("transfer-encoding: chunked", chunks);
    let length = |n: usize| with(&format!("content-length: {n}"), &body);
    vec![
        Fault::fatal(
            "no HTTP at all",
            Behaviour::always("220 mail.example ESMTP\r\n"),
        ),
        Fault::fatal("content-length too large", length(body.len() + 100)),
        Fault::fatal("content-length too small", length(body.len() - 20)),
        Fault::fatal(
            "content-length no number",
            with("content-length: many", &body),
        ),
        Fault::fatal("no length, ends by closing", with("server: plain", &body)).leaves(3, 0),
        Fault::fatal("chunk size no number", chunked("zz\r\n[]\r\n0\r\n\r\n")),
        Fault::fatal("last chunk missing", chunked("2\r\n[]\r\n")),
        Fault::fatal(
            "gzip promised, plain sent",
            with("content-encoding: gzip", &body),
        ),
        Fault::fatal(
            "unasked 304",
            Behaviour::always(raw("304 Not Modified", &[], "")),
        ),
    ]
}

const MIB: usize = 1 << 20;

fn huge() -> Vec<Fault> {
    let head = |length: usize| raw("200 OK", &[format!("content-length: {length}")], "");
    vec![
        Fault::fatal(
            "a body of 1 GiB",
            Behaviour::answer(move |_| {
                let spaces = std::iter::repeat_n(vec![b' '; MIB], 1_024);
                Reply::Stream(Box::new(std::iter::once(head(1_024 * MIB)).chain(spaces)))
            }),
        ),
        Fault::fatal("a million rows", Behaviour::answer(|_| million_rows())),
        Fault::fatal(
            "a header of 1 MiB",
            Behaviour::always(raw(
                "200 OK",
                &[format!("x-long: {}", "x".repeat(MIB))],
                "[]",
            )),
        ),
        Fault::fatal(
            "100,000 lists in each other",
            Behaviour::always(ok("[".repeat(100_000))),
        ),
    ]
}

/// In chunks of a thousand rows, made while they are sent.
fn million_rows() -> Reply {
    let head = raw(
        "200 OK",
        &["content-type: application/json".to_owned()],
        "[",
    );
    let rows = (0..1_000).map(|thousand| {
        let rows = (1..=1_000).map(|n| format!("{},", good_row(thousand * 1_000 + n)));
        rows.collect::<String>().into_bytes()
    });
    let last = format!("{}]", good_row(1_000_001)).into_bytes();
    Reply::Stream(Box::new(std::iter::once(head).chain(rows).chain([last])))
}
