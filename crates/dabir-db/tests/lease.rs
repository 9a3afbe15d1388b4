//! Leases: one holder at a time, and each knows when it is no longer the one.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

use std::time::Duration;

use dabir_db::{Db, Lease};
use dabir_testing::{Postgres, eventually, wait_until};
use sea_orm::ConnectionTrait;
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_secs(20);
const NAME: &str = "mirrors";

async fn execute(db: &Db, sql: &str) {
    db.read().execute_unprepared(sql).await.unwrap();
}

fn epoch(lease: &Lease) -> Option<i64> {
    lease.held().map(|held| held.epoch)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_one_has_it() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&postgres.database(), folder.path()).await.unwrap();
    let lease = || Lease::new(db.clone(), NAME);
    let (one, two, other) = (lease(), lease(), Lease::new(db.clone(), "another"));
    for lease in [&one, &two, &other] {
        lease.try_once().await.unwrap();
    }
    assert_eq!(
        (epoch(&one), epoch(&two), epoch(&other)),
        (Some(1), None, Some(1))
    );
    one.try_once().await.unwrap();
    assert_eq!(epoch(&one), Some(1), "prolonged, and not taken anew");
    // It was silent for too long.
    execute(&db, "UPDATE lease SET until = 0 WHERE name = 'mirrors'").await;
    two.try_once().await.unwrap();
    assert_eq!(epoch(&two), Some(2));
    one.try_once().await.unwrap();
    assert_eq!(epoch(&one), None);
    two.outrun(40).await.unwrap();
    one.outrun(99).await.unwrap();
    assert_eq!((epoch(&one), epoch(&two)), (None, Some(41)));
    two.try_once().await.unwrap();
    assert_eq!(epoch(&two), Some(41));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_ends_gives_it_to_the_next() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&postgres.database(), folder.path()).await.unwrap();
    let keep = |lease: &Lease| {
        let (lease, cancel) = (lease.clone(), CancellationToken::new());
        let until = cancel.clone();
        (cancel, tokio::spawn(async move { lease.keep(until).await }))
    };
    // So long that nobody gets it by waiting.
    let one = Lease::with_span(db.clone(), NAME, Duration::from_secs(3_600));
    let two = Lease::with_span(db.clone(), NAME, Duration::from_secs(1));
    let mut changes = one.changes();
    let (end_one, first) = keep(&one);
    changes.wait_for(Option::is_some).await.unwrap();
    let (end_two, second) = keep(&two);
    end_one.cancel();
    first.await.unwrap();
    assert_eq!(one.held(), None);
    eventually("the next has it", SOON, async || two.held()).await;
    end_two.cancel();
    second.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_halted_knows_by_itself() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&postgres.database(), folder.path()).await.unwrap();
    let lease = Lease::with_span(db.clone(), NAME, Duration::from_millis(300));
    lease.try_once().await.unwrap();
    let held = lease.changes().borrow().unwrap();
    wait_until("its end", SOON, || !held.is_sure());
    assert_eq!(lease.held(), None, "nobody told it");
}

#[tokio::test]
async fn a_server_on_sqlite_has_it_from_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open("", folder.path()).await.unwrap();
    for life in 1..=3 {
        // The one before was killed, and gave nothing back.
        let lease = Lease::with_span(db.clone(), NAME, Duration::ZERO);
        lease.try_once().await.unwrap();
        lease.try_once().await.unwrap();
        assert_eq!(epoch(&lease), Some(life));
    }
}
