//! What is written, handed on and dropped here is found by those who may see it, and by nobody else.

use std::time::Duration;

use dabir_core::encode::percent;
use dabir_testing::eventually;
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, Session};

/// How long it may take on a busy machine until what changed is found.
const FOUND: Duration = Duration::from_secs(60);

/// `<kind> <title>` of all that somebody finds.
async fn found(house: &House, who: &Session, words: &str) -> Vec<String> {
    let path = format!("/api/v1/search?q={}", percent(words));
    let answer = who
        .on(house.request(Method::GET, &path))
        .send()
        .await
        .unwrap();
    let page: Value = answer.json().await.unwrap();
    let hits = page["items"].as_array().unwrap().iter();
    let name = |hit: &Value| {
        let word = |field: &str| hit[field].as_str().unwrap().to_owned();
        format!("{} {}", word("kind"), word("title"))
    };
    let mut names: Vec<String> = hits.map(name).collect();
    names.sort();
    names.dedup();
    names
}

async fn until_found(house: &House, who: &Session, words: &str, expected: &[&str]) {
    let what = format!("{expected:?} for `{words}`");
    eventually(&what, FOUND, async || {
        (found(house, who, words).await == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_written_is_found_by_those_who_may_see_it() {
    let house = House::open("").await;
    let sara = house.person("sara", "writer").await;
    let omid = house.person("omid", "writer").await;
    let make = async |path: &str, body: Value| {
        let (status, made) = house.send_as(&sara, Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "{made}");
        made["id"].as_str().unwrap().to_owned()
    };
    let task = make(
        "/api/v1/tasks",
        json!({ "title": "بررسی بودجهٔ کتابخانه", "checklist": [{ "text": "فهرست كتاب‌ها" }] }),
    )
    .await;
    let folder = make("/api/v1/documents/folders", json!({ "title": "محرمانه" })).await;
    let document = make(
        "/api/v1/documents",
        json!({ "title": "نامه", "folder": folder, "text": "دربارهٔ **کتاب‌های** کتابخانه" }),
    )
    .await;
    // In the writing of somebody with an Arabic keyboard, and in another form.
    let (all, shared) = (
        ["document نامه", "task بررسی بودجهٔ کتابخانه"],
        ["task بررسی بودجهٔ کتابخانه"],
    );
    until_found(&house, &sara, "كتاب كتابخانه ", &all).await;
    assert_eq!(found(&house, &omid, "كتاب كتابخانه ").await, shared);
    until_found(&house, &omid, "writers", &["user The writer"]).await;

    let grants = json!({ "grants": [{ "grantee": "everyone", "right": "view" }] });
    let access = format!("/api/v1/documents/folders/{folder}/access");
    let (status, answer) = house
        .send_as(&sara, Method::PUT, &access, Some(grants))
        .await;
    assert!(status.is_success(), "{answer}");
    until_found(&house, &omid, "كتاب كتابخانه ", &all).await;
    let (status, _) = house
        .send_as(&sara, Method::PUT, &access, Some(json!({ "grants": [] })))
        .await;
    assert!(status.is_success());
    // At once, however far the index is.
    assert_eq!(found(&house, &omid, "كتاب كتابخانه ").await, shared);

    let comments = format!("/api/v1/tasks/{task}/comments");
    make(&comments, json!({ "text": "قرارداد را ببینید" })).await;
    until_found(&house, &omid, "قراردادها", &shared).await;
    let (status, _) = house
        .send_as(
            &sara,
            Method::DELETE,
            &format!("/api/v1/tasks/{task}"),
            None,
        )
        .await;
    assert!(status.is_success());
    assert_eq!(found(&house, &omid, "قراردادها").await, [""; 0]);
    let (status, _) = house
        .send_as(
            &sara,
            Method::PATCH,
            &format!("/api/v1/documents/{document}"),
            Some(json!({ "title": "گزارش" })),
        )
        .await;
    assert!(status.is_success());
    until_found(&house, &sara, "گزارش‌ها", &["document گزارش"]).await;
}

#[tokio::test]
async fn the_text_of_a_file_is_found_where_it_is_attached() {
    let house = House::open("").await;
    let sara = house.person("sara", "writer").await;
    let omid = house.person("omid", "writer").await;
    let text = "صورت‌جلسهٔ شورای پژوهشی".as_bytes();
    let file = house.upload(&sara, "minutes.txt", text).await;
    until_found(&house, &sara, "شورا ", &["file minutes.txt"]).await;
    assert_eq!(found(&house, &omid, "شورا ").await, [""; 0]);
    let (_, task) = house
        .send_as(
            &sara,
            Method::POST,
            "/api/v1/tasks",
            Some(json!({ "title": "Read it" })),
        )
        .await;
    let to = json!({ "subject_kind": "task", "subject_id": task["id"] });
    let attachments = format!("/api/v1/files/{file}/attachments");
    let (status, answer) = house
        .send_as(&sara, Method::POST, &attachments, Some(to))
        .await;
    assert!(status.is_success(), "{answer}");
    until_found(&house, &omid, "شورا ", &["file minutes.txt"]).await;
    // Whoever names a file in a task attaches it, and a task knows what was attached to it.
    let path = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
    let (_, seen) = house.send_as(&omid, Method::GET, &path, None).await;
    assert_eq!(seen["files"], json!([file]));
    assert_eq!(seen["attachments"][0]["name"], "minutes.txt");
    let (status, refused) = house
        .send_as(
            &omid,
            Method::POST,
            "/api/v1/tasks",
            Some(json!({ "title": "Mine", "files": [file] })),
        )
        .await;
    assert_eq!(status.as_u16(), 422, "it is another's: {refused}");
    let none = Some(json!({ "files": [] }));
    house.send_as(&omid, Method::PATCH, &path, none).await;
    assert_eq!(found(&house, &omid, "شورا ").await, [""; 0]);
    let again = Some(json!({ "files": [file] }));
    let (status, answer) = house.send_as(&sara, Method::PATCH, &path, again).await;
    assert!(status.is_success(), "{answer}");
    until_found(&house, &omid, "شورا ", &["file minutes.txt"]).await;
    house.send_as(&sara, Method::DELETE, &path, None).await;
    assert_eq!(found(&house, &omid, "شورا ").await, [""; 0]);
}
