//! Leases: one holder at a time, and each knows when it is no longer the one.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

use std::time::{Duration, Instant};

use dabir_db::{Db, Lease};
use dabir_testing::{Postgres, Wire, eventually, wait_until};
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

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_cut_off_loses_it_and_comes_back() {
    let postgres = Postgres::start_to_crash();
    let url = postgres.database();
    let wire = Wire::to(postgres.address()).await;
    let folder = tempfile::tempdir().unwrap();
    let near = Db::open(&url, folder.path()).await.unwrap();
    let (from, to) = (postgres.address(), wire.address());
    let through = url.replace(&from.to_string(), &to.to_string());
    let far = Db::open(&through, folder.path()).await.unwrap();
    let lease = |db: &Db| Lease::with_span(db.clone(), NAME, Duration::from_millis(300));
    let keep = |lease: &Lease| {
        let (lease, cancel) = (lease.clone(), CancellationToken::new());
        let until = cancel.clone();
        (cancel, tokio::spawn(async move { lease.keep(until).await }))
    };
    let (one, two) = (lease(&far), lease(&near));
    let (end_one, first) = keep(&one);
    eventually("the first has it", SOON, async || one.held()).await;
    let (end_two, second) = keep(&two);
    wire.cut();
    eventually("the other has it", SOON, async || {
        // Asked in this order: whoever has it just now has it before the other one.
        let (second, first) = (two.held(), one.held());
        assert!(second.is_none() || first.is_none(), "at no time do both");
        second
    })
    .await;
    // So long that whoever asks through the pool again and again would use it up.
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(6) {
        let _ = tokio::time::timeout(Duration::from_millis(200), far.ping()).await;
        assert_eq!(one.held(), None);
    }
    wire.mend_for_new();
    end_two.cancel();
    second.await.unwrap();
    eventually("the first has it again", SOON, async || one.held()).await;
    eventually("its pool asks again", SOON, async || far.ping().await.ok()).await;
    wire.cut();
    end_one.cancel();
    tokio::time::timeout(Duration::from_secs(4), first)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_that_does_not_come_loses_no_lease() {
    let postgres = Postgres::start_to_crash();
    let wire = Wire::to(postgres.address()).await;
    let folder = tempfile::tempdir().unwrap();
    let (near, far) = (postgres.address(), wire.address());
    let url = postgres.database();
    let url = url.replace(&near.to_string(), &far.to_string());
    let db = Db::open(&url, folder.path()).await.unwrap();
    let span = Duration::from_secs(6);
    let lease = Lease::with_span(db, NAME, span);
    let cancel = CancellationToken::new();
    let keeper = tokio::spawn({
        let (lease, cancel) = (lease.clone(), cancel.clone());
        async move { lease.keep(cancel).await }
    });
    eventually("it has the lease", SOON, async || lease.held()).await;
    wire.cut();
    tokio::time::sleep(span * 2 / 5).await;
    // What was asked is never answered; what is asked from now on is.
    wire.mend_for_new();
    let mended = Instant::now();
    while mended.elapsed() < span {
        assert!(lease.held().is_some(), "after {:?}", mended.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    cancel.cancel();
    keeper.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_name_of_one_who_lives_finds_out() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&postgres.database(), folder.path()).await.unwrap();
    let lease = || Lease::of(db.clone(), NAME, "a server");
    let (one, copy) = (lease(), lease());
    assert!(!one.has_namesake().await.unwrap());
    let keeper = tokio::spawn({
        let one = one.clone();
        async move { one.keep(CancellationToken::new()).await }
    });
    eventually("the first has it", SOON, async || one.held()).await;
    assert!(copy.has_namesake().await.unwrap());
    // As one that was killed, which comes back before its lease is over.
    keeper.abort();
    keeper.await.unwrap_err();
    assert!(!copy.has_namesake().await.unwrap());
}
