//! One change of many tasks.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::bench::{Bench, id, words};

async fn each_is_changed_or_refused_for_itself(bench: Bench) {
    let mut names = Vec::new();
    for n in 0..5 {
        let task = bench
            .make(
                "x",
                json!({ "labels": ["old"], "assignees": [format!("u{n}")] }),
            )
            .await;
        names.push(json!({ "id": id(&task), "version": 1 }));
    }
    bench.done("PATCH", "/2", json!({ "title": "y" })).await;
    bench.done("DELETE", "/3", Value::Null).await;
    names.push(json!({ "id": "nothing" }));
    names.push(names[0].clone());
    bench.said().await;
    let change = json!({
        "tasks": names, "status": "done", "priority": "high", "due": "tomorrow", "add_labels": ["new"],
        "remove_labels": ["OLD"], "add_assignees": ["sara", "u0"], "remove_assignees": ["u1", "u4"],
    });
    let answer = bench.done("POST", "/bulk", change).await;
    assert_eq!(
        (&answer["changed"], &answer["refused"]),
        (&json!(3), &json!(3))
    );
    let codes = words(&answer["items"], "code");
    assert_eq!(
        codes,
        [
            "null",
            "tasks.changed",
            "tasks.changed",
            "null",
            "null",
            "tasks.not_found"
        ]
    );
    let task = &answer["items"][4]["task"];
    assert_eq!(
        (&task["labels"], &task["assignees"]),
        (&json!(["new"]), &json!(["sara", "u0"]))
    );
    assert_eq!(*task, {
        let mut shown = bench.get("/5").await;
        shown
            .as_object_mut()
            .unwrap()
            .retain(|field, _| field != "people" && field != "attachments");
        shown
    });
    assert_eq!(
        words(
            &bench.get("?status=done&sort=rank").await["items"],
            "number"
        ),
        ["1", "4", "5"]
    );
    let said = bench.said().await;
    assert_eq!(
        said.iter()
            .filter(|said| said.event == "task.completed")
            .count(),
        3
    );
    let gone: Vec<Value> = [0, 3].map(|at| json!({ "id": names[at]["id"] })).into();
    for (action, left) in [("delete", 2), ("restore", 4)] {
        bench
            .done("POST", "/bulk", json!({ "tasks": gone, "action": action }))
            .await;
        assert_eq!(bench.titles("").await.len(), left);
    }
}

async fn a_change_that_is_not_allowed_changes_none(bench: Bench) {
    let task = bench.make("x", json!({})).await;
    let names = json!([{ "id": id(&task) }]);
    for wrong in [
        json!({ "tasks": [] }),
        json!({ "tasks": names, "status": "later" }),
        json!({ "tasks": names, "add_assignees": ["blocked"] }),
        json!({ "tasks": names, "title": "y" }),
        json!({ "status": "done" }),
    ] {
        let asked = bench.ask("ali", "POST", "/bulk", Some(wrong)).await;
        assert_eq!(asked.0, StatusCode::UNPROCESSABLE_ENTITY, "{}", asked.1);
    }
    let nothing = bench.done("POST", "/bulk", json!({ "tasks": names })).await;
    assert_eq!(
        (&nothing["changed"], &nothing["refused"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(bench.get("/1").await["version"], 1);
}

dabir_testing::on_both!(
    each_is_changed_or_refused_for_itself,
    a_change_that_is_not_allowed_changes_none,
);
