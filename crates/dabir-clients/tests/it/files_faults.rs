//! Disks, folders and files that fail us: nothing changes by it, nothing stops, each is told once, and
//! all is well again by itself.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use dabir_clients::{Action, Kind, RedisEncoding};
use dabir_testing::eventually;

use crate::bench::{SOON, order, terms, username};
use crate::ears;
use crate::mirrors::Shop;
use crate::world::{World, run};

const BLOCKED: &str = "blocked_clients.json";
const INTERVAL: Duration = Duration::from_millis(100);

/// Something that is done to a disk.
type Way<'a> = &'a dyn Fn();

fn block() -> Action {
    Action::Block(terms("spam", None))
}

async fn open() -> Shop {
    ears::listen();
    let shop = Shop::with("", RedisEncoding::Hash, INTERVAL).await;
    order(&shop.clients, "ali", block()).await.unwrap();
    shop.shows(BLOCKED, &["ali"]).await;
    shop
}

async fn knows(shop: &Shop, wanted: &[&str]) {
    eventually(&format!("{wanted:?} are blocked"), SOON, async || {
        let snapshot = shop.clients.snapshot();
        let known = snapshot.of(Kind::Blocked);
        let known: Vec<&str> = known.iter().map(dabir_clients::Username::as_str).collect();
        (known == wanted).then_some(())
    })
    .await;
}

/// Several looks at all of it.
async fn a_while() {
    tokio::time::sleep(INTERVAL * 6).await;
}

/// Nobody else may write what names are in there.
fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn files(shop: &Shop) -> Vec<String> {
    let entries = fs::read_dir(shop.dir()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_and_one_that_takes_no_writes_are_told_once() {
    if !World::OwnRoot
        .is_here("files_faults::a_full_disk_and_one_that_takes_no_writes_are_told_once")
    {
        return;
    }
    let shop = open().await;
    let dir = shop.dir().display().to_string();
    // Another folder in its place, with nothing in it.
    run(&format!("mount -t tmpfs -o size=128k none {dir}"));
    shop.shows(BLOCKED, &["ali"]).await;
    let all = files(&shop);
    let filler = shop.path("filler");
    let ways: [(Way<'_>, Way<'_>); 2] = [
        (
            &|| while fs::write(&filler, vec![0; 1 << 20]).is_ok() {},
            &|| fs::remove_file(&filler).unwrap(),
        ),
        (&|| run(&format!("mount -o remount,ro {dir}")), &|| {
            run(&format!("mount -o remount,rw {dir}"));
        }),
    ];
    let mut names = vec!["ali".to_owned()];
    for (turn, (begin, end)) in ways.into_iter().enumerate() {
        // Until what was agreed before is settled, a note of it is still to be written.
        a_while().await;
        begin();
        let before = ears::warnings(BLOCKED).len();
        let name = format!("client {turn}");
        order(&shop.clients, &name, block()).await.unwrap();
        shop.clients.may_enter(&username(&name)).unwrap_err();
        shop.problem(BLOCKED).await;
        a_while().await;
        let told = ears::warnings(BLOCKED);
        assert_eq!(told.len(), before + 1, "{told:?}");
        assert_eq!(shop.list(BLOCKED).unwrap(), names, "the old one is whole");
        names.push(name);
        end();
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        shop.shows(BLOCKED, &all).await;
        shop.has_no_problem().await;
        knows(&shop, &all).await;
    }
    assert_eq!(files(&shop), all, "nothing half is left");
    run(&format!("umount --lazy {dir}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_hints_changes_are_seen_by_looking() {
    if !World::OwnRoot.is_here("files_faults::without_hints_changes_are_seen_by_looking") {
        return;
    }
    let limit = "/proc/sys/user/max_inotify_instances";
    let before = fs::read_to_string(limit).unwrap();
    fs::write(limit, "0").unwrap();
    let shop = open().await;
    shop.problem("watching").await;
    shop.put_names(BLOCKED, &["ali", "mina"]);
    knows(&shop, &["ali", "mina"]).await;
    shop.put_names(BLOCKED, &["mina"]);
    knows(&shop, &["mina"]).await;
    assert_eq!(ears::warnings("watching").len(), 1);
    fs::write(limit, before).unwrap();
    shop.has_no_problem().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_to_read_or_write_is_told_once() {
    if !World::Nobody.is_here("files_faults::what_is_not_ours_to_read_or_write_is_told_once") {
        return;
    }
    let shop = open().await;
    // The folder.
    mode(shop.dir(), 0o555);
    order(&shop.clients, "mina", block()).await.unwrap();
    let told = shop.problem(BLOCKED).await.detail;
    assert!(told.contains("ermission denied"), "{told}");
    a_while().await;
    assert_eq!(ears::warnings(BLOCKED).len(), 1);
    mode(shop.dir(), 0o755);
    shop.shows(BLOCKED, &["ali", "mina"]).await;
    shop.has_no_problem().await;
    mode(shop.dir(), 0o000);
    shop.problem(BLOCKED).await;
    mode(shop.dir(), 0o755);
    shop.has_no_problem().await;
    // A file.
    let offset = shop.clients.snapshot().offset;
    let secret = shop.beside("secret");
    fs::write(&secret, r#"{"clients": ["theirs"]}"#).unwrap();
    mode(&secret, 0o000);
    fs::rename(&secret, shop.path(BLOCKED)).unwrap();
    shop.problem(BLOCKED).await;
    a_while().await;
    assert_eq!(ears::warnings(BLOCKED).len(), 3);
    assert_eq!(shop.clients.snapshot().offset, offset);
    mode(&shop.path(BLOCKED), 0o644);
    knows(&shop, &["theirs"]).await;
    shop.has_no_problem().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_folder_in_its_place_unblocks_nobody() {
    let shop = open().await;
    order(&shop.clients, "mina", block()).await.unwrap();
    shop.shows(BLOCKED, &["ali", "mina"]).await;
    // A copy of an earlier time, with the notes in it.
    let copy = shop.beside("copy");
    run(&format!(
        "cp -a {} {}",
        shop.dir().display(),
        copy.display()
    ));
    order(&shop.clients, "reza", block()).await.unwrap();
    shop.shows(BLOCKED, &["ali", "mina", "reza"]).await;
    let all = ["ali", "mina", "reza"];
    let away = |name: &str| fs::rename(shop.dir(), shop.beside(name)).unwrap();
    // In one step, so that it is not made anew in between.
    let swap = |link: &Path| {
        let new = shop.beside("new");
        symlink(link, &new).unwrap();
        away_and(&shop, &new);
    };
    swap(&copy);
    shop.shows(BLOCKED, &all).await;
    knows(&shop, &all).await;
    // One in which somebody else wrote a shorter list, and no note says what it was before.
    fs::create_dir(shop.beside("strange")).unwrap();
    fs::write(
        shop.beside("strange").join(BLOCKED),
        r#"{"clients": ["theirs"]}"#,
    )
    .unwrap();
    swap(&shop.beside("strange"));
    let all = ["ali", "mina", "reza", "theirs"];
    knows(&shop, &all).await;
    shop.shows(BLOCKED, &all).await;
    // A link that leads nowhere.
    swap(&shop.beside("nowhere"));
    shop.problem("folder").await;
    order(&shop.clients, "zahra", block()).await.unwrap();
    fs::create_dir(shop.beside("nowhere")).unwrap();
    let all = ["ali", "mina", "reza", "theirs", "zahra"];
    shop.shows(BLOCKED, &all).await;
    shop.has_no_problem().await;
    // Removed and made again, again and again.
    away("link");
    for turn in 0..10 {
        let _ = fs::remove_dir_all(shop.dir());
        if turn % 2 == 0 {
            let _ = fs::create_dir(shop.dir());
        }
    }
    shop.shows(BLOCKED, &all).await;
    knows(&shop, &all).await;
    // And others are heard in the new one.
    shop.put_names(BLOCKED, &["ali", "mina"]);
    knows(&shop, &["ali", "mina"]).await;
    shop.has_no_problem().await;
}

/// Puts `new` where the folder is.
fn away_and(shop: &Shop, new: &Path) {
    let flags = rustix::fs::RenameFlags::EXCHANGE;
    let here = rustix::fs::CWD;
    rustix::fs::renameat_with(here, new, here, shop.dir(), flags).unwrap();
    let old = shop.beside(&dabir_core::new_id());
    fs::rename(new, old).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_there_in_place_of_a_file_changes_nothing() {
    let shop = open().await;
    let offset = shop.clients.snapshot().offset;
    let path = shop.path(BLOCKED);
    let utf16: Vec<u8> = "\u{feff}{\"clients\": []}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let deep = format!("{{\"x\": {}", "[".repeat(200_000));
    let bytes = |bytes: &[u8]| fs::write(&path, bytes).unwrap();
    let ways: [(&str, &dyn Fn()); 10] = [
        ("UTF-16", &|| bytes(&utf16)),
        ("deep", &|| bytes(deep.as_bytes())),
        ("half", &|| bytes(b"\xef\xbb\xbf{\"clients\": [\"al")),
        ("nothing but zeros", &|| bytes(&[0; 4_096])),
        ("100 MB", &|| {
            fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
        }),
        ("a folder", &|| fs::create_dir(&path).unwrap()),
        ("a pipe", &|| run(&format!("mkfifo {}", path.display()))),
        ("a link to a device", &|| {
            symlink("/dev/zero", &path).unwrap();
        }),
        ("a link to itself", &|| symlink(&path, &path).unwrap()),
        ("a link to a folder", &|| symlink("/", &path).unwrap()),
    ];
    for (what, put) in ways {
        eventually(&format!("{what}: it is put there"), SOON, async || {
            // We may write it anew in between.
            let _ = fs::remove_file(&path);
            let put = std::panic::catch_unwind(std::panic::AssertUnwindSafe(put));
            put.ok()
        })
        .await;
        shop.problem(BLOCKED).await;
        assert_eq!(shop.clients.snapshot().offset, offset, "{what}");
        let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
        shop.shows(BLOCKED, &["ali"]).await;
        shop.has_no_problem().await;
    }
    // A byte order mark is no fault, and neither is a link to a file.
    shop.put(BLOCKED, "\u{feff}{\"clients\": [\"ali\", \"mina\"]}");
    knows(&shop, &["ali", "mina"]).await;
    let target = shop.beside("target");
    fs::write(&target, r#"{"clients": ["ali"]}"#).unwrap();
    let link = shop.beside("link");
    symlink(&target, &link).unwrap();
    fs::rename(&link, &path).unwrap();
    knows(&shop, &["ali"]).await;
    shop.has_no_problem().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_in_place_of_a_file_are_kept_aside_one_after_the_other() {
    let shop = open().await;
    let mut names = vec!["ali".to_owned()];
    for turn in 0..3 {
        eventually("a folder stands there", SOON, async || {
            let _ = fs::remove_file(shop.path(BLOCKED));
            fs::create_dir(shop.path(BLOCKED)).ok()
        })
        .await;
        fs::write(shop.path(BLOCKED).join("theirs"), "").unwrap();
        shop.problem(BLOCKED).await;
        names.push(format!("client {turn}"));
        order(&shop.clients, &names[turn + 1], block())
            .await
            .unwrap();
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        shop.shows(BLOCKED, &all).await;
        shop.has_no_problem().await;
    }
    let aside = files(&shop);
    let kept = aside.iter().filter(|name| name.contains(".malformed"));
    assert_eq!(kept.count(), 3, "{aside:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_half_is_cleared_away() {
    let mut shop = open().await;
    shop.end().await;
    for name in [
        ".blocked_clients.json-Ab12Cd",
        "..pause_clients.json.agreed-Ab12Cd",
        ".theirs-Ab12Cd",
    ] {
        shop.put(name, "{");
    }
    shop.start_again().await;
    shop.shows(BLOCKED, &["ali"]).await;
    eventually("half ones are gone", SOON, async || {
        let all = files(&shop);
        let half = all.iter().filter(|name| name.ends_with("-Ab12Cd"));
        half.eq([".theirs-Ab12Cd"]).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_half_and_cannot_be_removed_keeps_nothing_from_being_read() {
    if !World::OwnRoot.is_here(
        "files_faults::what_is_left_half_and_cannot_be_removed_keeps_nothing_from_being_read",
    ) {
        return;
    }
    let mut shop = open().await;
    shop.end().await;
    let half = ".blocked_clients.json-Ab12Cd";
    shop.put(half, "{");
    let path = shop.path(half).display().to_string();
    // As long as something is mounted there it stays.
    run(&format!("mount --bind {path} {path}"));
    shop.start_again().await;
    let told = shop.problem("folder").await.detail;
    assert!(told.contains(half), "{told}");
    shop.put_names(BLOCKED, &["ali", "mina"]);
    knows(&shop, &["ali", "mina"]).await;
    order(&shop.clients, "reza", block()).await.unwrap();
    a_while().await;
    assert_eq!(shop.list(BLOCKED).unwrap(), ["ali", "mina"]);
    run(&format!("umount {path}"));
    shop.shows(BLOCKED, &["ali", "mina", "reza"]).await;
    shop.has_no_problem().await;
}
