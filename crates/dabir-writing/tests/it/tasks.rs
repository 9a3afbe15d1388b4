//! A task from its making to its end.

use axum::http::StatusCode;
use dabir_core::Event;
use dabir_db::audit::{self, Filter};
use serde_json::{Value, json};

use crate::bench::{Bench, id, words};

async fn a_title_is_enough(bench: Bench) {
    let task = bench.make("  نوشتن گزارش ", json!({})).await;
    let number = &task["number"];
    assert_eq!((number, &task["version"]), (&json!(1), &json!(1)));
    assert_eq!(task["title"], "نوشتن گزارش");
    for field in [
        "assignees",
        "labels",
        "checklist",
        "files",
        "documents",
        "meetings",
    ] {
        assert_eq!(task[field], json!([]), "{field}");
    }
    assert_eq!(
        (&task["status"], &task["priority"]),
        (&json!("todo"), &json!("none"))
    );
    assert_eq!(
        (&task["due"], &task["done_at"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(task["created_by"], json!({ "id": "ali", "name": "ali" }));
    assert_eq!(task["created_at"], "2026-11-18T06:30:00Z");
    let shown = bench.get("/1").await;
    assert_eq!(shown["id"], task["id"]);
    assert_eq!(bench.get(&format!("/{}", id(&task))).await, shown);
    assert_eq!(bench.make("second", json!({})).await["number"], 2);
}

async fn everything_that_is_said_is_kept(bench: Bench) {
    let all = json!({
        "title": "گزارش", "description": "# سرتیتر\n\nمتن", "status": "doing", "priority": "urgent",
        "assignees": ["sara", "ali", "sara"], "due": "فردا ۱۰", "labels": ["فوري", "فوری", "Web"],
        "checklist": [{ "text": "یک", "done": true }, { "text": "دو" }],
        "files": ["f1", "f2"], "documents": ["d1"], "meetings": ["m1"],
    });
    let made = bench.done("POST", "", all).await;
    let shown = bench.get("/1").await;
    assert_eq!(made["due"], "2026-11-19T06:30:00Z");
    assert_eq!(made["labels"], json!(["فوري", "Web"]));
    assert_eq!(made["assignees"], json!(["sara", "ali"]));
    assert_eq!(made["checklist"][1], json!({ "text": "دو", "done": false }));
    for (field, value) in made.as_object().unwrap() {
        assert_eq!(shown[field], *value, "{field}");
    }
    assert_eq!(
        words(&shown["people"], "name"),
        ["The ali one", "The sara one"]
    );
    assert_eq!(words(&shown["attachments"], "name"), ["f1.pdf", "f2.pdf"]);
}

async fn what_is_due_is_a_day_or_a_moment(bench: Bench) {
    for (said, kept) in [
        ("2026-12-16", "2026-12-16"),
        ("۲۵ آذر", "2026-12-16"),
        ("next Sat", "2026-11-21"),
        ("2026-12-16T10:00:00+03:30", "2026-12-16T06:30:00Z"),
        ("fri 9am", "2026-11-20T05:30:00Z"),
    ] {
        assert_eq!(bench.make("x", json!({ "due": said })).await["due"], kept);
    }
    let (status, problem) = bench
        .ask(
            "ali",
            "POST",
            "",
            Some(json!({ "title": "x", "due": "someday" })),
        )
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let detail = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("next Sat"), "{detail}");
    let cleared = bench.done("PATCH", "/1", json!({ "due": null })).await;
    assert_eq!(cleared["due"], Value::Null);
}

async fn a_patch_changes_what_it_names_and_a_put_the_whole(bench: Bench) {
    bench
        .make(
            "one",
            json!({ "description": "text", "labels": ["a"], "assignees": ["sara"] }),
        )
        .await;
    bench.advance(60);
    let patched = bench.done("PATCH", "/1", json!({ "status": "done" })).await;
    assert_eq!(
        (&patched["version"], &patched["description"]),
        (&json!(2), &json!("text"))
    );
    assert_eq!(patched["done_at"], "2026-11-18T06:31:00Z");
    assert_eq!(patched["updated_at"], patched["done_at"]);
    // Shown, changed and put back by a program that knows nothing of versions.
    let mut shown = bench.get("/1").await;
    shown["title"] = json!("two");
    let put = bench.done("PUT", "/1", shown.clone()).await;
    assert_eq!(
        (&put["title"], &put["labels"]),
        (&json!("two"), &json!(["a"]))
    );
    let (status, problem) = bench.ask("ali", "PUT", "/1", Some(shown)).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("tasks.changed"))
    );
    let bare = bench.done("PUT", "/1", json!({ "title": "three" })).await;
    assert_eq!(
        (&bare["labels"], &bare["assignees"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(
        (&bare["status"], &bare["done_at"]),
        (&json!("todo"), &Value::Null)
    );
    assert_eq!(bare["created_at"], "2026-11-18T06:30:00Z");
    let (status, _) = bench
        .ask("ali", "PUT", "/1", Some(json!({ "description": "x" })))
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn what_changes_nothing_leaves_no_trace(bench: Bench) {
    bench.make("one", json!({ "labels": ["a"] })).await;
    bench.said().await;
    let same = json!({ "title": "one", "labels": ["a"], "status": "todo" });
    let task = bench.done("PATCH", "/1", same).await;
    assert_eq!(task["version"], 1);
    assert_eq!(bench.said().await, []);
    assert_eq!(actions(&bench).await, ["task.create"]);
}

async fn a_change_needs_the_version_that_it_names(bench: Bench) {
    bench.make("one", json!({})).await;
    let change = || Some(json!({ "priority": "high" }));
    let (status, _) = bench.ask_if("\"1\"", "PATCH", "/1", change()).await;
    assert_eq!(status, StatusCode::OK);
    for (method, body) in [
        ("PATCH", change()),
        ("DELETE", None),
        ("PUT", Some(json!({ "title": "x" }))),
    ] {
        let (status, problem) = bench.ask_if("\"1\"", method, "/1", body).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::CONFLICT, &json!("tasks.changed"))
        );
    }
    let moved = Some(json!({ "status": "done", "version": 1 }));
    assert_eq!(
        bench.ask("ali", "POST", "/1/move", moved).await.0,
        StatusCode::CONFLICT
    );
    assert_eq!(
        bench.ask_if("*", "DELETE", "/1", None).await.0,
        StatusCode::NO_CONTENT
    );
}

async fn a_deleted_task_comes_back_or_is_gone_after_a_month(bench: Bench) {
    bench.make("one", json!({ "labels": ["a"] })).await;
    bench.make("two", json!({})).await;
    bench
        .done("POST", "/2/comments", json!({ "text": "x" }))
        .await;
    bench.done("DELETE", "/2", Value::Null).await;
    assert_eq!(
        bench.ask("ali", "GET", "/2", None).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        bench.ask("ali", "DELETE", "/2", None).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(bench.titles("").await, ["one"]);
    assert_eq!(bench.titles("deleted=true").await, ["two"]);
    let back = bench.done("POST", "/2/restore", Value::Null).await;
    assert_eq!(
        (&back["deleted_at"], &back["comments"]),
        (&Value::Null, &json!(1))
    );
    assert_eq!(bench.titles("").await, ["two", "one"]);
    bench.done("DELETE", "/2", Value::Null).await;
    bench.advance(30 * 24 * 3_600 - 60);
    assert_eq!(bench.tasks.purge().await.unwrap(), 0);
    bench.advance(120);
    assert_eq!(bench.tasks.purge().await.unwrap(), 1);
    assert_eq!(
        bench.ask("ali", "POST", "/2/restore", None).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(actions(&bench).await[0], "task.purge");
    // Its number is not given again.
    assert_eq!(bench.make("three", json!({})).await["number"], 3);
}

async fn everybody_hears_once_and_whoever_did_it_not(bench: Bench) {
    let concerned = |said: &[dabir_db::outbox::Said]| -> Vec<(String, Vec<String>)> {
        let pairs = said
            .iter()
            .map(|said| (said.event.clone(), said.concerns.clone()));
        pairs.collect()
    };
    let told = |event: &str, people: &[&str]| {
        let people = people.iter().map(|id| (*id).to_owned()).collect();
        (event.to_owned(), people)
    };
    bench
        .make("one", json!({ "assignees": ["ali", "sara"] }))
        .await;
    let said = bench.said().await;
    assert_eq!(
        concerned(&said),
        [told("task.assigned", &["sara"]), told("task.created", &[])]
    );
    assert_eq!(said[0].data["assigned"], json!(["ali", "sara"]));
    let change = json!({ "status": "done", "title": "two", "assignees": ["sara", "reza"] });
    bench.ask("sara", "PATCH", "/1", Some(change)).await;
    let said = bench.said().await;
    let expected = [
        told("task.assigned", &["reza"]),
        told("task.completed", &["ali"]),
        told("task.changed", &[]),
    ];
    assert_eq!(concerned(&said), expected);
    assert_eq!(said[2].data["changed"], json!(["title", "assignees"]));
    assert_eq!(
        (said[1].by_name.as_str(), &said[1].data["number"]),
        ("sara", &json!(1))
    );
    bench.ask("nader", "DELETE", "/1", None).await;
    assert_eq!(
        concerned(&bench.said().await),
        [told("task.deleted", &["sara", "reza", "ali"])]
    );
}

async fn what_is_taken_up_again_is_said_so(bench: Bench) {
    bench.make("one", json!({ "status": "done" })).await;
    bench.said().await;
    let change = json!({ "status": "doing" });
    bench.ask("sara", "PATCH", "/1", Some(change)).await;
    let said = bench.said().await;
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].event, "task.reopened");
    assert_eq!(said[0].concerns, ["ali"]);
}

/// The numbers of the tasks of which it is said now that they are due, and whom that concerns.
async fn due(bench: &Bench) -> Vec<(Value, String)> {
    bench.said().await;
    bench.tasks.remind().await.unwrap();
    let said = bench.said().await;
    assert!(said.iter().all(|said| said.event == "task.due"));
    let told = said
        .iter()
        .map(|said| (said.data["number"].clone(), said.concerns.join(" ")));
    told.collect()
}

async fn that_a_task_is_due_is_said_once(bench: Bench) {
    let due_at = |at: &str| json!({ "due": at, "assignees": ["sara"] });
    bench.make("soon", due_at("2026-11-18T08:00:00Z")).await;
    bench.make("nobody's", json!({ "due": "2026-11-17" })).await;
    bench.make("later", due_at("2026-11-20T08:00:00Z")).await;
    bench.make("done", due_at("2026-11-18T08:00:00Z")).await;
    bench.make("never", json!({})).await;
    bench.done("PATCH", "/4", json!({ "status": "done" })).await;
    let told = |number: i64, who: &str| (json!(number), who.to_owned());
    assert_eq!(due(&bench).await, [told(2, "ali"), told(1, "sara")]);
    assert_eq!(due(&bench).await, []);
    bench.advance(24 * 3_600 + 2 * 3_600);
    assert_eq!(due(&bench).await, [told(3, "sara")]);
    let another = json!({ "due": "2026-11-19T10:00:00Z" });
    bench.done("PATCH", "/1", another).await;
    assert_eq!(due(&bench).await, [told(1, "sara")]);
}

async fn those_who_look_hear_of_each_change(bench: Bench) {
    let mut heard = bench.events.subscribe(None).receiver;
    bench.make("one", json!({})).await;
    bench
        .done("POST", "/1/move", json!({ "status": "doing" }))
        .await;
    bench.done("DELETE", "/1", Value::Null).await;
    let mut next = || heard.try_recv().unwrap().event;
    assert!(matches!(next(), Event::TaskChanged { number: 1, status, .. } if status == "todo"));
    assert!(matches!(next(), Event::TaskChanged { number: 1, status, .. } if status == "doing"));
    assert!(matches!(next(), Event::TaskRemoved { number: 1, .. }));
}

async fn writers_write_and_auditors_read(bench: Bench) {
    bench.make("one", json!({})).await;
    let new = || Some(json!({ "title": "x" }));
    for (who, reads, writes) in [
        ("participant", false, false),
        ("auditor", true, false),
        ("sara", true, true),
        ("operator", true, true),
        ("admin", true, true),
    ] {
        let (status, _) = bench.ask(who, "GET", "", None).await;
        assert_eq!(status.is_success(), reads, "{who}");
        let (status, _) = bench.ask(who, "POST", "", new()).await;
        assert_eq!(status.is_success(), writes, "{who}");
    }
}

async fn actions(bench: &Bench) -> Vec<String> {
    let all = Filter::default();
    let entries = audit::list(bench.db.read(), &all, None, 100).await;
    entries
        .unwrap()
        .into_iter()
        .map(|entry| entry.action)
        .collect()
}

dabir_testing::on_both!(
    a_title_is_enough,
    everything_that_is_said_is_kept,
    what_is_due_is_a_day_or_a_moment,
    a_patch_changes_what_it_names_and_a_put_the_whole,
    what_changes_nothing_leaves_no_trace,
    a_change_needs_the_version_that_it_names,
    a_deleted_task_comes_back_or_is_gone_after_a_month,
    everybody_hears_once_and_whoever_did_it_not,
    what_is_taken_up_again_is_said_so,
    that_a_task_is_due_is_said_once,
    those_who_look_hear_of_each_change,
    writers_write_and_auditors_read,
);
