//! Every migration, forth and back and forth again, on both databases.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

use std::path::Path;

use dabir_db::Db;
use dabir_db::migrations::Migrator;
use dabir_testing::Postgres;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use sea_orm_migration::MigratorTrait;

async fn forth_and_back(db: &DatabaseConnection) {
    let steps = Migrator::migrations().len();
    for _ in 0..2 {
        Migrator::up(db, None).await.unwrap();
        assert_eq!(
            Migrator::get_applied_migrations(db).await.unwrap().len(),
            steps
        );
        Migrator::down(db, None).await.unwrap();
        assert_eq!(Migrator::get_applied_migrations(db).await.unwrap().len(), 0);
    }
}

/// Two meetings from before there were join pages get an address each.
async fn old_meetings_get_an_address(db: &DatabaseConnection) {
    Migrator::up(db, Some(3)).await.unwrap();
    for id in ["a", "b"] {
        let row = format!(
            "INSERT INTO meeting (id, name, date_time, duration_secs, extended_secs, end_time, \
             is_running, source, gone, state, restarts, created_at, updated_at) \
             VALUES ('{id}', 'n', 1, 2, 0, 3, true, 'local', false, 'ended', 0, 77, 99)"
        );
        db.execute_unprepared(&row).await.unwrap();
    }
    Migrator::up(db, None).await.unwrap();
    let kind = db.get_database_backend();
    let query = Statement::from_string(
        kind,
        "SELECT slug, revised_at, ended_at FROM meeting ORDER BY id",
    );
    let rows = db.query_all_raw(query).await.unwrap();
    let slugs: Vec<String> = rows
        .iter()
        .map(|row| row.try_get("", "slug").unwrap())
        .collect();
    assert!(slugs.iter().all(|slug| slug.len() == 12), "{slugs:?}");
    assert_ne!(slugs[0], slugs[1]);
    assert_eq!(rows[0].try_get::<i64>("", "revised_at").unwrap(), 77);
    assert_eq!(rows[0].try_get::<i64>("", "ended_at").unwrap(), 3);
    let twice = format!("UPDATE meeting SET slug = '{}'", slugs[0]);
    assert!(db.execute_unprepared(&twice).await.is_err(), "it is unique");
    Migrator::down(db, None).await.unwrap();
}

/// Nobody is told what happened days before there was anybody who tells.
async fn what_nobody_told_in_time_is_no_news(db: &DatabaseConnection) {
    Migrator::up(db, Some(19)).await.unwrap();
    let now = dabir_core::Clock::system().now().as_millisecond();
    for (id, hours) in [("old", 25), ("new", 23)] {
        let at = now - hours * 3_600_000;
        let row = format!(
            "INSERT INTO outbox (at, event, subject_kind, subject_id, subject_name, \
             by_kind, by_id, by_name, data, concerns) \
             VALUES ({at}, 'task.created', 'task', '{id}', '{id}', 'user', 'u', 'u', '{{}}', '[]')"
        );
        db.execute_unprepared(&row).await.unwrap();
    }
    Migrator::up(db, None).await.unwrap();
    let kind = db.get_database_backend();
    let query = Statement::from_string(kind, "SELECT subject_id FROM outbox");
    let rows = db.query_all_raw(query).await.unwrap();
    let left = rows
        .iter()
        .map(|row| row.try_get::<String>("", "subject_id").unwrap());
    assert_eq!(left.collect::<Vec<_>>(), ["new"]);
    Migrator::down(db, None).await.unwrap();
}

#[tokio::test]
async fn sqlite_migrates_forth_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/test.db?mode=rwc", folder.path().display());
    let db = Database::connect(url).await.unwrap();
    forth_and_back(&db).await;
    old_meetings_get_an_address(&db).await;
    what_nobody_told_in_time_is_no_news(&db).await;
}

#[tokio::test]
async fn postgres_migrates_forth_and_back() {
    let postgres = Postgres::start();
    let db = Database::connect(postgres.database()).await.unwrap();
    forth_and_back(&db).await;
    old_meetings_get_an_address(&db).await;
    what_nobody_told_in_time_is_no_news(&db).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_who_start_at_once_on_a_new_database_come_up() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = Postgres::start();
    for url in [String::new(), postgres.database()] {
        let starts = (0..4).map(|_| {
            let (url, folder) = (url.clone(), folder.path().to_owned());
            tokio::spawn(async move { Db::open(&url, &folder).await })
        });
        for start in starts.collect::<Vec<_>>() {
            let tables = start.await.unwrap().unwrap().tables().await.unwrap();
            assert_eq!(tables.pending, Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_named_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Db::open("mysql://root:hunter2@db/dabir", folder.path())
        .await
        .unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("postgres://") && !text.contains("hunter2"),
        "{text}"
    );
}

#[tokio::test]
async fn a_look_changes_nothing_and_knows_what_is_pending() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Db::look("", folder.path()).await.unwrap(), None);
    assert!(!folder.path().join("dabir.db").exists());
    let url = format!("sqlite://{}/dabir.db?mode=rwc", folder.path().display());
    check_looks("", folder.path(), &Database::connect(url).await.unwrap()).await;

    let postgres = Postgres::start();
    let url = postgres.database();
    check_looks(&url, folder.path(), &Database::connect(&url).await.unwrap()).await;
}

async fn check_looks(url: &str, folder: &Path, db: &DatabaseConnection) {
    let look = async || Db::look(url, folder).await.unwrap().unwrap();
    let steps = Migrator::migrations().len();
    db.ping().await.unwrap();
    for _ in 0..2 {
        assert_eq!(look().await.pending.len(), steps, "it took no step");
    }
    Migrator::up(db, None).await.unwrap();
    let done = look().await;
    assert!(
        done.pending.is_empty() && done.unknown.is_empty(),
        "{done:?}"
    );
    let later = "INSERT INTO seaql_migrations VALUES ('m9999_later', 0)";
    db.execute_unprepared(later).await.unwrap();
    assert_eq!(look().await.unknown, ["m9999_later"]);
}

#[tokio::test]
async fn a_look_at_a_database_at_rest_leaves_the_folder_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    Db::open("", folder.path()).await.unwrap().close().await;
    let files = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let before = files();
    let tables = Db::look("", folder.path()).await.unwrap().unwrap();
    assert!(tables.pending.is_empty(), "{tables:?}");
    assert_eq!(files(), before);
}
