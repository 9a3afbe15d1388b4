//! Documents and folders: made, listed, changed, deleted, brought back.

use std::time::Duration;

use axum::http::StatusCode;
use dabir_writing::documents::Begun;
use serde_json::{Value, json};

use crate::bench::Bench;

async fn one_is_made_of_a_title_and_a_text(bench: Bench) {
    let made = bench
        .done(
            "POST",
            "",
            json!({ "title": " جلسه ", "text": "# یک\n\nدو **سه** @x" }),
        )
        .await;
    assert_eq!(
        (&made["title"], &made["words"]),
        (&json!("جلسه"), &json!(4))
    );
    assert_eq!(made["right"], "own");
    let id = made["id"].as_str().unwrap();
    let detail = bench.get(&format!("/{id}")).await;
    assert_eq!(detail["outline"][0]["text"], "یک");
    assert_eq!(bench.text(id).await, "یک\nدو سه @x");
    let json = bench.get(&format!("/{id}/content")).await;
    assert_eq!(json["content"][0]["type"], "heading");
    let copy = json!({ "title": "copy", "from": id });
    let copy = bench.done("POST", "", copy).await;
    assert_eq!(
        bench.text(copy["id"].as_str().unwrap()).await,
        "یک\nدو سه @x"
    );
    let minutes = bench
        .done("POST", "", json!({ "title": "m", "from": "minutes.fa" }))
        .await;
    assert!(minutes["words"].as_i64().unwrap() > 5);
    let by_json = json!({ "title": "j", "content": { "type": "doc", "content": [
        { "type": "script", "content": [{ "type": "text", "text": "kept" }] }] } });
    let by_json = bench.done("POST", "", by_json).await;
    assert_eq!(bench.text(by_json["id"].as_str().unwrap()).await, "kept");
    let events: Vec<String> = bench
        .said()
        .await
        .into_iter()
        .map(|said| said.event)
        .collect();
    assert_eq!(events, ["document.created"; 4]);
}

async fn every_wrong_field_is_named(bench: Bench) {
    let id = bench.make("a", "x").await;
    for (method, path, body, fields) in [
        (
            "POST",
            "",
            json!({ "title": "", "text": 3, "colour": 1 }),
            vec!["title", "text", "colour"],
        ),
        (
            "POST",
            "",
            json!({ "title": "a", "text": "x", "html": "y" }),
            vec!["content"],
        ),
        (
            "POST",
            "",
            json!({ "title": "a", "content": 3 }),
            vec!["content"],
        ),
        (
            "POST",
            "",
            json!({ "title": "a", "from": "nothing" }),
            vec!["from"],
        ),
        (
            "PATCH",
            "/ID",
            json!({ "title": "a\nb", "owner": "nobody" }),
            vec!["title", "owner"],
        ),
        ("PUT", "/ID/content", json!({}), vec!["content"]),
        (
            "PUT",
            "/ID/access",
            json!({ "grants": [{ "grantee": "user:nobody", "right": "view" }] }),
            vec!["grants"],
        ),
        (
            "PUT",
            "/ID/access",
            json!({ "grants": [{ "grantee": "role:participant", "right": "view" }] }),
            vec!["grants"],
        ),
        (
            "PUT",
            "/ID/access",
            json!({ "grants": [{ "grantee": "everyone", "right": "own" }] }),
            vec!["grants"],
        ),
        ("PUT", "/ID/access", json!({}), vec!["grants"]),
        (
            "POST",
            "/ID/link",
            json!({ "ends_at": "2020-01-01T00:00:00Z" }),
            vec!["ends_at"],
        ),
        ("POST", "/ID/versions", json!({}), vec!["name"]),
        (
            "POST",
            "/ID/comments",
            json!({ "text": " ", "anchor": "a b" }),
            vec!["text", "anchor"],
        ),
        (
            "POST",
            "/folders",
            json!({ "title": 3 }),
            vec!["title", "title"],
        ),
    ] {
        let path = path.replace("ID", &id);
        let (status, answer) = bench.ask("ali", method, &path, body.clone()).await;
        assert_eq!(
            status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{method} {path} {body}: {answer}"
        );
        let named = answer["errors"].as_array().unwrap().iter();
        let named: Vec<&str> = named
            .map(|error| error["field"].as_str().unwrap())
            .collect();
        assert_eq!(named, fields, "{method} {path} {body}");
    }
    for query in [
        "folder=a%20b",
        "mine=true&shared=true",
        "cursor=x",
        "limit=0",
    ] {
        assert_eq!(
            bench
                .ask("ali", "GET", &format!("?{query}"), Value::Null)
                .await
                .0,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{query}"
        );
    }
}

async fn lists_are_narrowed_and_paged(bench: Bench) {
    for title in ["Report of spring", "گزارش بهار", "Letter"] {
        bench.clock.advance(Duration::from_secs(1));
        bench.make(title, "x").await;
    }
    let letter = bench.get("?q=letter").await["items"][0]["id"].clone();
    let letter = letter.as_str().unwrap();
    assert_eq!(
        bench.titles("ali", "").await,
        ["Letter", "گزارش بهار", "Report of spring"]
    );
    assert_eq!(bench.titles("ali", "q=گزارش").await, ["گزارش بهار"]);
    assert_eq!(bench.titles("ali", "q=SPRING").await, ["Report of spring"]);
    assert_eq!(bench.titles("ali", "starred=true").await, [""; 0]);
    bench
        .done("PUT", &format!("/{letter}/star"), Value::Null)
        .await;
    assert_eq!(bench.titles("ali", "starred=true").await, ["Letter"]);
    bench
        .done("PATCH", &format!("/{letter}"), json!({ "template": true }))
        .await;
    assert_eq!(bench.titles("ali", "template=true").await, ["Letter"]);
    assert_eq!(bench.titles("ali", "recent=true").await.len(), 3);
    assert_eq!(bench.titles("sara", "").await, [""; 0]);
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = bench.get(&format!("?limit=1{cursor}")).await;
        seen.push(page["items"][0]["title"].clone());
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
        // Whatever is made meanwhile comes before all of them.
        bench.clock.advance(Duration::from_secs(1));
        bench.make("later", "x").await;
    }
    assert_eq!(seen, ["Letter", "گزارش بهار", "Report of spring"]);
}

async fn of_two_changes_one_is_told_of_the_other(bench: Bench) {
    let id = bench.make("a", "x").await;
    let path = format!("/{id}");
    let changed = bench
        .done("PATCH", &path, json!({ "title": "b", "version": 1 }))
        .await;
    assert_eq!(changed["version"], 2);
    let late = bench.refused("ali", "PATCH", &path, json!({ "title": "c", "version": 1 }));
    assert_eq!(late.await, "documents.changed");
    assert_eq!(bench.get(&path).await["title"], "b");
}

async fn what_is_deleted_can_be_restored_for_a_month(bench: Bench) {
    let (gone, back) = (bench.make("gone", "x").await, bench.make("back", "y").await);
    bench
        .done("POST", &format!("/{gone}/comments"), json!({ "text": "x" }))
        .await;
    for id in [&gone, &back] {
        bench.done("DELETE", &format!("/{id}"), Value::Null).await;
    }
    assert_eq!(bench.titles("ali", "").await, [""; 0]);
    assert_eq!(bench.titles("ali", "trashed=true").await.len(), 2);
    assert_eq!(
        bench
            .refused("ali", "GET", &format!("/{back}/content"), Value::Null)
            .await,
        "documents.not_found"
    );
    bench
        .done("POST", &format!("/{back}/restore"), Value::Null)
        .await;
    assert_eq!(bench.text(&back).await, "y");
    bench.clock.advance(Duration::from_secs(31 * 24 * 3_600));
    assert_eq!(bench.documents.purge().await.unwrap(), 1);
    assert_eq!(bench.titles("ali", "trashed=true").await, [""; 0]);
    assert_eq!(bench.titles("ali", "").await, ["back"]);
}

async fn folders_hold_documents_and_each_other(bench: Bench) {
    let folder = async |title: &str, parent: Value| {
        let made = bench.done(
            "POST",
            "/folders",
            json!({ "title": title, "parent": parent }),
        );
        made.await["id"].as_str().unwrap().to_owned()
    };
    let outer = folder("outer", Value::Null).await;
    let inner = folder("inner", json!(outer)).await;
    let id = bench.make("paper", "x").await;
    bench
        .done("PATCH", &format!("/{id}"), json!({ "folder": inner }))
        .await;
    assert_eq!(
        bench.titles("ali", &format!("folder={inner}")).await,
        ["paper"]
    );
    assert_eq!(bench.titles("ali", "folder=root").await, [""; 0]);
    let path = &bench.get(&format!("/{id}")).await["path"];
    assert_eq!(
        (&path[0]["title"], &path[1]["title"]),
        (&json!("outer"), &json!("inner"))
    );
    let into_itself = json!({ "parent": inner });
    let path = format!("/folders/{outer}");
    let refused = bench.refused("ali", "PATCH", &path, into_itself).await;
    assert_eq!(refused, "documents.invalid");
    let mut deepest = inner.clone();
    for _ in 0..8 {
        deepest = folder("deeper", json!(deepest)).await;
    }
    let deeper = json!({ "title": "too deep", "parent": deepest });
    assert_eq!(
        bench.refused("ali", "POST", "/folders", deeper).await,
        "documents.invalid"
    );
    bench
        .done("DELETE", &format!("/folders/{outer}"), Value::Null)
        .await;
    assert_eq!(bench.get("/folders").await["items"], json!([]));
    assert_eq!(bench.titles("ali", "trashed=true").await, ["paper"]);
    let restored = bench
        .done("POST", &format!("/{id}/restore"), Value::Null)
        .await;
    assert_eq!(restored["folder"], Value::Null);
}

async fn garbage_never_breaks_anything(bench: Bench) {
    let id = bench.make("a", "x").await;
    let values = [
        json!(null),
        json!(3),
        json!("\0"),
        json!(["x"]),
        json!({ "a": 1 }),
        json!(true),
        json!("x".repeat(100_000)),
        json!(-1e300),
        json!("\u{202e}\u{2066}"),
    ];
    let requests = [
        (
            "POST",
            String::new(),
            vec![
                "title", "text", "html", "content", "folder", "from", "template",
            ],
        ),
        (
            "PATCH",
            format!("/{id}"),
            vec!["title", "folder", "owner", "template", "version"],
        ),
        (
            "PUT",
            format!("/{id}/content"),
            vec!["text", "html", "content"],
        ),
        ("PUT", format!("/{id}/access"), vec!["grants"]),
        ("POST", format!("/{id}/link"), vec!["ends_at"]),
        ("POST", format!("/{id}/versions"), vec!["name"]),
        (
            "POST",
            format!("/{id}/comments"),
            vec!["text", "anchor", "quote", "thread", "mentions"],
        ),
        ("POST", "/folders".to_owned(), vec!["title", "parent"]),
    ];
    for (method, path, fields) in requests {
        for field in fields {
            for value in &values {
                let mut body = json!({ "title": "t" });
                body[field] = value.clone();
                let (status, answer) = bench.ask("ali", method, &path, body).await;
                assert!(
                    !status.is_server_error(),
                    "{method} {path} {field}: {value} {answer}"
                );
            }
        }
    }
    for id in ["x", "%00", "..", "a%2fb", "%F0%9F%92%A9", "' OR 1=1"] {
        let id = id.replace(' ', "%20");
        for rest in [
            "",
            "/content",
            "/access",
            "/versions",
            "/versions/9/diff",
            "/comments",
        ] {
            let (status, _) = bench
                .ask("ali", "GET", &format!("/{id}{rest}"), Value::Null)
                .await;
            assert!(status.is_client_error(), "{id}{rest} {status}");
        }
    }
}

async fn what_a_meeting_leaves_becomes_a_document(bench: Bench) {
    let by = dabir_writing::Doer {
        actor: dabir_core::Actor::here(dabir_core::ActorKind::User, "ali"),
        user_id: Some("ali".to_owned()),
        role: dabir_http::Role::Writer,
    };
    let begun = |text: &str| Begun {
        id: "minutes".to_owned(),
        title: "Minutes\nof today".to_owned(),
        text: dabir_prose::markdown::parse(text).unwrap(),
        grants: vec![
            serde_json::from_value(json!({ "grantee": "role:operator", "right": "view" })).unwrap(),
        ],
    };
    for text in ["# Minutes\n\nsaid", "not again"] {
        let made = bench.documents.begin_as(&by, begun(text)).await;
        made.unwrap();
    }
    assert_eq!(bench.text("minutes").await, "Minutes\nsaid");
    let (_, access) = bench
        .ask("ali", "GET", "/minutes/access", Value::Null)
        .await;
    assert_eq!(access["grants"][0]["grantee"], "role:operator");
}

dabir_testing::on_both!(
    one_is_made_of_a_title_and_a_text,
    every_wrong_field_is_named,
    lists_are_narrowed_and_paged,
    of_two_changes_one_is_told_of_the_other,
    what_is_deleted_can_be_restored_for_a_month,
    folders_hold_documents_and_each_other,
    garbage_never_breaks_anything,
    what_a_meeting_leaves_becomes_a_document,
);
