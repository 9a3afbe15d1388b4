//! The swap at the end of a restore: refused, cut off, or disturbed by somebody who comes.

use std::fs;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use dabir_backup::{BackupError, Course, is_half_restored};
use dabir_testing::eventually;
use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;

use crate::house::{Rig, on_both};

const SOON: Duration = Duration::from_secs(20);

/// The steps of a restore behind those that unpack.
const STEPS: [&str; 4] = [
    "mending",
    "flushing",
    "swapping the tables",
    "swapping the folders",
];

#[tokio::test]
async fn wherever_a_restore_ends_there_is_a_way_on_and_a_way_back() {
    on_both(async |mut rig| {
        let made = rig.back_up().await;
        rig.execute("UPDATE account SET name = 'later' WHERE id = 'ali'")
            .await;
        rig.put("files/new", "new");
        rig.close().await;
        let file = rig.shelf().dir().join(&made.name);
        for step in STEPS {
            if rig.url.is_empty() && step == "swapping the tables" {
                continue;
            }
            let ends = CancellationToken::new();
            let end = ends.clone();
            let stop = Course::new(ends, move |_, stage| {
                if stage == step {
                    end.cancel();
                }
            });
            let stopped = rig.restore_watched(&file, &stop).await;
            assert!(
                matches!(stopped, Err(BackupError::Stopped)),
                "{step}: {stopped:?}"
            );
            is_the_old_house(&mut rig, step).await;

            let kill = Course::new(CancellationToken::new(), move |_, stage| {
                assert_ne!(stage, step, "killed, as the test wants it");
            });
            let killed = AssertUnwindSafe(rig.restore_watched(&file, &kill));
            assert!(killed.catch_unwind().await.is_err(), "{step}");
            // The database may not have noticed yet that somebody is gone.
            let restored = eventually("it is restored", SOON, async || {
                let restored = rig.restore(&made.name).await;
                (!matches!(restored, Err(BackupError::Connected(_)))).then_some(restored)
            });
            let restored = restored.await.unwrap();
            assert!(!rig.has("files/new"), "{step}");
            rig.go_back(restored).await;
            is_the_old_house(&mut rig, step).await;
            // Each restore has a second of its own.
            rig.clock.advance(Duration::from_secs(1));
        }
    })
    .await;
}

async fn is_the_old_house(rig: &mut Rig, step: &str) {
    assert!(!is_half_restored(&rig.data_dir()), "{step}");
    assert!(rig.has("files/new"), "{step}");
    rig.open().await;
    let later = rig.count("account WHERE name = 'later'").await;
    assert_eq!((later, rig.count("session").await), (1, 1), "{step}");
    rig.close().await;
}

#[tokio::test]
async fn postgres_that_refuses_the_swap_leaves_a_house_that_starts() {
    let postgres = dabir_testing::Postgres::start();
    let mut rig = Rig::new(postgres.database()).await;
    let made = rig.back_up().await;
    rig.execute("CREATE SCHEMA guard").await;
    rig.execute(
        "CREATE FUNCTION guard.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF current_query() LIKE '%SET SCHEMA%' THEN RAISE 'no'; END IF; END $$",
    )
    .await;
    rig.execute("CREATE EVENT TRIGGER refuse ON ddl_command_start EXECUTE FUNCTION guard.refuse()")
        .await;
    rig.close().await;
    let refused = rig.restore(&made.name).await;
    assert!(matches!(refused, Err(BackupError::Sql(_))), "{refused:?}");
    assert!(!is_half_restored(&rig.data_dir()));
    rig.open().await;
    assert_eq!(rig.count("session").await, 1);
    let left = "pg_namespace WHERE nspname IN ('dabir_restoring') OR nspname LIKE 'before%'";
    assert_eq!(rig.count(left).await, 0);
    rig.execute("DROP EVENT TRIGGER refuse").await;
    rig.close().await;
    rig.restore(&made.name).await.unwrap();
}

#[tokio::test]
async fn postgres_goes_back_to_the_right_tables_when_a_killed_restore_is_done_again() {
    let postgres = dabir_testing::Postgres::start();
    let mut rig = Rig::new(postgres.database()).await;
    let made = rig.back_up().await;
    rig.execute("UPDATE account SET name = 'later' WHERE id = 'ali'")
        .await;
    rig.close().await;
    let killed = rig.restore(&made.name).await.unwrap();
    // As if it had been killed between the two swaps: the folder in use is the old one, and marked.
    fs::remove_dir_all(rig.data_dir()).unwrap();
    fs::rename(killed.before.unwrap(), rig.data_dir()).unwrap();
    rig.put(".restoring", killed.before_schema.unwrap());
    let again = rig.restore(&made.name).await.unwrap();
    rig.open().await;
    assert_eq!(rig.count("account WHERE name = 'later'").await, 0);
    let schema = again.before_schema.unwrap();
    let kept = format!("{schema}.account WHERE name = 'later'");
    assert_eq!(rig.count(&kept).await, 1, "the way back leads to what was");
    assert_eq!(
        rig.count("pg_namespace WHERE nspname LIKE 'before%'").await,
        1
    );
}

#[tokio::test]
async fn postgres_that_somebody_comes_to_meanwhile_is_left_alone() {
    let postgres = dabir_testing::Postgres::start();
    let mut rig = Rig::new(postgres.database()).await;
    let made = rig.back_up().await;
    rig.close().await;
    let (url, came) = (rig.url.clone(), std::sync::Mutex::new(None));
    let course = Course::new(CancellationToken::new(), move |_, stage| {
        if stage == "filling" {
            came.lock()
                .unwrap()
                .get_or_insert_with(|| Comer::to(url.clone()));
        }
    });
    let refused = rig
        .restore_watched(&rig.shelf().dir().join(&made.name), &course)
        .await;
    assert!(
        matches!(refused, Err(BackupError::Connected(_))),
        "{refused:?}"
    );
    assert!(!is_half_restored(&rig.data_dir()));
    // Its runtime may not end within ours.
    std::thread::spawn(move || drop(course)).join().unwrap();
    rig.open().await;
    assert_eq!(rig.count("session").await, 1);
}

/// Somebody who is connected until dropped.
struct Comer {
    _connection: sqlx::PgConnection,
    _runtime: tokio::runtime::Runtime,
}

impl Comer {
    fn to(url: String) -> Self {
        use sqlx::Connection;
        let comes = move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            let connection = runtime.block_on(sqlx::PgConnection::connect(&url)).unwrap();
            (runtime, connection)
        };
        let (runtime, connection) = std::thread::spawn(comes).join().unwrap();
        Self {
            _connection: connection,
            _runtime: runtime,
        }
    }
}
