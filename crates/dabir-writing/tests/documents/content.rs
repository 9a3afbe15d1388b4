//! The text as a whole, and how it was once.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::Bench;

async fn a_text_is_given_in_each_form(bench: Bench) {
    let id = bench
        .make("t", "# سلام\n\n**bold** [x](javascript:alert(1))")
        .await;
    let read = async |format: &str| bench.get(&format!("/{id}/content?format={format}")).await;
    assert_eq!(read("markdown").await, "# سلام\n\n**bold** x\n");
    assert_eq!(read("text").await, "سلام\nbold x");
    let page = read("html").await;
    let page = page.as_str().unwrap();
    assert!(
        page.contains("<strong>bold</strong>") && page.contains("dir=\"rtl\""),
        "{page}"
    );
    assert!(!page.contains("javascript"), "{page}");
    assert_eq!(read("json").await["type"], "doc");
}

async fn a_whole_text_takes_the_place_of_another(bench: Bench) {
    let id = bench.make("t", "one").await;
    let path = format!("/{id}/content");
    for body in [
        json!({ "text": "two" }),
        json!({ "html": "<p>two<script>x()</script></p>" }),
        json!({ "content": { "type": "doc", "content": [
            { "type": "paragraph", "content": [{ "type": "text", "text": "two" }] }] } }),
    ] {
        bench.done("PUT", &path, json!({ "text": "one" })).await;
        bench.done("PUT", &path, body).await;
        assert_eq!(bench.text(&id).await, "two");
    }
    // The room ends, and what lists show follows.
    let words = async || {
        bench.documents.settle().await.unwrap();
        bench.get(&format!("/{id}")).await["words"].clone()
    };
    bench
        .done("PUT", &path, json!({ "text": "# h\n\none two three" }))
        .await;
    dabir_testing::eventually(
        "the words are counted",
        Duration::from_secs(20),
        async || (words().await == 4).then_some(()),
    )
    .await;
    dabir_testing::eventually("the room ends", Duration::from_secs(20), async || {
        (bench.documents.open() == 0).then_some(())
    })
    .await;
    assert_eq!(
        bench.get(&format!("/{id}")).await["outline"][0]["text"],
        "h"
    );
}

async fn versions_are_kept_compared_and_brought_back(bench: Bench) {
    let id = bench.make("t", "one two").await;
    let versions = format!("/{id}/versions");
    let named = bench
        .done("POST", &versions, json!({ "name": "first" }))
        .await;
    assert_eq!((&named["number"], &named["words"]), (&json!(1), &json!(2)));
    bench
        .done(
            "PUT",
            &format!("/{id}/content"),
            json!({ "text": "one three" }),
        )
        .await;
    let diff = bench.get(&format!("{versions}/1/diff")).await;
    assert_eq!(
        (&diff["counts"]["added"], &diff["counts"]["removed"]),
        (&json!(1), &json!(1))
    );
    bench
        .done("POST", &format!("{versions}/1/restore"), Value::Null)
        .await;
    assert_eq!(bench.text(&id).await, "one two");
    // What was there before is a version too, by one way or the other.
    let kept = bench.get(&versions).await;
    let mut texts = Vec::new();
    for version in kept["items"].as_array().unwrap() {
        let whole = bench
            .get(&format!("{versions}/{}", version["number"]))
            .await;
        texts.push(whole["content"]["content"][0]["content"][0]["text"].clone());
    }
    assert!(texts.contains(&json!("one three")), "{texts:?}");
    let path = format!("{versions}/99");
    let missing = bench.refused("ali", "GET", &path, Value::Null).await;
    assert_eq!(missing, "versions.not_found");
}

async fn it_is_told_once_in_ten_minutes_that_somebody_writes(bench: Bench) {
    let id = bench.make("t", "x").await;
    bench.share(&format!("/{id}"), "user:sara", "edit").await;
    let shared = bench.said().await;
    assert_eq!(shared.last().unwrap().event, "document.shared");
    assert_eq!(shared.last().unwrap().concerns, ["sara"]);
    let mention = json!({ "content": { "type": "doc", "content": [{ "type": "paragraph", "content": [
        { "type": "mention", "attrs": { "id": "reza", "label": "Reza" } },
        { "type": "mention", "attrs": { "id": "ali", "label": "Ali" } }] }] } });
    let mut told = Vec::new();
    for body in [json!({ "text": "a" }), mention, json!({ "text": "b" })] {
        bench
            .done_by("sara", "PUT", &format!("/{id}/content"), body)
            .await;
        dabir_testing::eventually("it is derived", Duration::from_secs(20), async || {
            (bench.documents.open() == 0).then_some(())
        })
        .await;
        told.extend(bench.said().await);
    }
    let told: Vec<_> = told
        .iter()
        .map(|said| (said.event.as_str(), said.concerns.clone()))
        .collect();
    // Reza may not see it, so nothing of it is told to him.
    let ali = vec!["ali".to_owned()];
    assert_eq!(
        told,
        [
            ("document.changed", ali.clone()),
            ("document.mentioned", ali)
        ]
    );
}

dabir_testing::on_both!(
    a_text_is_given_in_each_form,
    a_whole_text_takes_the_place_of_another,
    versions_are_kept_compared_and_brought_back,
    it_is_told_once_in_ten_minutes_that_somebody_writes,
);
