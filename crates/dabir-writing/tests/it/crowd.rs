//! Several at once.

use std::collections::BTreeSet;
use std::pin::pin;

use axum::http::StatusCode;
use dabir_db::audit::{self, Verdict};
use futures_util::future::join_all;
use futures_util::poll;
use serde_json::json;

use crate::bench::{Bench, words};

async fn of_two_changes_one_wins_and_the_other_is_told(bench: Bench) {
    bench.make("one", json!({})).await;
    for version in 1..=20 {
        let body = |title: &str| {
            Some(json!({ "title": format!("{title} {version}"), "version": version }))
        };
        let (a, b) = tokio::join!(
            bench.ask("ali", "PATCH", "/1", body("a")),
            bench.ask("sara", "PATCH", "/1", body("b"))
        );
        let statuses: BTreeSet<StatusCode> = [a.0, b.0].into();
        assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT].into());
        let (winner, loser) = if a.0 == StatusCode::OK {
            (a.1, b.1)
        } else {
            (b.1, a.1)
        };
        assert_eq!(loser["code"], "tasks.changed");
        let shown = bench.get("/1").await;
        assert_eq!(
            (&shown["title"], &shown["version"]),
            (&winner["title"], &json!(version + 1))
        );
    }
    let activity = bench.get("/1/activity").await;
    assert_eq!(activity["items"].as_array().unwrap().len(), 21);
}

async fn a_crowd_gets_numbers_and_places_of_its_own(bench: Bench) {
    let makes = (0..40).map(|n| bench.make("x", json!({ "labels": [format!("l{}", n % 3)] })));
    join_all(makes).await;
    let says =
        (0..20).map(|n| bench.done("POST", "/1/comments", json!({ "text": format!("{n}") })));
    let moves = (2..=20).map(async |n: i64| {
        let place = json!({ "after": "1" });
        bench.done("POST", &format!("/{n}/move"), place).await
    });
    // Nothing is to be removed, and that must not take along what others are writing.
    let purges = (0..20).map(|_| bench.tasks.purge());
    let (_, _, purged) = tokio::join!(join_all(says), join_all(moves), join_all(purges));
    assert!(
        purged.iter().all(|gone| matches!(gone, Ok(0))),
        "{purged:?}"
    );
    let all = bench.get("?limit=1000&sort=rank").await;
    for field in ["number", "rank", "id"] {
        let different: BTreeSet<String> = words(&all["items"], field).into_iter().collect();
        assert_eq!(different.len(), 40, "{field}");
    }
    let numbers: BTreeSet<i64> = words(&all["items"], "number")
        .iter()
        .map(|n| n.parse().unwrap())
        .collect();
    assert_eq!(numbers, (1..=40).collect());
    assert_eq!(bench.get("/1").await["comments"], 20);
    let verdict = audit::verify(bench.db.read(), &[]).await.unwrap();
    assert!(matches!(verdict, Verdict::Whole(head) if head.seq == 40 + 20 + 19));
}

/// Callers that go away while they are served, each a little later than the one before.
async fn whoever_gives_up_leaves_nothing_half_done(bench: Bench) {
    for patience in 0..40 {
        let made = bench.ask(
            "ali",
            "POST",
            "",
            Some(json!({ "title": "x", "labels": ["a"] })),
        );
        let other = bench.ask("ali", "POST", "", Some(json!({ "title": "y" })));
        let gives_up = async {
            let mut made = pin!(made);
            for _ in 0..patience {
                if poll!(made.as_mut()).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        };
        let ((), (status, answer)) = tokio::join!(gives_up, other);
        assert_eq!(status, StatusCode::CREATED, "{answer}");
    }
    // Whatever is still being written is written before this.
    bench.make("last", json!({})).await;
    let all = bench.get("?limit=1000").await;
    let tasks = words(&all["items"], "number");
    assert_eq!(bench.titles("q=y").await.len(), 40);
    for number in &tasks {
        let activity = bench.get(&format!("/{number}/activity")).await;
        assert_eq!(words(&activity["items"], "what"), ["created"]);
    }
    let labelled = bench.titles("label=a").await;
    assert_eq!(labelled.len(), bench.titles("q=x").await.len());
    assert_eq!(bench.said().await.len(), tasks.len());
    let verdict = audit::verify(bench.db.read(), &[]).await.unwrap();
    let many = i64::try_from(tasks.len()).unwrap();
    assert!(matches!(verdict, Verdict::Whole(head) if head.seq == many));
}

dabir_testing::on_both!(
    whoever_gives_up_leaves_nothing_half_done,
    of_two_changes_one_wins_and_the_other_is_told,
    a_crowd_gets_numbers_and_places_of_its_own,
);
