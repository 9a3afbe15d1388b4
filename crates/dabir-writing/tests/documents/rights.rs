//! Who may do what.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::bench::Bench;

/// What everybody may do with a document: nothing, or the right that they have.
async fn rights(bench: &Bench, id: &str) -> Vec<String> {
    let mut rights = Vec::new();
    for who in ["ali", "sara", "operator", "auditor", "guest", "boss"] {
        let (status, answer) = bench.ask(who, "GET", &format!("/{id}"), Value::Null).await;
        let listed = bench.done_by(who, "GET", "", Value::Null).await;
        let listed = listed["items"].as_array().unwrap().iter();
        let listed: Vec<_> = listed.filter(|item| item["id"] == id).collect();
        match status {
            StatusCode::NOT_FOUND => {
                assert!(listed.is_empty(), "{who} is shown what they may not see");
                rights.push("-".to_owned());
            }
            _ => {
                assert_eq!(listed[0]["right"], answer["right"], "{who}");
                rights.push(answer["right"].as_str().unwrap().to_owned());
            }
        }
    }
    rights
}

async fn what_is_shared_is_seen_and_nothing_else(bench: Bench) {
    let id = bench.make("a", "x").await;
    let own = format!("/{id}");
    assert_eq!(rights(&bench, &id).await, ["own", "-", "-", "-", "-", "-"]);
    bench.share(&own, "user:sara", "comment").await;
    assert_eq!(
        rights(&bench, &id).await,
        ["own", "comment", "-", "-", "-", "-"]
    );
    bench.share(&own, "role:operator", "edit").await;
    assert_eq!(
        rights(&bench, &id).await,
        ["own", "-", "edit", "-", "-", "-"]
    );
    bench.share(&own, "everyone", "edit").await;
    // Auditors look; participants are not the house.
    assert_eq!(
        rights(&bench, &id).await,
        ["own", "edit", "edit", "view", "-", "edit"]
    );
    bench.share(&own, "user:guest", "edit").await;
    assert_eq!(
        rights(&bench, &id).await,
        ["own", "-", "-", "-", "view", "-"]
    );
}

async fn what_is_in_a_folder_is_shared_as_it_is(bench: Bench) {
    let outer = bench
        .done("POST", "/folders", json!({ "title": "outer" }))
        .await;
    let outer = outer["id"].as_str().unwrap();
    let inner = bench
        .done(
            "POST",
            "/folders",
            json!({ "title": "in", "parent": outer }),
        )
        .await;
    let inner = inner["id"].as_str().unwrap();
    let id = bench.make("a", "x").await;
    bench
        .done("PATCH", &format!("/{id}"), json!({ "folder": inner }))
        .await;
    bench
        .share(&format!("/folders/{outer}"), "user:sara", "edit")
        .await;
    bench.share(&format!("/{id}"), "user:guest", "view").await;
    assert_eq!(
        rights(&bench, &id).await,
        ["own", "edit", "-", "-", "view", "-"]
    );
    let access = bench.get(&format!("/{id}/access")).await;
    assert_eq!(access["inherited"][0]["name"], "The sara one");
    assert_eq!(access["inherited"][0]["folder"], *outer);
    // Who may write in a folder adds to it, and its owner owns what is added.
    let added = json!({ "title": "b", "folder": inner });
    let added = bench.done_by("sara", "POST", "", added).await;
    let added = added["id"].as_str().unwrap();
    assert_eq!(bench.get(&format!("/{added}")).await["right"], "own");
    let path = format!("/{id}");
    let out = json!({ "folder": null });
    let refused = bench.refused("sara", "PATCH", &path, out).await;
    assert_eq!(refused, "documents.no_right");
    bench
        .done(
            "PUT",
            &format!("/folders/{outer}/access"),
            json!({ "grants": [] }),
        )
        .await;
    assert_eq!(
        rights(&bench, &id).await,
        ["own", "-", "-", "-", "view", "-"]
    );
    let folders = bench.done_by("sara", "GET", "/folders", Value::Null).await;
    assert_eq!(folders["items"], json!([]));
}

async fn each_right_does_what_it_says(bench: Bench) {
    let id = bench.make("a", "x").await;
    bench
        .done("POST", &format!("/{id}/versions"), json!({ "name": "v" }))
        .await;
    let requests = [
        ("GET", "/ID", json!(null), 1),
        ("GET", "/ID/content", json!(null), 1),
        ("GET", "/ID/versions/1", json!(null), 1),
        ("POST", "/ID/comments", json!({ "text": "x" }), 2),
        ("PUT", "/ID/content", json!({ "text": "y" }), 3),
        ("PATCH", "/ID", json!({ "title": "b" }), 3),
        ("POST", "/ID/versions", json!({ "name": "w" }), 3),
        ("POST", "/ID/versions/1/restore", json!(null), 3),
        ("PATCH", "/ID", json!({ "folder": null }), 4),
        ("PUT", "/ID/access", json!({ "grants": [] }), 4),
        ("POST", "/ID/link", json!({}), 4),
        ("DELETE", "/ID/link", json!(null), 4),
        ("DELETE", "/ID", json!(null), 4),
    ];
    for (number, right) in [(0, ""), (1, "view"), (2, "comment"), (3, "edit")] {
        if !right.is_empty() {
            bench.share(&format!("/{id}"), "user:sara", right).await;
        }
        for (method, path, body, needed) in &requests {
            let path = path.replace("ID", &id);
            let (status, answer) = bench.ask("sara", method, &path, body.clone()).await;
            assert_eq!(
                status.is_success(),
                number >= *needed,
                "{right} {method} {path}: {answer}"
            );
        }
    }
    for (method, path, body, _) in &requests[3..] {
        let path = path.replace("ID", &id);
        let (status, _) = bench.ask("auditor", method, &path, body.clone()).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path}");
    }
}

async fn an_admin_gives_away_what_nobody_has_any_more(bench: Bench) {
    let id = bench.make("a", "x").await;
    let give = format!("/{id}/give");
    let (status, _) = bench
        .ask("sara", "POST", &give, json!({ "to": "sara" }))
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    bench
        .done_by("boss", "POST", &give, json!({ "to": "sara" }))
        .await;
    assert_eq!(rights(&bench, &id).await, ["-", "own", "-", "-", "-", "-"]);
}

dabir_testing::on_both!(
    what_is_shared_is_seen_and_nothing_else,
    what_is_in_a_folder_is_shared_as_it_is,
    each_right_does_what_it_says,
    an_admin_gives_away_what_nobody_has_any_more,
);
