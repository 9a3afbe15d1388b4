//! Faults of a list in pages.

use serde_json::{Value, json};

use super::fault::{Asked, Behaviour, Fault};
use super::reply::{Reply, good_row, ok, response};

pub(super) fn faults() -> Vec<Fault> {
    vec![
        Fault::fatal(
            "`results` missing",
            Behaviour::always(ok(r#"{"count": 3, "next": null}"#)),
        ),
        Fault::fatal(
            "`results` no list",
            Behaviour::always(ok(r#"{"results": {}, "next": null}"#)),
        ),
        Fault::fatal(
            "`next` no address",
            Behaviour::always(ok(r#"{"results": [], "next": 5}"#)),
        ),
        Fault::fatal(
            "two right pages",
            second(|asked| page(2, &Value::Null, asked)),
        )
        .leaves(2, 0),
        Fault::fatal(
            "page 2 fails",
            second(|_| response("500 Internal Server Error", &[], "")),
        ),
        Fault::fatal(
            "page 2 is cut",
            second(|asked| {
                let whole = page(2, &Value::Null, asked);
                whole[..whole.len() - 3].to_vec()
            }),
        ),
        Fault::fatal(
            "page 2 leads back to page 1",
            second(|asked| page(2, &json!("/api/meetings/"), asked)),
        ),
        Fault::fatal(
            "page 2 leads to itself",
            second(|asked| page(2, &json!("?page=2"), asked)),
        ),
        Fault::fatal("pages without end", Behaviour::answer(endless)),
        Fault::fatal(
            "page 2 on another host",
            Behaviour::answer(|asked| {
                Reply::Bytes(page(
                    1,
                    &json!(format!("http://localhost:{}/?page=2", asked.port)),
                    asked,
                ))
            }),
        ),
        Fault::fatal(
            "page 2 is a file",
            Behaviour::answer(|asked| Reply::Bytes(page(1, &json!("file:///etc/passwd"), asked))),
        ),
        Fault::fatal(
            "page 2 repeats page 1",
            second(|asked| page(1, &Value::Null, asked)),
        )
        .leaves(1, 0),
    ]
}

/// A right first page that names a second, and `answer` for that one.
fn second(answer: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Behaviour {
    Behaviour::answer(move |asked| {
        Reply::Bytes(if asked.target.contains("page=2") {
            answer(asked)
        } else {
            page(
                1,
                &json!(format!(
                    "http://127.0.0.1:{}/api/meetings/?page=2",
                    asked.port
                )),
                asked,
            )
        })
    })
}

/// One meeting a page.
fn page(id: usize, next: &Value, _: &Asked) -> Vec<u8> {
    ok(json!({"count": 2, "next": next, "previous": null, "results": [good_row(id)]}).to_string())
}

fn endless(asked: &Asked) -> Reply {
    let next = json!(format!("?page={}", asked.nth + 1));
    Reply::Bytes(page(asked.nth, &next, asked))
}
