//! The five files: written when their lists change, and read when somebody else writes them.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::Duration;

use dabir_clients::{Action, Kind, REDIS, RedisEncoding, Sign};
use dabir_testing::eventually;

use crate::bench::{SOON, add, order, terms, username};
use crate::mirrors::Shop;

const PAUSED: &str = "pause_clients.json";
const BLOCKED: &str = "blocked_clients.json";
const ACTIVE: &str = "active_clients.json";
const DEACTIVATED: &str = "deactivate_clients.json";
const LOST: &str = "Network_Action.json";

fn pause() -> Action {
    Action::Pause(terms("a break", None))
}

fn block() -> Action {
    Action::Block(terms("spam", None))
}

fn names(shop: &Shop, kind: Kind) -> Vec<String> {
    let snapshot = shop.clients.snapshot();
    let names = snapshot.of(kind).iter().map(ToString::to_string);
    names.collect()
}

/// Waits until the registry has exactly these names in a list.
async fn knows(shop: &Shop, kind: Kind, wanted: &[&str]) {
    let what = format!("{kind:?} is {wanted:?}");
    eventually(&what, SOON, async || {
        (names(shop, kind) == wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_list_is_in_its_file() {
    let shop = Shop::open().await;
    for name in ["reza", "ali", "mina", "علی رضایی"] {
        order(&shop.clients, name, add()).await.unwrap();
    }
    order(&shop.clients, "reza", block()).await.unwrap();
    order(&shop.clients, "ali", pause()).await.unwrap();
    for (name, sign) in [
        ("ali", Sign::Joined),
        ("mina", Sign::Joined),
        ("mina", Sign::Lost),
    ] {
        let name = username(name);
        shop.clients.presence("board", sign, &name).await.unwrap();
    }
    shop.shows(PAUSED, &["ali"]).await;
    shop.shows(BLOCKED, &["reza"]).await;
    shop.shows(ACTIVE, &["ali"]).await;
    shop.shows(LOST, &["mina"]).await;
    shop.shows(DEACTIVATED, &["mina", "reza", "علی رضایی"])
        .await;
    let text = fs::read_to_string(shop.path(PAUSED)).unwrap();
    assert_eq!(text, "{\n  \"clients\": [\n    \"ali\"\n  ]\n}");
    let others = fs::metadata(shop.path(PAUSED)).unwrap().permissions();
    assert_eq!(others.mode() & 0o444, 0o444, "others read it");
    shop.has_no_problem().await;
    let wanted = [
        "dabir_clients_clients{state=\"blocked\"} 1",
        "dabir_clients_mirror_lag_seconds{mirror=\"files\"} 0.0",
        "dabir_clients_mirror_problems{mirror=\"files\"} 0",
    ];
    eventually("the metrics say so", SOON, async || {
        let mut told = String::new();
        prometheus_client::encoding::text::encode(&mut told, &shop.metrics).unwrap();
        wanted.iter().all(|line| told.contains(line)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_right_is_not_written_again() {
    let shop = Shop::with("", RedisEncoding::Hash, Duration::from_millis(100)).await;
    order(&shop.clients, "ali", add()).await.unwrap();
    shop.shows(DEACTIVATED, &["ali"]).await;
    let inodes = || {
        let inode = |name| fs::metadata(shop.path(name)).unwrap().ino();
        [PAUSED, BLOCKED, ACTIVE, LOST].map(inode)
    };
    let before = inodes();
    for _ in 0..20 {
        order(&shop.clients, "ali", pause()).await.unwrap();
        order(&shop.clients, "ali", Action::Resume).await.unwrap();
    }
    order(&shop.clients, "mina", add()).await.unwrap();
    shop.shows(DEACTIVATED, &["ali", "mina"]).await;
    shop.shows(PAUSED, &[]).await;
    assert_eq!(inodes()[1..], before[1..], "nothing of these changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_write_is_obeyed() {
    let shop = Shop::open().await;
    order(&shop.clients, "ali", add()).await.unwrap();
    order(&shop.clients, "mina", pause()).await.unwrap();
    shop.shows(PAUSED, &["mina"]).await;
    // In place, unsorted, twice the same, in another layout.
    shop.put(PAUSED, r#"{"clients":["reza","mina","ali","ali"]}"#);
    knows(&shop, Kind::Paused, &["ali", "mina", "reza"]).await;
    shop.shows(PAUSED, &["ali", "mina", "reza"]).await;
    let ali = shop.clients.get(&username("ali")).unwrap();
    assert_eq!(ali.by.as_deref(), Some("file"));
    let mina = shop.clients.get(&username("mina")).unwrap();
    assert_eq!(
        mina.reason.as_deref(),
        Some("a break"),
        "it stands as it was"
    );
    shop.put_names(PAUSED, &["reza"]);
    knows(&shop, Kind::Paused, &["reza"]).await;
    shop.put_names(BLOCKED, &["stranger"]);
    knows(&shop, Kind::Blocked, &["stranger"]).await;
    shop.clients.may_enter(&username("stranger")).unwrap_err();
    shop.put_names(BLOCKED, &[]);
    knows(&shop, Kind::Blocked, &[]).await;
    shop.clients.may_enter(&username("stranger")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_deletes_a_file_unblocks_nobody() {
    let shop = Shop::open().await;
    order(&shop.clients, "ali", block()).await.unwrap();
    shop.shows(BLOCKED, &["ali"]).await;
    fs::remove_file(shop.path(BLOCKED)).unwrap();
    shop.shows(BLOCKED, &["ali"]).await;
    fs::rename(shop.dir(), shop.beside("gone")).unwrap();
    order(&shop.clients, "mina", add()).await.unwrap();
    shop.shows(BLOCKED, &["ali"]).await;
    shop.shows(DEACTIVATED, &["mina"]).await;
    assert_eq!(names(&shop, Kind::Blocked), ["ali"]);
    // The folder that took its place is watched as well.
    shop.put_names(BLOCKED, &["ali", "reza"]);
    knows(&shop, Kind::Blocked, &["ali", "reza"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_and_an_order_at_once_both_stand() {
    let shop = Shop::open().await;
    for turn in 0..20 {
        let (theirs, ours) = (format!("theirs {turn}"), format!("ours {turn}"));
        let before = shop.list(BLOCKED).unwrap_or_default();
        let mut after: Vec<&str> = before.iter().map(String::as_str).collect();
        after.push(&theirs);
        let ordered = order(&shop.clients, &ours, block());
        let edited = async { shop.put_names(BLOCKED, &after) };
        let (ordered, ()) = tokio::join!(ordered, edited);
        ordered.unwrap();
        eventually("both are in the file", SOON, async || {
            let shown = shop.list(BLOCKED)?;
            (shown.contains(&theirs) && shown.contains(&ours)).then_some(())
        })
        .await;
    }
    assert_eq!(names(&shop, Kind::Blocked).len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_says_nothing_changes_nothing() {
    let mut shop = Shop::open().await;
    order(&shop.clients, "ali", block()).await.unwrap();
    shop.shows(BLOCKED, &["ali"]).await;
    let offset = shop.clients.snapshot().offset;
    let broken = r#"{"clients": ["ali", "mi"#;
    shop.put(BLOCKED, broken);
    let problem = shop.problem(BLOCKED).await;
    assert!(problem.detail.contains("it is not"), "{}", problem.detail);
    assert_eq!(shop.clients.snapshot().offset, offset);
    let stands = fs::read_to_string(shop.path(BLOCKED)).unwrap();
    assert_eq!(stands, broken, "whoever wrote it may still be at it");
    // There is something to say in its place: it is kept aside.
    order(&shop.clients, "mina", block()).await.unwrap();
    shop.shows(BLOCKED, &["ali", "mina"]).await;
    let aside = shop.path("blocked_clients.json.malformed");
    assert_eq!(fs::read_to_string(aside).unwrap(), broken);
    shop.has_no_problem().await;
    shop.put(BLOCKED, "");
    shop.problem(BLOCKED).await;
    // What a process leaves is old enough that whoever takes a name out knew of it.
    shop.start_again().await;
    shop.problem(BLOCKED).await;
    shop.put_names(BLOCKED, &["mina"]);
    knows(&shop, Kind::Blocked, &["mina"]).await;
    shop.has_no_problem().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_of_them_change_nothing_and_stop_nothing() {
    let shop = Shop::open().await;
    for name in ["ali", "mina"] {
        order(&shop.clients, name, block()).await.unwrap();
        order(&shop.clients, name, Action::Put(Default::default()))
            .await
            .unwrap();
    }
    shop.shows(BLOCKED, &["ali", "mina"]).await;
    let offset = shop.clients.snapshot().offset;
    let whole = fs::read(shop.path(BLOCKED)).unwrap();
    for turn in 0..1_000_usize {
        let name = [PAUSED, BLOCKED][turn % 2];
        let text = match turn % 5 {
            0 => whole[..turn % whole.len()].to_vec(),
            1 => format!("{{\"clients\": [{turn}]}}").into_bytes(),
            2 => vec![u8::try_from(turn % 256).unwrap(); turn],
            3 => b"{\"clients\": [\"../../etc/passwd\"]}".to_vec(),
            _ => [&whole[..], b"]"].concat(),
        };
        shop.put(name, text);
        if turn % 100 == 0 {
            shop.problem(name).await;
        }
    }
    shop.problem(PAUSED).await;
    shop.problem(BLOCKED).await;
    assert_eq!(shop.clients.snapshot().offset, offset);
    order(&shop.clients, "reza", add()).await.unwrap();
    shop.shows(DEACTIVATED, &["ali", "mina", "reza"]).await;
    shop.put(BLOCKED, whole);
    shop.put_names(PAUSED, &["reza"]);
    knows(&shop, Kind::Paused, &["reza"]).await;
    assert_eq!(names(&shop, Kind::Blocked), ["ali", "mina"]);
    shop.has_no_problem().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_nobody_looked_is_told_apart() {
    let mut shop = Shop::open().await;
    for name in ["ali", "mina", "reza"] {
        order(&shop.clients, name, block()).await.unwrap();
    }
    shop.shows(BLOCKED, &["ali", "mina", "reza"]).await;
    shop.end().await;
    // Others took one out and put one in; we put one in and took one out.
    shop.put_names(BLOCKED, &["mina", "reza", "theirs"]);
    order(&shop.clients, "ours", block()).await.unwrap();
    order(&shop.clients, "reza", Action::Unblock).await.unwrap();
    shop.start_again().await;
    // Of what was written last nobody knows yet whether others had seen it: `ali` may be ours.
    knows(&shop, Kind::Blocked, &["mina", "ours", "theirs"]).await;
    shop.shows(BLOCKED, &["mina", "ours", "theirs"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_is_told_and_tried_again() {
    let shop = Shop::with("", RedisEncoding::Hash, Duration::from_millis(100)).await;
    order(&shop.clients, "ali", add()).await.unwrap();
    shop.shows(DEACTIVATED, &["ali"]).await;
    // A file stands where the folder was: it fails for root, too.
    fs::rename(shop.dir(), shop.beside("gone")).unwrap();
    // It may have been made anew already.
    let _ = fs::rename(shop.dir(), shop.beside("gone, too"));
    fs::write(shop.dir(), "").unwrap();
    shop.problem("folder").await;
    order(&shop.clients, "mina", block()).await.unwrap();
    shop.clients.may_enter(&username("mina")).unwrap_err();
    fs::remove_file(shop.dir()).unwrap();
    shop.shows(BLOCKED, &["mina"]).await;
    shop.has_no_problem().await;
    fs::remove_file(shop.path(ACTIVE)).unwrap();
    fs::create_dir(shop.path(ACTIVE)).unwrap();
    fs::write(shop.path(ACTIVE).join("theirs"), "").unwrap();
    shop.problem(ACTIVE).await;
    let name = username("ali");
    shop.clients
        .presence(REDIS, Sign::Joined, &name)
        .await
        .unwrap();
    shop.shows(DEACTIVATED, &[]).await;
    fs::remove_dir_all(shop.path(ACTIVE)).unwrap();
    shop.shows(ACTIVE, &["ali"]).await;
    shop.has_no_problem().await;
}
