//! What people say about a task.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::bench::{Bench, id, words};

async fn what_is_said_stands_in_threads(bench: Bench) {
    bench.make("one", json!({})).await;
    let first = bench
        .done("POST", "/1/comments", json!({ "text": "سلام" }))
        .await;
    let answer = json!({ "text": "علیک", "thread": first["id"] });
    let answer = bench
        .ask("sara", "POST", "/1/comments", Some(answer))
        .await
        .1;
    let deeper = json!({ "text": "خوبی؟", "thread": answer["id"], "mentions": ["reza"] });
    let deeper = bench.done("POST", "/1/comments", deeper).await;
    assert_eq!(
        (&answer["thread"], &deeper["thread"]),
        (&first["id"], &first["id"])
    );
    let all = bench.get("/1/comments").await;
    assert_eq!(words(&all["items"], "text"), ["سلام", "علیک", "خوبی؟"]);
    assert_eq!(words(&all["people"], "id"), ["reza"]);
    let page = bench.get("/1/comments?limit=2").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = bench
        .get(&format!("/1/comments?limit=2&cursor={cursor}"))
        .await;
    assert_eq!(
        (words(&rest["items"], "text"), &rest["next_cursor"]),
        (vec!["خوبی؟".to_owned()], &Value::Null)
    );
    let task = bench.get("/1").await;
    assert_eq!(
        (&task["comments"], &task["version"]),
        (&json!(3), &json!(1))
    );
    bench.make("two", json!({})).await;
    let elsewhere = Some(json!({ "text": "x", "thread": first["id"] }));
    assert_eq!(
        bench.ask("ali", "POST", "/2/comments", elsewhere).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

async fn one_changes_what_one_said_and_no_other(bench: Bench) {
    bench.make("one", json!({})).await;
    let said = bench
        .done("POST", "/1/comments", json!({ "text": "a" }))
        .await;
    let path = format!("/1/comments/{}", id(&said));
    let other = || Some(json!({ "text": "b" }));
    assert_eq!(
        bench.ask("sara", "PATCH", &path, other()).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        bench.ask("sara", "DELETE", &path, None).await.0,
        StatusCode::FORBIDDEN
    );
    bench.advance(5);
    let changed = bench.done("PATCH", &path, json!({ "text": "b" })).await;
    assert_eq!(
        (&changed["text"], &changed["edited_at"]),
        (&json!("b"), &json!("2026-11-18T06:30:05Z"))
    );
    bench.ask("admin", "DELETE", &path, None).await;
    let left = bench.get("/1/comments").await;
    assert_eq!(left["items"][0]["text"], "");
    assert!(left["items"][0]["deleted_at"].is_string());
    assert_eq!(bench.get("/1").await["comments"], 0);
    assert_eq!(
        bench.ask("ali", "PATCH", &path, other()).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        bench.ask("ali", "DELETE", &path, None).await.0,
        StatusCode::NOT_FOUND
    );
}

async fn whom_it_concerns_hears_of_it(bench: Bench) {
    bench.make("one", json!({ "assignees": ["sara"] })).await;
    bench.said().await;
    let hears = async |who: &str, body: Value| {
        let said = bench.ask(who, "POST", "/1/comments", Some(body)).await;
        assert_eq!(said.0, StatusCode::CREATED);
        (heard(&bench).await, said.1)
    };
    let (told, _) = hears("nader", json!({ "text": "a" })).await;
    assert_eq!(told, ["task.commented: ali sara"]);
    let (told, _) = hears("ali", json!({ "text": "b", "mentions": ["reza", "ali"] })).await;
    assert_eq!(told, ["task.commented: nader sara", "task.mentioned: reza"]);
    // Whoever was mentioned once hears on.
    let (told, comment) = hears("sara", json!({ "text": "c" })).await;
    assert_eq!(told, ["task.commented: ali nader reza"]);
    let path = format!("/1/comments/{}", id(&comment));
    bench
        .ask(
            "sara",
            "PATCH",
            &path,
            Some(json!({ "text": "d", "mentions": ["mina"] })),
        )
        .await;
    let told = bench.said().await;
    assert_eq!(
        (told.len(), told[0].concerns.join(" ")),
        (1, "mina".to_owned())
    );
    assert_eq!(told[0].event, "task.mentioned");
    assert_eq!(told[0].data["comment"]["text"], "d");
}

/// What is said, and whom it concerns.
async fn heard(bench: &Bench) -> Vec<String> {
    let said = bench.said().await.into_iter();
    let told = said.map(|mut said| {
        said.concerns.sort_unstable();
        format!("{}: {}", said.event, said.concerns.join(" "))
    });
    told.collect()
}

dabir_testing::on_both!(
    what_is_said_stands_in_threads,
    one_changes_what_one_said_and_no_other,
    whom_it_concerns_hears_of_it,
);
