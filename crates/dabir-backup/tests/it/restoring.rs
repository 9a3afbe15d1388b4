//! Bringing a house back, and what must not come back with it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

use dabir_backup::{BackupError, Course, is_half_restored};
use dabir_db::migrations::Migrator;
use dabir_db::{DataFolder, Db, FolderError, audit, sql};
use sea_orm_migration::MigratorTrait;

use crate::house::{Rig, on_both, tree};

/// What is not in a backup, and what a restore changes.
fn is_passing(path: &str) -> bool {
    path.starts_with("dabir.")
        || path.starts_with("backups")
        || path.contains("room.log")
        || path.contains("process.json")
        || path.ends_with(".lock")
}

#[tokio::test]
async fn a_house_comes_back_as_it_was() {
    on_both(async |mut rig| {
        let before = tree(&rig.data_dir(), is_passing);
        let made = rig.back_up().await;
        rig.execute("DELETE FROM account WHERE id = 'sara'").await;
        rig.change("later").await;
        rig.put("files/new", "new");
        fs::remove_file(rig.data_dir().join("secrets/sealing.key")).unwrap();
        rig.close().await;
        let restored = rig.restore(&made.name).await.unwrap();
        assert_eq!(tree(&rig.data_dir(), is_passing), before);
        let old = restored.before.unwrap();
        assert!(old.join("files/new").exists(), "the old folder stays");
        assert!(old.file_name().unwrap().to_str().unwrap().starts_with("data.before-restore-2026"));
        rig.open().await;
        let names = sql::query(rig.db().read(), "SELECT name FROM account ORDER BY id", []).await;
        let names: Vec<String> = names.unwrap().iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(names, ["ali\ttab\\ back\nline", "sara\ttab\\ back\nline"]);
        let verdict = audit::verify(rig.db().read(), &[]).await.unwrap();
        let audit::Verdict::Whole(head) = verdict else { panic!("{verdict:?}") };
        assert_eq!(head.seq, 2, "the first change, and the restore itself");
        let newest = audit::list(rig.db().read(), &audit::Filter::default(), None, 1).await.unwrap();
        assert_eq!(newest[0].action, "backup.restore");
        assert_eq!(rig.shelf().list().unwrap().len(), 1, "the backups came along");
        // Counters go on behind what is there.
        rig.execute(
            "INSERT INTO job (kind, queue, state, priority, rank, run_at, args, max_attempts, created_by, created_at) \
             VALUES ('t', 'default', 'queued', 0, 0, 0, '{}', 1, 'test', 0)",
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn no_room_lives_after_a_restore_and_no_other_server_has_one() {
    on_both(async |mut rig| {
        for (id, state) in [("a", "running"), ("b", "ended"), ("c", "held")] {
            rig.execute(&format!(
                "INSERT INTO meeting (id, slug, name, date_time, duration_secs, extended_secs, end_time, is_running, \
                 source, gone, state, restarts, created_at, updated_at, keeper, room_at) \
                 VALUES ('{id}', '{id}', '{id}', 0, 1, 0, 1, TRUE, 'local', FALSE, '{state}', 0, 0, 0, 'before', 'x')"
            ))
            .await;
        }
        let made = rig.back_up().await;
        rig.close().await;
        rig.restore(&made.name).await.unwrap();
        rig.open().await;
        let sql = "SELECT state FROM meeting WHERE keeper IS NULL AND room_at IS NULL ORDER BY id";
        let rows = sql::query(rig.db().read(), sql, []).await.unwrap();
        let states: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert_eq!(states, ["scheduled", "ended", "scheduled"]);
    })
    .await;
}

#[tokio::test]
async fn folders_come_back_with_their_modes_and_groups_and_when_they_are_empty() {
    let mut rig = Rig::sqlite().await;
    let at = |path: &str| rig.data_dir().join(path);
    let (empty, theirs, gone) = (at("Server_Data/available/ali"), at("ports"), at("shared"));
    for folder in [&empty, &gone] {
        fs::create_dir_all(folder).unwrap();
        fs::set_permissions(folder, Permissions::from_mode(0o2750)).unwrap();
    }
    let made = rig.back_up().await;
    fs::remove_dir(&gone).unwrap();
    // Who may give nothing away has one group, which stays as well.
    let group = if chown(&theirs, None, Some(4_242)).is_ok() {
        4_242
    } else {
        fs::metadata(&theirs).unwrap().gid()
    };
    fs::set_permissions(&theirs, Permissions::from_mode(0o2770)).unwrap();
    fs::set_permissions(rig.data_dir(), Permissions::from_mode(0o751)).unwrap();
    rig.close().await;
    rig.restore(&made.name).await.unwrap();
    let facts = |path: &std::path::Path| fs::metadata(path).unwrap();
    let mode = |path: &std::path::Path| facts(path).mode() & 0o7777;
    assert_eq!(mode(&empty), 0o2750);
    assert_eq!(mode(&gone), 0o2750, "as the backup says");
    assert_eq!((mode(&theirs), facts(&theirs).gid()), (0o2770, group));
    assert_eq!(mode(&rig.data_dir()), 0o751);
}

#[tokio::test]
async fn backups_within_the_folder_are_not_backed_up_and_come_along() {
    for dir in ["kept/backups", "links/backups"] {
        let mut rig = Rig::sqlite().await;
        fs::create_dir_all(rig.data_dir().join("kept/backups")).unwrap();
        symlink("kept", rig.data_dir().join("links")).unwrap();
        rig.shelf_dir = Some(rig.data_dir().join(dir));
        rig.back_up().await;
        let second = rig.back_up().await;
        let manifest = rig.shelf().manifest_of(&second.name.parse().unwrap());
        let files = manifest.unwrap().files;
        assert!(
            files.iter().all(|file| !file.path.contains("kept")),
            "{files:?}"
        );
        rig.close().await;
        rig.restore(&second.name).await.unwrap();
        rig.shelf_dir = Some(rig.data_dir().join("kept/backups"));
        assert_eq!(rig.shelf().list().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_link_to_backups_on_another_disk_stays() {
    for (link, shelf) in [
        ("backups", None),
        ("archive", Some("archive")),
        ("kept/disk", Some("kept/disk/backups")),
    ] {
        let mut rig = Rig::sqlite().await;
        let disk = tempfile::tempdir().unwrap();
        let link = rig.data_dir().join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(disk.path(), &link).unwrap();
        rig.shelf_dir = shelf.map(|shelf| rig.data_dir().join(shelf));
        let made = rig.back_up().await;
        rig.close().await;
        rig.restore(&made.name).await.unwrap();
        assert_eq!(fs::read_link(&link).unwrap(), disk.path());
        assert_eq!(rig.shelf().list().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_link_where_the_backup_has_a_folder_fails_no_restore() {
    let mut rig = Rig::sqlite().await;
    let disk = rig.home.path().join("disk");
    let kept = rig.data_dir().join("kept");
    rig.put("kept/note", "kept");
    let made = rig.back_up().await;
    fs::rename(&kept, &disk).unwrap();
    symlink(&disk, &kept).unwrap();
    let file = rig.shelf().dir().join(&made.name);
    rig.shelf_dir = Some(kept.join("backups"));
    rig.close().await;
    rig.restore_file(&file).await.unwrap();
    assert!(kept.join("note").exists() && !kept.is_symlink());
}

#[tokio::test]
async fn what_fails_behind_the_swap_does_not_fail_the_restore() {
    let mut rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    rig.put("files/new", "new");
    rig.close().await;
    // The mark of half a restore cannot be taken off the old folder.
    let mark = rig.data_dir().join(".restoring");
    let course = Course::new(Default::default(), move |_, _| {
        let _ = fs::create_dir(&mark);
    });
    let file = rig.shelf().dir().join(&made.name);
    let restored = rig.restore_watched(&file, &course).await.unwrap();
    assert_eq!(restored.warnings.len(), 1, "{restored:?}");
    assert!(!rig.has("files/new"));
    assert!(restored.before.unwrap().join("files/new").exists());
}

#[tokio::test]
async fn who_was_shut_out_since_stays_out() {
    on_both(async |mut rig| {
        let made = rig.back_up().await;
        rig.execute("DELETE FROM api_token WHERE id = 'revoked'")
            .await;
        rig.execute("UPDATE account SET blocked_at = 5, blocked_reason = 'why' WHERE id = 'sara'")
            .await;
        rig.close().await;
        let mended = rig.restore(&made.name).await.unwrap().mended;
        assert_eq!((mended.sessions, mended.tokens, mended.blocked), (1, 1, 1));
        assert!(!mended.unknown_since);
        rig.open().await;
        assert_eq!(rig.count("session").await, 0);
        assert_eq!(rig.count("api_token").await, 1);
        assert_eq!(rig.count("account WHERE blocked_reason = 'why'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn clients_who_are_kept_out_now_stay_out() {
    on_both(async |mut rig| {
        let order = async |rig: &Rig, name: &str, kind: &str, until: &str| {
            rig.execute(&format!(
                "INSERT INTO client_order (username, kind, reason, until, \"by\", at, version) \
                 VALUES ('{name}', '{kind}', 'why', {until}, 'sara', 5, 1)"
            ))
            .await;
        };
        order(&rig, "longer", "pause", "9000000000000").await;
        order(&rig, "shorter", "pause", "NULL").await;
        let made = rig.back_up().await;
        order(&rig, "ali", "block", "NULL").await;
        order(&rig, "over", "pause", "7").await;
        rig.execute("UPDATE client_order SET until = 9900000000000 WHERE username = 'longer'")
            .await;
        rig.execute("UPDATE client_order SET until = 9900000000000 WHERE username = 'shorter'")
            .await;
        rig.close().await;
        let mended = rig.restore(&made.name).await.unwrap().mended;
        assert_eq!(mended.clients, 2);
        rig.open().await;
        for stands in [
            "username = 'ali' AND kind = 'block' AND reason = 'why' AND \"by\" = 'sara' AND at = 5",
            "username = 'longer' AND until = 9900000000000",
            "username = 'shorter' AND until IS NULL",
        ] {
            let found = rig.count(&format!("client_order WHERE {stands}")).await;
            assert_eq!(found, 1, "{stands}");
        }
        assert_eq!(
            rig.count("client_order").await,
            3,
            "what is over stays away"
        );
    })
    .await;
}

#[tokio::test]
async fn a_table_that_cannot_be_asked_hides_none_of_the_others() {
    on_both(async |mut rig| {
        let made = rig.back_up().await;
        rig.execute("DELETE FROM api_token WHERE id = 'revoked'")
            .await;
        rig.execute("DROP TABLE client_order").await;
        rig.close().await;
        let mended = rig.restore(&made.name).await.unwrap().mended;
        assert_eq!(mended.tokens, 1);
        assert!(mended.unknown_since);
    })
    .await;
}

#[tokio::test]
async fn a_restore_can_be_done_again_and_undone() {
    let mut rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    rig.put("files/new", "new");
    rig.close().await;
    let first = rig.restore(&made.name).await.unwrap();
    let second = rig.restore(&made.name).await.unwrap();
    assert_ne!(first.before, second.before, "two old folders of one second");
    fs::rename(rig.data_dir(), rig.home.path().join("data.tried")).unwrap();
    fs::rename(first.before.unwrap(), rig.data_dir()).unwrap();
    assert!(rig.has("files/new"));
    rig.open().await;
    assert_eq!(rig.count("session").await, 1);
}

#[tokio::test]
async fn postgres_goes_back_by_the_statements_that_it_leaves() {
    let postgres = dabir_testing::Postgres::start();
    let mut rig = Rig::new(postgres.database()).await;
    let made = rig.back_up().await;
    rig.execute("UPDATE account SET name = 'later' WHERE id = 'ali'")
        .await;
    rig.close().await;
    let restored = rig.restore(&made.name).await.unwrap();
    rig.open().await;
    assert_eq!(rig.count("account WHERE name = 'later'").await, 0);
    rig.close().await;
    rig.go_back(restored).await;
    rig.open().await;
    assert_eq!(rig.count("account WHERE name = 'later'").await, 1);
    assert_eq!(rig.count("session").await, 1);
    assert!(
        !is_half_restored(&rig.data_dir()),
        "a server starts on what is back"
    );
}

#[tokio::test]
async fn an_empty_machine_gets_the_house_back_and_no_old_folder() {
    let rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    let file = rig.shelf().dir().join(&made.name);
    let new = Rig::bare();
    let restored = new.restore_file(&file).await.unwrap();
    assert_eq!(restored.before, None);
    assert!(restored.mended.unknown_since);
    assert!(new.has("secrets/sealing.key") && new.has("dabir.db"));
    let left: Vec<_> = fs::read_dir(new.home.path()).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[tokio::test]
async fn rooms_that_live_are_told_of_and_nothing_is_touched() {
    let mut rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    rig.close().await;
    let lock = fs::File::create(rig.data_dir().join("rooms/k3v9/room.lock")).unwrap();
    lock.lock().unwrap();
    let refused = rig.restore(&made.name).await;
    assert!(
        matches!(refused, Err(BackupError::RoomsLive(1))),
        "{refused:?}"
    );
    drop(lock);
    rig.restore(&made.name).await.unwrap();
}

#[tokio::test]
async fn workers_keep_a_restore_away() {
    let mut rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    rig.close().await;
    let worker = DataFolder::join(&rig.data_dir()).unwrap();
    let other = DataFolder::join(&rig.data_dir()).unwrap();
    drop(worker);
    let refused = rig.restore(&made.name).await;
    assert!(
        matches!(refused, Err(BackupError::Folder(FolderError::Joined(_)))),
        "{refused:?}"
    );
    drop(other);
    rig.restore(&made.name).await.unwrap();
}

#[tokio::test]
async fn a_database_that_others_use_is_left_alone() {
    let postgres = dabir_testing::Postgres::start();
    let rig = Rig::new(postgres.database()).await;
    let made = rig.back_up().await;
    let refused = rig.restore(&made.name).await;
    assert!(
        matches!(refused, Err(BackupError::Connected(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_backup_of_the_other_database_or_of_a_newer_dabir_is_refused() {
    let mut rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    rig.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)")
        .await;
    let newer = rig.back_up().await;
    rig.close().await;
    let refused = rig.restore(&newer.name).await;
    assert!(
        matches!(refused, Err(BackupError::Newer { .. })),
        "{refused:?}"
    );
    rig.url = dabir_testing::Postgres::start().database();
    let refused = rig.restore(&made.name).await;
    assert!(
        matches!(refused, Err(BackupError::OtherKind { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn whoever_was_killed_on_the_way_is_followed_by_one_who_finishes() {
    let mut rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    rig.close().await;
    let beside = rig.home.path().join("data.restoring");
    // Killed while it unpacked.
    fs::create_dir_all(beside.join("files")).unwrap();
    fs::write(beside.join(".unfinished"), "").unwrap();
    rig.restore(&made.name).await.unwrap();
    assert!(!beside.exists());
    // Killed right after the swap: the old folder has no name of its own yet.
    rig.put("files/mine", "mine");
    fs::create_dir_all(&beside).unwrap();
    fs::rename(rig.data_dir().join("files/mine"), beside.join("mine")).unwrap();
    rig.put(".unfinished", "");
    rig.restore(&made.name).await.unwrap();
    let kept = fs::read_dir(rig.home.path()).unwrap().flatten();
    let kept = kept
        .filter(|entry| entry.path().join("mine").exists())
        .count();
    assert_eq!(kept, 1, "nothing of the old folder is lost");
    assert!(!rig.has(".unfinished"));
}

#[tokio::test]
async fn a_damaged_backup_changes_nothing() {
    let mut rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    rig.close().await;
    let path = rig.shelf().dir().join(&made.name);
    let mut bytes = fs::read(&path).unwrap();
    bytes[2_000] ^= 1;
    fs::write(&path, bytes).unwrap();
    let before = tree(&rig.data_dir(), is_passing);
    let refused = rig.restore(&made.name).await;
    assert!(
        matches!(refused, Err(BackupError::Damaged { .. })),
        "{refused:?}"
    );
    assert_eq!(tree(&rig.data_dir(), is_passing), before);
    let left = fs::read_dir(rig.home.path()).unwrap().count();
    assert_eq!(left, 1, "nothing stays beside the folder");
    DataFolder::hold(&rig.data_dir()).unwrap();
}

#[tokio::test]
async fn a_backup_of_an_older_version_is_brought_up_to_date() {
    on_both(async |mut rig| {
        Migrator::down(rig.db().read(), Some(1)).await.unwrap();
        let made = rig.back_up().await;
        rig.close().await;
        rig.restore(&made.name).await.unwrap();
        // Opened as it is: the restore itself took the steps.
        let db = Db::open_as_is(&rig.url, &rig.data_dir()).await.unwrap();
        let tables = db.unwrap().tables().await.unwrap();
        assert_eq!((tables.pending, tables.unknown), (vec![], vec![]));
        rig.open().await;
        assert_eq!(rig.count("account").await, 2);
    })
    .await;
}
