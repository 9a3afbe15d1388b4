//! What is said about a document.

use serde_json::{Value, json};

use crate::bench::Bench;

async fn threads_stand_in_the_text_and_are_settled(bench: Bench) {
    let id = bench.make("t", "x").await;
    let comments = format!("/{id}/comments");
    let said = json!({ "text": "really?", "anchor": "m1", "quote": "x" });
    let begins = bench.done("POST", &comments, said).await;
    assert_eq!(
        (&begins["anchor"], &begins["quote"]),
        (&json!("m1"), &json!("x"))
    );
    let thread = begins["id"].as_str().unwrap();
    let answer = json!({ "text": "yes", "thread": thread });
    let answer = bench.done("POST", &comments, answer).await;
    assert_eq!(
        (&answer["thread"], &answer["anchor"]),
        (&json!(thread), &Value::Null)
    );
    let deeper = json!({ "text": "so", "thread": answer["id"] });
    assert_eq!(
        bench.done("POST", &comments, deeper).await["thread"],
        *thread
    );
    let path = format!("{comments}/{thread}/resolve");
    let settled = bench.done("POST", &path, Value::Null).await;
    assert_eq!(settled["resolved_by"]["id"], "ali");
    let all = bench.get(&comments).await;
    assert_eq!(all["items"][0]["resolved_by"]["id"], "ali");
    assert_eq!(all["items"].as_array().unwrap().len(), 3);
    let path = format!("{comments}/{thread}/reopen");
    let open = bench.done("POST", &path, Value::Null).await;
    assert_eq!(open["resolved_at"], Value::Null);
}

async fn only_who_may_see_it_is_called(bench: Bench) {
    let id = bench.make("t", "x").await;
    let comments = format!("/{id}/comments");
    bench.share(&format!("/{id}"), "user:sara", "comment").await;
    let said = json!({ "text": "look", "mentions": ["reza"] });
    assert_eq!(
        bench.refused("ali", "POST", &comments, said).await,
        "documents.invalid"
    );
    let said = json!({ "text": "look", "mentions": ["sara"] });
    let said = bench.done("POST", &comments, said).await;
    let thread = said["id"].as_str().unwrap();
    bench.said().await;
    let answer = json!({ "text": "seen", "thread": thread });
    bench.done_by("sara", "POST", &comments, answer).await;
    let told = bench.said().await;
    assert_eq!(told[0].event, "document.commented");
    assert_eq!(told[0].concerns, ["ali"]);
    // Whoever cannot see it any more hears no more of it.
    bench
        .done("PUT", &format!("/{id}/access"), json!({ "grants": [] }))
        .await;
    let more = json!({ "text": "between us", "thread": thread });
    bench.done("POST", &comments, more).await;
    assert_eq!(bench.said().await.last().unwrap().concerns, [""; 0]);
}

async fn what_one_said_is_one_s_own(bench: Bench) {
    let id = bench.make("t", "x").await;
    bench.share(&format!("/{id}"), "everyone", "comment").await;
    let comments = format!("/{id}/comments");
    let said = bench
        .done_by("sara", "POST", &comments, json!({ "text": "a" }))
        .await;
    let own = format!("{comments}/{}", said["id"].as_str().unwrap());
    let other = json!({ "text": "b" });
    assert_eq!(
        bench.refused("reza", "PATCH", &own, other.clone()).await,
        "auth.forbidden"
    );
    assert_eq!(
        bench.refused("reza", "DELETE", &own, Value::Null).await,
        "auth.forbidden"
    );
    assert_eq!(
        bench.done_by("sara", "PATCH", &own, other).await["text"],
        "b"
    );
    // The owner of the document takes it back.
    bench.done("DELETE", &own, Value::Null).await;
    let left = bench.get(&comments).await;
    assert_eq!(left["items"][0]["text"], "");
}

dabir_testing::on_both!(
    threads_stand_in_the_text_and_are_settled,
    only_who_may_see_it_is_called,
    what_one_said_is_one_s_own,
);
