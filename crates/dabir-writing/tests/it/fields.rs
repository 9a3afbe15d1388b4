//! What may not stand in a request: each field is named, and nothing stumbles.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::bench::{Bench, words};

const FIELDS: [&str; 22] = [
    "title",
    "description",
    "status",
    "priority",
    "assignees",
    "due",
    "labels",
    "checklist",
    "files",
    "documents",
    "meetings",
    "version",
    "text",
    "mentions",
    "thread",
    "before",
    "after",
    "tasks",
    "add_assignees",
    "remove_labels",
    "action",
    "کلید\0",
];

fn garbage() -> Vec<Value> {
    let long = "ی".repeat(30_000);
    let many: Vec<String> = (0..2_000).map(|n| format!("id{n}")).collect();
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1e308),
        json!(i64::MAX),
        json!(""),
        json!("\0"),
        json!("\u{202e}"),
        json!("\n"),
        json!(long),
        json!([]),
        json!([null]),
        json!(["\0"]),
        json!(["", " "]),
        json!(["'; --"]),
        json!(many),
        json!([long]),
        json!({}),
        json!({ "text": 1 }),
        json!([{ "text": "\0" }]),
        json!([{ "done": 7 }]),
        deep,
        json!("99999/99/99"),
        json!("-9999-01-01T00:00:00Z"),
        json!("9999-12-31"),
        json!([{ "id": "\0" }]),
        json!("nobody"),
        json!(["nobody", "blocked", "participant"]),
    ]
}

async fn no_garbage_makes_it_stumble(bench: Bench) {
    bench.make("one", json!({})).await;
    bench
        .done("POST", "/1/comments", json!({ "text": "x" }))
        .await;
    let comment = bench.get("/1/comments").await["items"][0]["id"].clone();
    let comment = format!("/1/comments/{}", comment.as_str().unwrap());
    let places = [
        ("POST", "", json!({ "title": "x" })),
        ("PUT", "/1", json!({ "title": "x" })),
        ("PATCH", "/1", json!({})),
        ("POST", "/1/move", json!({})),
        ("POST", "/1/comments", json!({ "text": "x" })),
        ("PATCH", comment.as_str(), json!({})),
        ("POST", "/bulk", json!({ "tasks": [{ "id": "x" }] })),
    ];
    for (method, path, body) in &places {
        for field in FIELDS {
            for value in garbage() {
                let mut body = body.clone();
                body[field] = value;
                let (status, answer) = bench.ask("ali", method, path, Some(body)).await;
                assert!(status.as_u16() < 500, "{method} {path} {field}: {answer}");
            }
        }
    }
}

async fn no_question_makes_it_stumble(bench: Bench) {
    bench.make("one", json!({})).await;
    let words = [
        "%00",
        "%F0%9F%98%80",
        "-1",
        "99999999999999999999",
        "'",
        "%25",
        "_",
        "a,b,,",
        "me,none",
        "%E2%80%8C",
        "2026-99-99",
        "next%20week",
        "-rank",
        "rank.0i.1",
        "true",
        "%23%DB%B1",
    ];
    let fields = [
        "status",
        "assignee",
        "label",
        "priority",
        "due_after",
        "due_before",
        "overdue",
        "q",
        "document",
        "meeting",
        "deleted",
        "sort",
        "limit",
        "cursor",
        "nonsense",
    ];
    for field in fields {
        for word in words {
            for rest in ["", "&sort=rank", "&sort=-due"] {
                let path = format!("?{field}={word}{}", if field == "sort" { "" } else { rest });
                let (status, answer) = bench.ask("ali", "GET", &path, None).await;
                assert!(status.as_u16() < 500, "{path}: {answer}");
            }
        }
    }
    for word in [
        "%00",
        "0",
        "-1",
        "9999999999",
        "99999999999999999999",
        "a%2Fb",
        "%E2%80%8C",
        "..",
    ] {
        for path in [
            format!("/{word}"),
            format!("/{word}/activity"),
            format!("/1/comments/{word}"),
            format!("/people?q={word}"),
        ] {
            let (status, answer) = bench.ask("ali", "GET", &path, None).await;
            assert!(status.as_u16() < 500, "{path}: {answer}");
        }
    }
}

async fn every_field_that_is_wrong_is_named(bench: Bench) {
    let wrong = json!({
        "title": " ", "description": 7, "status": "later", "priority": 3, "assignees": ["nobody"],
        "due": "someday", "labels": ["", "b"], "checklist": [{ "text": "" }], "files": ["missing"],
        "documents": ["\0"], "meetings": "m1", "colour": "red",
    });
    let (status, problem) = bench.ask("ali", "POST", "", Some(wrong)).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("tasks.invalid"))
    );
    let named: BTreeSet<String> = words(&problem["errors"], "field").into_iter().collect();
    let expected = [
        "title",
        "description",
        "status",
        "priority",
        "assignees",
        "due",
        "labels",
        "checklist.0.text",
        "files",
        "documents",
        "meetings",
        "colour",
    ];
    assert_eq!(named, expected.map(str::to_owned).into());
    assert_eq!(bench.titles("").await, Vec::<String>::new());
}

async fn nobody_is_asked_who_cannot_do_it(bench: Bench) {
    bench.make("one", json!({ "assignees": ["sara"] })).await;
    for (who, why) in [
        ("nobody", "nobody has"),
        ("blocked", "is blocked"),
        ("participant", "does not work"),
        ("auditor", "does not work"),
    ] {
        for (method, path, body) in [
            ("POST", "", json!({ "title": "x", "assignees": [who] })),
            ("PATCH", "/1", json!({ "assignees": ["sara", who] })),
            (
                "POST",
                "/1/comments",
                json!({ "text": "x", "mentions": [who] }),
            ),
        ] {
            let (status, problem) = bench.ask("ali", method, path, Some(body)).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
            let detail = problem["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.contains(why), "{detail}");
        }
    }
    let found = bench.get("/people?q=a").await;
    assert_eq!(words(&found["items"], "id"), ["ali", "sara"]);
}

dabir_testing::on_both!(
    no_garbage_makes_it_stumble,
    no_question_makes_it_stumble,
    every_field_that_is_wrong_is_named,
    nobody_is_asked_who_cannot_do_it,
);
