//! The audit, on both databases: what is written stays, and whoever touches it is found out.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

use dabir_core::{Actor, ActorKind, Timestamp};
use dabir_db::Db;
use dabir_db::audit::{self, Change, Filter, Head, Verdict};
use dabir_testing::Postgres;
use sea_orm::ConnectionTrait;
use serde_json::json;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
}

fn change(action: &'static str, id: &str) -> Change {
    Change {
        action,
        target_kind: "meeting",
        target_id: id.to_owned(),
        target_name: format!("جلسهٔ {id}"),
        before: Some(json!({ "name": "قدیم" })),
        after: None,
    }
}

async fn append(db: &Db, minute: i64, actor: &str, changes: Vec<Change>) {
    let tx = db.write().await.unwrap();
    let actor = Actor {
        address: Some("192.0.2.7".parse().unwrap()),
        ..Actor::here(ActorKind::User, actor)
    };
    audit::append(&tx, at(minute), &actor, changes)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn verdict(db: &Db, known: &[Head]) -> Verdict {
    audit::verify(db.read(), known).await.unwrap()
}

/// Fills an empty audit, then asks it everything.
async fn questions(db: &Db) {
    assert!(matches!(verdict(db, &[]).await, Verdict::Whole(head) if head.seq == 0));
    append(
        db,
        0,
        "a",
        vec![change("meeting.create", "1"), change("meeting.stop", "1")],
    )
    .await;
    append(db, 1, "b", vec![change("meeting.stop", "2")]).await;
    append(db, 2, "a", vec![change("meetings.other", "3")]).await;

    let list = async |filter: Filter| -> Vec<i64> {
        let found = audit::list(db.read(), &filter, None, 100).await.unwrap();
        found.iter().map(|entry| entry.seq).collect()
    };
    let word = |word: &str| Some(word.to_owned());
    #[rustfmt::skip]
    let cases = [
        (Filter::default(), vec![4, 3, 2, 1]),
        (Filter { actor_id: word("a"), ..Filter::default() }, vec![4, 2, 1]),
        (Filter { action: word("meeting"), ..Filter::default() }, vec![3, 2, 1]),
        (Filter { action: word("meeting.stop"), ..Filter::default() }, vec![3, 2]),
        (Filter { target_id: word("1"), ..Filter::default() }, vec![2, 1]),
        (Filter { from: Some(at(1)), until: Some(at(2)), ..Filter::default() }, vec![3]),
        (Filter { action: word("' OR 1=1 --"), ..Filter::default() }, vec![]),
        (Filter { action: word("%"), ..Filter::default() }, vec![]),
    ];
    for (filter, found) in cases {
        let shown = format!("{filter:?}");
        assert_eq!(list(filter).await, found, "{shown}");
    }
    let page = audit::list(db.read(), &Filter::default(), Some(3), 1)
        .await
        .unwrap();
    assert_eq!(page[0].seq, 2);
    assert_eq!(page[0].target_name, "جلسهٔ 1");
    assert_eq!(page[0].before, Some(json!({ "name": "قدیم" })));
    assert_eq!(page[0].address.as_deref(), Some("192.0.2.7"));
}

/// The database refuses to touch an entry; somebody with all rights on it is found out.
async fn tampering(db: &Db, disarm: &str) {
    for n in 0..3 {
        let changes = (0..400).map(|i| change("meeting.stop", &format!("{n}-{i}")));
        append(db, n, "c", changes.collect()).await;
    }
    let head = audit::head(db.read()).await.unwrap();
    assert_eq!(
        verdict(db, std::slice::from_ref(&head)).await,
        Verdict::Whole(head.clone())
    );

    let run = async |sql: &str| {
        let tx = db.write().await.unwrap();
        let done = tx.execute_unprepared(sql).await;
        tx.commit().await.unwrap_or_default();
        done
    };
    let forged = |seq: i64| {
        format!(
            "INTO audit SELECT {seq}, at, actor_kind, actor_id, actor_name, address, request_id, action, \
             target_kind, target_id, target_name, before, after, hash FROM audit WHERE seq = 5"
        )
    };
    for seq in [-3, 0] {
        assert!(
            run(&format!("INSERT {}", forged(seq))).await.is_err(),
            "{seq}"
        );
    }
    if db.kind() == "sqlite" {
        let refused = run(&format!("INSERT OR REPLACE {}", forged(7)))
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    for sql in [
        "UPDATE audit SET actor_name = 'x' WHERE seq = 5",
        "DELETE FROM audit",
    ] {
        let refused = run(sql).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    for sql in disarm.split(';') {
        run(sql).await.unwrap();
    }
    let columns = [
        "at = at + 1",
        "actor_kind = 'token'",
        "actor_id = 'x'",
        "actor_name = 'x'",
        "address = NULL",
        "request_id = 'x'",
        "action = 'x'",
        "target_kind = 'x'",
        "target_id = 'x'",
        "target_name = 'x'",
        "before = NULL",
        "after = ''",
        "hash = 'x'",
    ];
    for (seq, column) in (500..).zip(columns) {
        run("CREATE TABLE kept AS SELECT * FROM audit")
            .await
            .unwrap();
        run(&format!("UPDATE audit SET {column} WHERE seq = {seq}"))
            .await
            .unwrap();
        let found = verdict(db, &[]).await;
        assert!(
            matches!(found, Verdict::Broken { seq: s, .. } if s == seq),
            "{column}: {found:?}"
        );
        run("DELETE FROM audit").await.unwrap();
        run("INSERT INTO audit SELECT * FROM kept").await.unwrap();
        run("DROP TABLE kept").await.unwrap();
    }
    assert!(
        matches!(verdict(db, &[]).await, Verdict::Whole(_)),
        "all is as it was"
    );
    run("DELETE FROM audit WHERE seq > 1100").await.unwrap();
    assert!(
        matches!(verdict(db, &[]).await, Verdict::Whole(_)),
        "the end alone cannot be seen"
    );
    let of_nothing = Head {
        seq: 0,
        hash: String::new(),
    };
    let noted = verdict(db, &[of_nothing, head]).await;
    assert!(
        matches!(noted, Verdict::Broken { seq: 1_101, .. }),
        "a noted head sees it: {noted:?}"
    );
    run("DELETE FROM audit WHERE seq = 7").await.unwrap();
    assert!(matches!(
        verdict(db, &[]).await,
        Verdict::Broken { seq: 7, .. }
    ));
}

#[tokio::test]
async fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open("", folder.path()).await.unwrap();
    questions(&db).await;
    tampering(
        &db,
        "DROP TRIGGER audit_no_update;DROP TRIGGER audit_no_delete;DROP TRIGGER audit_in_order",
    )
    .await;
}

#[tokio::test]
async fn on_postgres() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&postgres.database(), folder.path()).await.unwrap();
    questions(&db).await;
    tampering(&db, "DROP TRIGGER audit_append_only ON audit").await;
}

#[tokio::test]
async fn many_who_write_at_once_make_one_chain() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let url = postgres.database();
    let (one, two) = (
        Db::open(&url, folder.path()).await.unwrap(),
        Db::open(&url, folder.path()).await.unwrap(),
    );
    let writers = (0..40).map(|n| {
        let db = if n % 2 == 0 { one.clone() } else { two.clone() };
        tokio::spawn(async move { append(&db, n, "d", vec![change("meeting.stop", "1")]).await })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert!(matches!(verdict(&one, &[]).await, Verdict::Whole(head) if head.seq == 40));
}
