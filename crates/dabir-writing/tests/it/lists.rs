//! Lists of tasks: what they are narrowed by, their order and their pages.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::bench::{Bench, words};

async fn each_filter_finds_its_own(bench: Bench) {
    bench.make("گزارش كتاب", json!({ "status": "doing", "assignees": ["ali"], "labels": ["فوری"], "due": "2026-11-17" })).await;
    bench.make("می‌روم 100%", json!({ "priority": "high", "assignees": ["sara"], "documents": ["d1"], "due": "2026-11-18" })).await;
    bench.make("Sprint_plan", json!({ "priority": "urgent", "assignees": ["ali", "sara"], "meetings": ["m1"], "labels": ["web"] })).await;
    bench
        .make(
            "plain",
            json!({ "status": "done", "due": "2026-11-18T06:00:00Z" }),
        )
        .await;
    bench
        .make("late", json!({ "due": "2026-11-18T06:00:00Z" }))
        .await;
    for (query, found) in [
        ("status=doing", "1"),
        ("status=todo,done", "5 4 3 2"),
        ("priority=high,urgent", "3 2"),
        ("assignee=me", "3 1"),
        ("assignee=sara", "3 2"),
        ("assignee=none", "5 4"),
        ("assignee=none,sara", "5 4 3 2"),
        ("assignee=ali&label=%D9%81%D9%88%D8%B1%D9%8A", "1"), // فوري
        ("label=WEB,%D9%81%D9%88%D8%B1%DB%8C", "3 1"),
        ("document=d1", "2"),
        ("meeting=m1", "3"),
        ("q=%DA%A9%D8%AA%D8%A7%D8%A8", "1"),       // کتاب
        ("q=%D9%85%D9%8A%D8%B1%D9%88%D9%85", "2"), // ميروم
        ("q=100%25", "2"),
        ("q=%25", "2"),
        ("q=t_p", "3"),
        ("q=plan%20sprint", "3"),
        ("q=%DB%B3", "3"), // ۳
        ("q=%234", "4"),
        ("q=nothing", ""),
        ("due_before=2026-11-18", "1"),
        ("due_after=2026-11-18", "5 4 2"),
        (
            "due_after=2026-11-18&due_before=2026-11-18T06:10:00Z",
            "5 4",
        ),
        ("overdue=true", "5 1"),
        ("overdue=false", "4 3 2"),
        ("overdue=true&assignee=me&status=doing&sort=due", "1"),
        ("deleted=true", ""),
    ] {
        let page = bench.get(&format!("?{query}")).await;
        assert_eq!(words(&page["items"], "number").join(" "), found, "{query}");
    }
}

async fn each_order_is_that_of_its_key(bench: Bench) {
    for (title, priority, due) in [
        ("a", "low", Some("2026-12-01")),
        ("b", "urgent", None),
        ("c", "low", Some("2026-11-20")),
        ("d", "none", Some("2026-11-20T08:00:00Z")),
    ] {
        bench.advance(1);
        bench
            .make(title, json!({ "priority": priority, "due": due }))
            .await;
    }
    bench.advance(1);
    bench
        .done("PATCH", "/1", json!({ "title": "a" , "labels": ["x"]}))
        .await;
    bench
        .done("POST", "/4/move", json!({ "before": "2" }))
        .await;
    for (sort, titles) in [
        ("number", "a b c d"),
        ("-number", "d c b a"),
        ("due", "d c a b"),
        ("-due", "b a c d"),
        ("-priority", "b c a d"),
        ("-updated", "a d c b"),
        ("rank", "a d b c"),
        ("-rank", "c b d a"),
    ] {
        let whole = bench.titles(&format!("sort={sort}")).await.join(" ");
        assert_eq!(whole, titles, "{sort}");
        assert_eq!(
            pages(&bench, &format!("sort={sort}"), 1).await.join(" "),
            titles,
            "{sort} by ones"
        );
    }
}

/// The titles of all pages.
async fn pages(bench: &Bench, query: &str, limit: usize) -> Vec<String> {
    let mut titles = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let after = cursor
            .as_str()
            .map_or(String::new(), |c| format!("&cursor={c}"));
        let page = bench.get(&format!("?{query}&limit={limit}{after}")).await;
        titles.extend(words(&page["items"], "title"));
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            return titles;
        }
    }
}

/// Whoever pages sees each that was there from the beginning to the end, and none twice.
async fn pages_hold_while_others_write(bench: Bench) {
    for n in 0..60 {
        bench
            .make(
                &format!("old {n}"),
                json!({ "due": format!("2027-01-{:02}", n % 28 + 1) }),
            )
            .await;
    }
    let old: BTreeSet<String> = (0..60).map(|n| format!("old {n}")).collect();
    for sort in ["-number", "due", "-updated", "rank", "-priority"] {
        let writes = async {
            for n in 0..30 {
                bench.advance(1);
                let new = bench
                    .make("new", json!({ "due": "2027-01-10", "priority": "high" }))
                    .await;
                if n % 3 == 0 {
                    bench
                        .done("DELETE", &format!("/{}", new["number"]), Value::Null)
                        .await;
                }
            }
        };
        let query = format!("sort={sort}");
        let (seen, ()) = tokio::join!(pages(&bench, &query, 7), writes);
        let seen: Vec<String> = seen
            .into_iter()
            .filter(|title| title.starts_with("old"))
            .collect();
        assert_eq!(seen.len(), 60, "{sort}");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), old, "{sort}");
    }
}

async fn a_page_asks_once_who_the_people_are(bench: Bench) {
    for n in 0..20 {
        bench
            .make("x", json!({ "assignees": [format!("u{n}"), "sara"] }))
            .await;
    }
    bench.asked.store(0, Ordering::SeqCst);
    let page = bench.get("?limit=20").await;
    assert_eq!(page["people"].as_array().unwrap().len(), 21);
    assert_eq!(bench.asked.load(Ordering::SeqCst), 1);
}

async fn labels_are_counted_however_they_are_spelt(bench: Bench) {
    for labels in [["فوری", "web"], ["فوري", "کتاب"], ["Web", "فوری"]] {
        bench.make("x", json!({ "labels": labels })).await;
    }
    bench.make("gone", json!({ "labels": ["گم"] })).await;
    bench.done("DELETE", "/4", Value::Null).await;
    let labels = bench.get("/labels").await;
    assert_eq!(words(&labels["items"], "tasks"), ["3", "2", "1"]);
    assert_eq!(words(&labels["items"], "label")[2], "کتاب");
    // Another spelling of the same label is shown and found as before.
    let changed = bench
        .done("PATCH", "/2", json!({ "labels": ["كتاب"] }))
        .await;
    assert_eq!(changed["labels"], json!(["كتاب"]));
    assert_eq!(bench.titles("label=%DA%A9%D8%AA%D8%A7%D8%A8").await, ["x"]);
}

dabir_testing::on_both!(
    each_filter_finds_its_own,
    each_order_is_that_of_its_key,
    pages_hold_while_others_write,
    a_page_asks_once_who_the_people_are,
    labels_are_counted_however_they_are_spelt,
);
