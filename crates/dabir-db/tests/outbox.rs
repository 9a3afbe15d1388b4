//! The outbox, on both databases: what was said is taken once, whole and in order.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

use std::collections::BTreeMap;

use dabir_core::{Actor, ActorKind, Timestamp};
use dabir_db::Db;
use dabir_db::outbox::{self, Happening, Said};
use dabir_db::sql::{count, query, time};
use dabir_testing::Postgres;
use serde_json::json;

fn about(subject: &str, step: i64) -> Happening {
    Happening {
        event: "task.changed",
        subject_kind: "task",
        subject_id: subject.to_owned(),
        subject_name: format!("کار {subject}"),
        data: json!({ "step": step }),
        concerns: vec!["u1".to_owned(), "u2".to_owned()],
    }
}

async fn say(db: &Db, subject: &str, step: i64) {
    let now = Timestamp::from_second(1_800_000_000 + step).unwrap();
    let tx = db.write().await.unwrap();
    let by = Actor::here(ActorKind::User, "a");
    outbox::say(&tx, now, &by, about(subject, step))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn take(db: &Db, most: u32) -> Vec<Said> {
    let tx = db.write().await.unwrap();
    let taken = outbox::take(&tx, most).await.unwrap();
    tx.commit().await.unwrap();
    taken
}

fn steps(taken: &[Said]) -> Vec<i64> {
    taken
        .iter()
        .map(|said| said.data["step"].as_i64().unwrap())
        .collect()
}

async fn questions(db: &Db) {
    assert!(outbox::is_empty(db.read()).await.unwrap());
    assert_eq!(take(db, 10).await, []);
    for step in 0..5 {
        say(db, "7", step).await;
    }
    assert!(!outbox::is_empty(db.read()).await.unwrap());
    let waiting = "SELECT COUNT(*) AS many, MIN(at) AS first FROM outbox";
    let waiting = query(db.read(), waiting, []).await.unwrap();
    let (many, first) = (count(&waiting[0], "many"), time(&waiting[0], "first"));
    assert_eq!(
        (many.unwrap(), first.unwrap().as_second()),
        (5, 1_800_000_000)
    );

    // What is taken in a transaction that does not end well is there still.
    let tx = db.write().await.unwrap();
    assert_eq!(outbox::take(&tx, 10).await.unwrap().len(), 5);
    tx.rollback().await.unwrap();

    let two = take(db, 2).await;
    assert_eq!(steps(&two), [0, 1]);
    assert_eq!(two[0].subject_name, "کار 7");
    assert_eq!(two[0].concerns, ["u1", "u2"]);
    assert_eq!(
        (two[0].by_kind, two[0].by_name.as_str()),
        (ActorKind::User, "a")
    );
    assert_eq!(steps(&take(db, 10).await), [2, 3, 4]);
    // A number is not given again.
    say(db, "7", 5).await;
    assert!(take(db, 10).await[0].seq > two[0].seq + 4);
}

/// Four say, three take, all at once.
async fn crowd(db: &Db) {
    let says = (0..4).map(|who| async move {
        for step in 0..25 {
            say(db, &who.to_string(), step).await;
        }
    });
    let takes = (0..3).map(|_| async {
        let mut taken = Vec::new();
        for _ in 0..60 {
            taken.extend(take(db, 7).await);
        }
        taken
    });
    let (_, taken) = tokio::join!(
        futures_util::future::join_all(says),
        futures_util::future::join_all(takes)
    );
    let mut taken: Vec<Said> = taken.into_iter().flatten().collect();
    taken.extend(take(db, 1_000).await);
    taken.sort_by_key(|said| said.seq);
    let mut of = BTreeMap::<String, Vec<i64>>::new();
    for said in &taken {
        of.entry(said.subject_id.clone())
            .or_default()
            .push(said.data["step"].as_i64().unwrap());
    }
    assert_eq!(of.len(), 4);
    for steps in of.values() {
        assert_eq!(*steps, (0..25).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_is_said_is_taken_once_and_in_order_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open("", folder.path()).await.unwrap();
    questions(&db).await;
    crowd(&db).await;
}

#[tokio::test]
async fn what_is_said_is_taken_once_and_in_order_on_postgres() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&postgres.database(), folder.path()).await.unwrap();
    questions(&db).await;
    crowd(&db).await;
}
