//! The board: cards keep the order in which they were put.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::bench::{Bench, words};

const COLUMNS: [&str; 4] = ["todo", "doing", "review", "done"];

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
}

async fn column(bench: &Bench, status: &str) -> Vec<String> {
    let page = bench
        .get(&format!("?status={status}&sort=rank&limit=1000"))
        .await;
    words(&page["items"], "number")
}

async fn a_thousand_moves_are_where_they_were_put(bench: Bench) {
    let mut dice = Dice(7);
    let mut board: [Vec<String>; 4] = Default::default();
    for n in 1..=24 {
        bench.make("card", json!({})).await;
        board[0].push(n.to_string());
    }
    for turn in 0..1_000 {
        let card = (dice.below(24) + 1).to_string();
        let to = dice.below(4);
        board
            .iter_mut()
            .for_each(|column| column.retain(|other| *other != card));
        let at = dice.below(board[to].len() + 1);
        let place = match dice.below(3) {
            0 if at > 0 => json!({ "status": COLUMNS[to], "after": board[to][at - 1] }),
            _ if at < board[to].len() => json!({ "status": COLUMNS[to], "before": board[to][at] }),
            _ => json!({ "status": COLUMNS[to] }),
        };
        bench.done("POST", &format!("/{card}/move"), place).await;
        board[to].insert(at, card);
        if turn % 50 == 0 || turn == 999 {
            for (status, cards) in COLUMNS.iter().zip(&board) {
                assert_eq!(column(&bench, status).await, *cards, "after {turn} moves");
            }
        }
    }
    let ranks = words(&bench.get("?limit=1000").await["items"], "rank");
    assert!(ranks.iter().all(|rank| rank.len() <= 40), "{ranks:?}");
}

/// Always between the same two: their column is spread when places get long.
async fn places_between_two_never_run_out(bench: Bench) {
    for _ in 0..3 {
        bench.make("card", json!({})).await;
    }
    bench.done("POST", "/3/move", json!({ "after": "1" })).await;
    for n in 4..=400 {
        bench.make("card", json!({ "status": "doing" })).await;
        bench
            .done(
                "POST",
                &format!("/{n}/move"),
                json!({ "status": "todo", "after": "1" }),
            )
            .await;
    }
    let cards = column(&bench, "todo").await;
    let newest_first = (3..=400).rev().map(|n| n.to_string());
    let expected: Vec<String> = ["1".to_owned()]
        .into_iter()
        .chain(newest_first)
        .chain(["2".to_owned()])
        .collect();
    assert_eq!(cards, expected);
    let ranks = words(&bench.get("?limit=1000").await["items"], "rank");
    assert!(ranks.iter().all(|rank| rank.len() <= 45));
}

async fn a_move_changes_one_card_and_is_no_news_of_the_task(bench: Bench) {
    for _ in 0..3 {
        bench.make("card", json!({})).await;
    }
    bench.said().await;
    let before = bench.get("?sort=number").await;
    let moved = bench
        .done("POST", "/3/move", json!({ "before": "1" }))
        .await;
    let after = bench.get("?sort=number").await;
    assert_eq!(
        (&after["items"][0], &after["items"][1]),
        (&before["items"][0], &before["items"][1])
    );
    assert_eq!(
        (&moved["version"], &moved["rank"]),
        (&json!(1), &after["items"][2]["rank"])
    );
    assert_eq!(bench.said().await, []);
    let activity = bench.get("/3/activity").await;
    assert_eq!(words(&activity["items"], "what"), ["created"]);
    let done = bench
        .done("POST", "/3/move", json!({ "status": "done" }))
        .await;
    assert_eq!(done["version"], 2);
    assert_eq!(bench.said().await[0].event, "task.completed");
    let activity = bench.get("/3/activity").await;
    let newest = &activity["items"][0];
    assert_eq!(
        (&newest["what"], &newest["from"], &newest["to"]),
        (&json!("status"), &json!("todo"), &json!("done"))
    );
}

async fn a_neighbour_that_is_gone_is_told(bench: Bench) {
    for status in ["todo", "doing", "todo"] {
        bench.make("card", json!({ "status": status })).await;
    }
    bench.done("DELETE", "/3", Value::Null).await;
    for (place, status) in [
        (json!({ "after": "2" }), StatusCode::CONFLICT),
        (json!({ "after": "1" }), StatusCode::CONFLICT),
        (json!({ "before": "3" }), StatusCode::NOT_FOUND),
        (json!({ "before": "9" }), StatusCode::NOT_FOUND),
        (
            json!({ "before": "no such!" }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (json!({ "status": "doing", "after": "2" }), StatusCode::OK),
    ] {
        let asked = bench.ask("ali", "POST", "/1/move", Some(place)).await;
        assert_eq!(asked.0, status, "{}", asked.1);
    }
}

dabir_testing::on_both!(
    a_thousand_moves_are_where_they_were_put,
    places_between_two_never_run_out,
    a_move_changes_one_card_and_is_no_news_of_the_task,
    a_neighbour_that_is_gone_is_told,
);
