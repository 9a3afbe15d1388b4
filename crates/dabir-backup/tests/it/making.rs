//! What a backup has, and what becomes of one that cannot be finished.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use dabir_backup::{BackupError, BackupState, Course, Keep, Name, Verified, verify};
use dabir_db::sql;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio_util::sync::CancellationToken;

use crate::house::{Rig, on_both};

#[tokio::test]
async fn a_backup_has_all_that_matters_and_its_owner_alone_may_read_it() {
    on_both(async |rig| {
        symlink("/etc/passwd", rig.data_dir().join("files/link")).unwrap();
        let made = rig.back_up().await;
        assert_eq!(made.name, "dabir_20261121_182502.tar.zst");
        assert_eq!(made.left_out.len(), 1, "{:?}", made.left_out);
        assert_eq!(made.left_out[0].path, "files/link");
        let file = rig.shelf().dir().join(&made.name);
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let list = rig.shelf().list().unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].state, BackupState::Verified);
        assert_eq!(list[0].made_at, Some(rig.clock.now()));
        assert!(list[0].rows.unwrap() >= 6, "{list:?}");
        let work = fs::read_dir(rig.shelf().dir()).unwrap().flatten();
        let work = work.filter(|entry| entry.file_name().to_string_lossy().starts_with(".work"));
        assert_eq!(work.count(), 0, "nothing of the work stays");
    })
    .await;
}

#[tokio::test]
async fn the_usual_programs_open_a_backup() {
    let rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    let listed = Command::new("tar")
        .args(["--use-compress-program=zstd", "-tf"])
        .arg(rig.shelf().dir().join(&made.name))
        .output();
    let listed = listed.expect("tar is there, and zstd");
    let names = String::from_utf8_lossy(&listed.stdout);
    assert!(names.contains("data/secrets/sealing.key"), "{listed:?}");
    assert!(names.contains("database/dabir.db"));
}

/// Moves one of two counters' worth to the other in one transaction, again and again; whoever sees
/// another sum has seen half of a transaction.
#[tokio::test]
async fn a_backup_shows_one_instant_while_others_write() {
    on_both(async |rig| {
        rig.execute("CREATE TABLE left_hand (n BIGINT)").await;
        rig.execute("CREATE TABLE right_hand (n BIGINT)").await;
        rig.execute("CREATE TABLE filler (id BIGINT PRIMARY KEY, t TEXT)").await;
        rig.execute(
            "INSERT INTO filler WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 200000) \
             SELECT i, 'the quick brown fox jumps over the lazy dog' FROM c",
        )
        .await;
        let (ends, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
        let writer = tokio::spawn({
            let (db, ends, written) = (rig.db().clone(), ends.clone(), written.clone());
            async move {
                while !ends.load(Ordering::Relaxed) {
                    let tx = db.write().await.unwrap();
                    for hand in ["left_hand", "right_hand"] {
                        let insert = format!("INSERT INTO {hand} VALUES (1)");
                        sql::execute(&tx, insert, []).await.unwrap();
                    }
                    tx.commit().await.unwrap();
                    written.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        dabir_testing::eventually("the writer writes", Duration::from_secs(30), async || {
            (written.load(Ordering::Relaxed) > 5).then_some(())
        })
        .await;
        let before = written.load(Ordering::Relaxed);
        let made = rig.back_up().await;
        let after = written.load(Ordering::Relaxed);
        assert!(after > before, "nobody who writes waits for a backup");
        ends.store(true, Ordering::Relaxed);
        writer.await.unwrap();
        let manifest = rig.shelf().manifest_of(&made.name.parse().unwrap()).unwrap();
        let rows = |table: &str| i64::try_from(manifest.database.tables[table].rows).unwrap();
        assert_eq!(rows("left_hand"), rows("right_hand"));
        assert!(rows("left_hand") >= before, "what was there before is in it");
        assert_eq!(rows("filler"), 200_000);
    })
    .await;
}

#[tokio::test]
async fn a_row_without_the_row_it_belongs_to_keeps_nobody_from_a_backup() {
    let mut rig = Rig::sqlite().await;
    let file = rig.data_dir().join("dabir.db");
    let options = SqliteConnectOptions::new()
        .filename(file)
        .foreign_keys(false);
    let mut connection = options.connect().await.unwrap();
    sqlx::query("UPDATE session SET account_id = 'nobody'")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let made = rig.back_up().await;
    rig.close().await;
    rig.restore(&made.name).await.unwrap();
}

#[tokio::test]
async fn work_that_is_told_to_end_leaves_nothing() {
    let rig = Rig::sqlite().await;
    let ends = CancellationToken::new();
    let course = Course::new(ends.clone(), move |bytes, _| {
        if bytes > 1 << 20 {
            ends.cancel();
        }
    });
    let stopped = rig.house().back_up(&rig.shelf(), &course).await;
    assert!(matches!(stopped, Err(BackupError::Stopped)), "{stopped:?}");
    let left: Vec<_> = fs::read_dir(rig.shelf().dir()).unwrap().flatten().collect();
    assert_eq!(left.len(), 1, "the lock alone: {left:?}");
}

#[tokio::test]
async fn what_a_killed_one_left_is_cleared_away_and_never_counted() {
    let rig = Rig::sqlite().await;
    rig.put("backups/.work-half", "half a backup");
    assert_eq!(rig.shelf().list().unwrap(), []);
    rig.back_up().await;
    assert!(!rig.has("backups/.work-half"));
}

#[tokio::test]
async fn two_of_one_second_have_two_names_and_old_ones_go() {
    let rig = Rig::sqlite().await;
    rig.back_up().await;
    let second = rig.back_up().await;
    assert_eq!(second.name, "dabir_20261121_182502_2.tar.zst");
    let config = dabir_backup::BackupConfig {
        keep: Keep {
            newest: 1,
            hourly: 0,
            daily: 0,
            weekly: 0,
        },
        ..Default::default()
    };
    let (shelf, now) = (rig.shelf(), rig.clock.now());
    let gone = dabir_backup::prune(&shelf, &config, &second.name, now).await;
    assert_eq!(gone.unwrap().len(), 1);
    assert_eq!(rig.shelf().list().unwrap()[0].name, second.name);
}

#[tokio::test]
async fn one_that_is_named_for_a_time_to_come_is_not_the_newest() {
    let rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    for ending in ["", ".verified"] {
        let from = rig.shelf().dir().join(format!("{}{ending}", made.name));
        let to = format!("backups/dabir_20300101_000000.tar.zst{ending}");
        fs::copy(from, rig.data_dir().join(to)).unwrap();
    }
    let newest = rig.shelf().newest_verified_at(rig.clock.now());
    assert_eq!(newest.unwrap(), Some(rig.clock.now()));
}

#[tokio::test]
async fn a_backup_elsewhere_is_written_whole_and_over_nothing() {
    let rig = Rig::sqlite().await;
    let stick = rig.home.path().join("stick");
    fs::create_dir(&stick).unwrap();
    // What a killed one left; and to whom the folder belongs, the house's keys do not.
    let unfinished = stick.join("usb.tar.zst.unfinished");
    fs::write(&unfinished, "half").unwrap();
    let _ = chown(&stick, Some(4_242), None);
    let to = stick.join("usb.tar.zst");
    let course = Course::unwatched();
    fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o644)).unwrap();
    let open = rig.house().back_up_to(&to, &rig.shelf(), &course).await;
    assert!(
        matches!(open, Err(BackupError::Exists(_))),
        "others may read it"
    );
    assert_eq!(fs::read(&unfinished).unwrap(), b"half");
    fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o600)).unwrap();
    rig.house()
        .back_up_to(&to, &rig.shelf(), &course)
        .await
        .unwrap();
    Verified::file(&to, &rig.shelf(), &course).await.unwrap();
    let left = fs::read_dir(&stick).unwrap().count();
    assert_eq!(left, 1, "the backup alone");
    let mine = fs::metadata(rig.home.path()).unwrap().uid();
    assert_eq!(fs::metadata(&to).unwrap().uid(), mine);
    let again = rig.house().back_up_to(&to, &rig.shelf(), &course).await;
    assert!(matches!(again, Err(BackupError::Exists(_))), "{again:?}");
    assert_eq!(rig.shelf().list().unwrap(), []);
}

#[tokio::test]
async fn what_is_made_in_a_folder_of_somebody_else_s_is_theirs_and_no_link_is_followed() {
    let rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    let shelf = rig.shelf();
    let owner = |path: &Path| fs::metadata(path).unwrap().uid();
    if chown(shelf.dir(), Some(4_242), None).is_err() {
        return;
    }
    let file = fs::OpenOptions::new()
        .write(true)
        .open(shelf.dir().join(&made.name));
    file.unwrap().set_len(1_000).unwrap();
    let (name, course) = (made.name.parse().unwrap(), Course::unwatched());
    verify(&shelf, &name, &rig.clock, &course)
        .await
        .unwrap_err();
    assert_eq!(owner(&shelf.dir().join("failed")), 4_242);
    assert_eq!(owner(&shelf.dir().join(".lock")), 4_242);
    let target = rig.home.path().join("target");
    fs::write(&target, "mine").unwrap();
    fs::remove_file(shelf.dir().join(".lock")).unwrap();
    symlink(&target, shelf.dir().join(".lock")).unwrap();
    rig.house().back_up(&shelf, &course).await.unwrap_err();
    assert_ne!(owner(&target), 4_242);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_fails_the_backup() {
    let rig = Rig::sqlite().await;
    let key = rig.data_dir().join("secrets/sealing.key");
    // Root may read every file; nobody can read where a socket stands. It is packed at last.
    let place = key.clone();
    let course = Course::new(CancellationToken::new(), move |bytes, stage| {
        if stage == "packing" && bytes > 3 << 20 && fs::remove_file(&place).is_ok() {
            let _ = UnixListener::bind(&place);
        }
    });
    let shelf = rig.shelf();
    let refused = rig.house().back_up(&shelf, &course).await.unwrap_err();
    assert!(refused.told().contains("sealing.key"), "{refused}");
    assert_eq!(shelf.list().unwrap(), []);
    fs::remove_file(key).unwrap();
    rig.back_up().await;
}

#[tokio::test]
async fn what_stands_where_a_lock_would_holds_up_nobody() {
    let rig = Rig::sqlite().await;
    let lock = |of: &str| rig.data_dir().join(format!("Server_Data/{of}.lock"));
    for of in ["pipe", "socket", "link", "folder"] {
        rig.put(&format!("Server_Data/{of}"), "read");
    }
    let made = Command::new("mkfifo").arg(lock("pipe")).status();
    assert!(made.unwrap().success());
    let _socket = UnixListener::bind(lock("socket")).unwrap();
    symlink(lock("pipe"), lock("link")).unwrap();
    fs::create_dir(lock("folder")).unwrap();
    let made = rig.back_up().await;
    let manifest = rig.shelf().manifest_of(&made.name.parse().unwrap());
    let files = manifest.unwrap().files;
    let of_clients = files.iter().filter(|one| one.path.contains("Server_Data"));
    assert_eq!(of_clients.count(), 5, "{files:?}");
}

#[tokio::test]
async fn what_is_removed_meanwhile_is_named_and_fails_nothing() {
    let rig = Rig::sqlite().await;
    let (key, journal) = ("secrets/sealing.key", "rooms/k3v9/journal.jsonl");
    let (gone, cut) = (rig.data_dir().join(key), rig.data_dir().join(journal));
    // Packed in the order of their names: 3 MiB of uploads, the journal, and the key at last.
    let course = Course::new(CancellationToken::new(), move |bytes, stage| {
        if stage == "packing" && bytes > 3 << 20 {
            let _ = fs::remove_file(&gone);
        }
        if stage == "packing" && bytes > 5 << 20 {
            let file = fs::OpenOptions::new().write(true).open(&cut);
            file.unwrap().set_len(100).unwrap();
        }
    });
    let made = rig.house().back_up(&rig.shelf(), &course).await.unwrap();
    let left_out: Vec<&str> = made.left_out.iter().map(|one| &*one.path).collect();
    assert_eq!(left_out, [journal, key], "{:?}", made.left_out);
    let list = rig.shelf().list().unwrap();
    assert_eq!(list[0].state, BackupState::Verified);
}

#[tokio::test]
async fn one_at_a_time() {
    let rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    let lock = fs::File::open(rig.shelf().dir().join(".lock")).unwrap();
    lock.lock().unwrap();
    let refused = rig
        .house()
        .back_up(&rig.shelf(), &Course::unwatched())
        .await;
    assert!(matches!(refused, Err(BackupError::Busy(_))), "{refused:?}");
    drop(lock);
    let name: Name = made.name.parse().unwrap();
    let verified = verify(&rig.shelf(), &name, &rig.clock, &Course::unwatched()).await;
    assert_eq!(verified.unwrap().rows, made.rows);
}
