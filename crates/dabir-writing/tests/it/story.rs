//! Random lives of a task against a model: what its activity tells is what was done, and nothing else.

use dabir_db::audit::{self, Filter};
use serde_json::{Value, json};

use crate::bench::{Bench, words};

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Some value for a field.
    fn value(&mut self, field: &str) -> Value {
        match field {
            "status" => json!(self.one(&["todo", "doing", "review", "done"])),
            "priority" => json!(self.one(&["none", "low", "urgent"])),
            "due" => [
                json!(null),
                json!("2026-12-01"),
                json!("2026-12-01T10:00:00Z"),
            ][self.below(3)]
            .clone(),
            "title" | "description" => json!(self.one(&["a", "b", "سلام"])),
            "checklist" => json!([{ "text": self.one(&["a", "b"]), "done": self.below(2) == 0 }]),
            "files" => json!([self.one(&["f1", "f2"])]),
            _ => json!([self.one(&["x", "y", "z"])]),
        }
    }
}

/// In the order in which one change of several is told.
const FIELDS: [&str; 11] = [
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
];

/// A task as it should be, and what became of it.
struct Model {
    task: Value,
    steps: Vec<Value>,
    changes: usize,
    is_deleted: bool,
}

impl Model {
    fn step(&mut self, what: &str, from: &Value, to: &Value) {
        self.steps
            .push(json!({ "what": what, "from": from, "to": to }));
    }

    fn set(&mut self, change: &Value) {
        let mut is_other = false;
        for field in FIELDS {
            let Some(value) = change.get(field) else {
                continue;
            };
            let old = self.task[field].clone();
            if old != *value {
                self.step(field, &old, value);
                self.task[field] = value.clone();
                is_other = true;
            }
        }
        self.changes += usize::from(is_other);
    }
}

async fn its_activity_is_what_was_done(bench: Bench) {
    let mut dice = Dice(11);
    let task = bench.make("a", json!({})).await;
    let mut model = Model {
        task,
        steps: Vec::new(),
        changes: 1,
        is_deleted: false,
    };
    model.step("created", &Value::Null, &json!("a"));
    for _ in 0..400 {
        match dice.below(10) {
            0..=5 if !model.is_deleted => {
                let count = dice.below(3) + 1;
                let mut change = json!({});
                for _ in 0..count {
                    let field = dice.one(&FIELDS);
                    change[field] = dice.value(field);
                }
                bench.done("PATCH", "/1", change.clone()).await;
                model.set(&change);
            }
            6 if !model.is_deleted => {
                let change = json!({ "status": dice.value("status") });
                let moved = bench.done("POST", "/1/move", change.clone()).await;
                let changes = model.changes;
                let is_other_place = moved["rank"] != model.task["rank"];
                model.set(&change);
                // A card that only moves stands in the audit, and is no news of the task.
                model.changes = changes + usize::from(is_other_place || model.changes > changes);
            }
            7 if !model.is_deleted => {
                let said = bench
                    .done("POST", "/1/comments", json!({ "text": "x" }))
                    .await;
                model.step("commented", &Value::Null, &said["id"]);
                model.changes += 1;
            }
            8 if !model.is_deleted => {
                bench.done("DELETE", "/1", Value::Null).await;
                (model.is_deleted, model.changes) = (true, model.changes + 1);
                model.step("deleted", &Value::Null, &Value::Null);
            }
            9 if model.is_deleted => {
                bench.done("POST", "/1/restore", Value::Null).await;
                (model.is_deleted, model.changes) = (false, model.changes + 1);
                model.step("restored", &Value::Null, &Value::Null);
            }
            _ => {}
        }
        if !model.is_deleted {
            model.task["rank"] = bench.get("/1").await["rank"].clone();
        }
    }
    if model.is_deleted {
        bench.done("POST", "/1/restore", Value::Null).await;
        model.step("restored", &Value::Null, &Value::Null);
        model.changes += 1;
    }
    let shown = bench.get("/1").await;
    for field in FIELDS {
        assert_eq!(shown[field], model.task[field], "{field}");
    }
    assert_eq!(told(&bench).await, model.steps);
    let all = Filter::default();
    let audited = audit::list(bench.db.read(), &all, None, 10_000)
        .await
        .unwrap();
    assert_eq!(audited.len(), model.changes);
}

/// The whole activity, page by page, the oldest first.
async fn told(bench: &Bench) -> Vec<Value> {
    let mut steps = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let after = cursor
            .as_str()
            .map_or(String::new(), |c| format!("&cursor={c}"));
        let page = bench.get(&format!("/1/activity?limit=50{after}")).await;
        assert!(
            words(&page["items"], "by")
                .iter()
                .all(|by| by.contains("ali"))
        );
        for step in page["items"].as_array().unwrap() {
            steps.push(json!({ "what": step["what"], "from": step["from"], "to": step["to"] }));
        }
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            steps.reverse();
            return steps;
        }
    }
}

dabir_testing::on_both!(its_activity_is_what_was_done);
