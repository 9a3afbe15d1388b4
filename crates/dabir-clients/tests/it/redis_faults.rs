//! Redis servers as they are met: behind TLS and passwords, old, full, read-only, silent, emptied, and
//! with something else under our keys.

use std::time::Duration;

use dabir_clients::{Kind, RedisEncoding, Sign};
use dabir_testing::{Redis, Wire, eventually};
use serde_json::json;

use crate::bench::{SOON, order, username};
use crate::ears;
use crate::mirrors::Shop;
use crate::redis::{Other, block, knows};

const HASH: RedisEncoding = RedisEncoding::Hash;
const NOTE: &str = "Clients_status:dabir";
/// As others have it by default; a server that says nothing by itself is asked so often.
const INTERVAL: Duration = Duration::from_millis(100);

/// Both directions work.
async fn both_say_the_same(shop: &Shop, other: &mut Other) {
    order(&shop.clients, "ali", block()).await.unwrap();
    other.sees("blocked_clients", &["ali"]).await;
    other.put("active_clients", json!(["mina"])).await;
    knows(shop, Kind::Active, &["mina"]).await;
    other.put("clients_to_close", json!(["reza"])).await;
    knows(shop, Kind::ToClose, &["reza"]).await;
    shop.has_no_problem().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_behind_tls_is_reached_with_its_authority_and_the_least_rights() {
    let users = "user default off\n\
                 user other on >theirs ~* +@all\n\
                 user dabir on >four-words resetchannels ~Clients_status ~Clients_status:dabir -@all \
                 +hello +client|tracking +select +watch +unwatch +multi +exec +type \
                 +exists +del +hmget +hset +hstrlen +get +set +strlen\n";
    let server = Redis::start_with_tls(users);
    let authority = server.authority();
    let address = server.address();
    let ours = |password: &str| {
        let file = authority.display();
        format!("rediss://dabir:{password}@{address}/0?sslrootcert={file}")
    };
    let theirs = format!("rediss://other:theirs@{address}/0");
    let mut other = Other::by(&theirs, Some(authority.as_path()), HASH).await;
    for encoding in [HASH, RedisEncoding::Json] {
        other.do_it(&["FLUSHALL"]).await;
        let mut shop = Shop::with(&ours("four-words"), encoding, INTERVAL).await;
        let mut other = Other::by(&theirs, Some(authority.as_path()), encoding).await;
        both_say_the_same(&shop, &mut other).await;
        shop.end().await;
    }
    for (url, why) in [
        (ours("five-words"), "authentication failed"),
        (
            format!("rediss://dabir:four-words@{address}/0"),
            "certificate",
        ),
        (ours("four-words").replace("ca.pem", "none.pem"), "none.pem"),
    ] {
        let mut shop = Shop::with(&url, HASH, INTERVAL).await;
        let told = shop.problem("connection").await.detail;
        assert!(told.contains(why), "{told}");
        assert!(!told.contains("words"), "a password is told: {told}");
        shop.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_know_less_are_asked_again_and_again() {
    for config in [
        // As version 5.
        "rename-command HELLO \"\"\n",
        "user default on nopass ~* +@all -client\n",
        "notify-keyspace-events KEA\n",
    ] {
        for encoding in [HASH, RedisEncoding::Json] {
            let server = Redis::start_with(config);
            let shop = Shop::with(&server.url(), encoding, INTERVAL).await;
            let mut other = Other::at(&server, encoding).await;
            both_say_the_same(&shop, &mut other).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_server_is_read_and_told_once() {
    ears::listen();
    let server = Redis::start();
    let shop = Shop::with(&server.url(), HASH, INTERVAL).await;
    let mut other = Other::at(&server, HASH).await;
    other.put("clients_to_close", json!(["reza"])).await;
    knows(&shop, Kind::ToClose, &["reza"]).await;
    other.do_it(&["CONFIG", "SET", "maxmemory", "1"]).await;
    order(&shop.clients, "ali", block()).await.unwrap();
    let told = shop.problem("connection").await.detail;
    assert!(told.contains("OOM"), "{told}");
    // Whatever others do is still heard, each thing at once.
    for _ in 0..3 {
        other
            .do_it(&["HDEL", "Clients_status", "clients_to_close"])
            .await;
        knows(&shop, Kind::ToClose, &[]).await;
        other.do_it(&["CONFIG", "SET", "maxmemory", "0"]).await;
        other.put("clients_to_close", json!(["reza"])).await;
        other.do_it(&["CONFIG", "SET", "maxmemory", "1"]).await;
        knows(&shop, Kind::ToClose, &["reza"]).await;
    }
    other.do_it(&["CONFIG", "SET", "maxmemory", "0"]).await;
    other.sees("blocked_clients", &["ali"]).await;
    shop.has_no_problem().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_takes_no_writes_is_read_and_told_once() {
    ears::listen();
    let (leader, copy) = (Redis::start(), Redis::start());
    let shop = Shop::with(&copy.url(), HASH, INTERVAL).await;
    let mut theirs = Other::at(&copy, HASH).await;
    theirs.sees("blocked_clients", &[]).await;
    let port = leader.address().port().to_string();
    theirs.do_it(&["REPLICAOF", "127.0.0.1", &port]).await;
    let mut other = Other::at(&leader, HASH).await;
    other.put("active_clients", json!(["mina"])).await;
    knows(&shop, Kind::Active, &["mina"]).await;
    order(&shop.clients, "ali", block()).await.unwrap();
    let told = shop.problem("connection").await.detail;
    assert!(told.contains("READONLY"), "{told}");
    for names in [json!(["reza"]), json!(["reza", "zahra"]), json!([])] {
        other.put("active_clients", names.clone()).await;
        let names: Vec<String> = serde_json::from_value(names).unwrap();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        knows(&shop, Kind::Active, &names).await;
    }
    assert_eq!(ears::warnings("connection: ").len(), 1);
    theirs.do_it(&["REPLICAOF", "NO", "ONE"]).await;
    theirs.sees("blocked_clients", &["ali"]).await;
    shop.has_no_problem().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_became_a_copy_is_left_for_the_new_one() {
    let (old, new) = (Redis::start(), Redis::start());
    let wire = Wire::to(old.address()).await;
    let url = format!("redis://{}/0", wire.address());
    let shop = Shop::with(&url, HASH, INTERVAL).await;
    let mut at_old = Other::at(&old, HASH).await;
    let mut at_new = Other::at(&new, HASH).await;
    at_old.sees("blocked_clients", &[]).await;
    let port = new.address().port().to_string();
    at_old.do_it(&["REPLICAOF", "127.0.0.1", &port]).await;
    // The name leads to the new one; nobody ends connections to the old one.
    wire.lead_to(new.address());
    order(&shop.clients, "ali", block()).await.unwrap();
    at_new.sees("blocked_clients", &["ali"]).await;
    shop.has_no_problem().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_left_is_not_taken_for_theirs_when_the_note_is_gone() {
    for with_note in [&["HSET", NOTE, "active", "{"][..], &["DEL", NOTE]] {
        for starts_again in [false, true] {
            let server = Redis::start();
            let mut shop = Shop::with(&server.url(), HASH, INTERVAL).await;
            let mut other = Other::at(&server, HASH).await;
            let attend = async |shop: &Shop, sign| {
                let name = username("ours");
                shop.clients.presence("board", sign, &name).await.unwrap();
            };
            attend(&shop, Sign::Joined).await;
            other.sees("active_clients", &["ours"]).await;
            other.put("active_clients", json!(["ours", "theirs"])).await;
            knows(&shop, Kind::Active, &["ours", "theirs"]).await;
            other.sees("active_clients", &["ours", "theirs"]).await;
            other.do_it(with_note).await;
            if starts_again {
                shop.start_again().await;
            }
            // Read and mended: it is not the note that a block waits for.
            order(&shop.clients, "ali", block()).await.unwrap();
            other.sees("blocked_clients", &["ali"]).await;
            attend(&shop, Sign::Left).await;
            other.sees("active_clients", &["theirs"]).await;
            knows(&shop, Kind::Active, &["theirs"]).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_emptied_again_and_again_has_everything_again() {
    let server = Redis::start();
    let shop = Shop::with(&server.url(), HASH, INTERVAL).await;
    let mut other = Other::at(&server, HASH).await;
    let mut names = Vec::new();
    for turn in 0..20 {
        let name = format!("client {turn:02}");
        order(&shop.clients, &name, block()).await.unwrap();
        other.do_it(&["FLUSHALL"]).await;
        names.push(name);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    other.sees("blocked_clients", &names).await;
    knows(&shop, Kind::Blocked, &names).await;
    shop.has_no_problem().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_says_nothing_is_written_anew() {
    let server = Redis::start();
    let mut shop = Shop::with(&server.url(), HASH, INTERVAL).await;
    let mut other = Other::at(&server, HASH).await;
    other.sees("blocked_clients", &[]).await;
    let longest = i64::MAX.to_string();
    let wrong: [&[&str]; 7] = [
        &["SET", NOTE, "text"],
        &["LPUSH", NOTE, "a"],
        &["HSET", NOTE, "epoch", "many"],
        &["HSET", NOTE, "epoch", "-5"],
        &["HSET", NOTE, "epoch", ""],
        &["HSET", NOTE, "active", "{"],
        &["HSET", NOTE, "epoch", &longest],
    ];
    let mut names = Vec::new();
    for (turn, words) in wrong.into_iter().enumerate() {
        if words[0] != "HSET" {
            other.do_it(&["DEL", NOTE]).await;
        }
        other.do_it(words).await;
        names.push(format!("client {turn}"));
        order(&shop.clients, &names[turn], block()).await.unwrap();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        other.sees("blocked_clients", &names).await;
        // Whoever comes next can have the lease, and goes on.
        shop.start_again().await;
    }
    names.push("the last".to_owned());
    order(&shop.clients, "the last", block()).await.unwrap();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    other.sees("blocked_clients", &names).await;
    shop.has_no_problem().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_keeps_nobody_waiting_and_both_agree_again() {
    let server = Redis::start();
    let wire = Wire::to(server.address()).await;
    let url = format!("redis://{}/0", wire.address());
    let shop = Shop::with(&url, HASH, INTERVAL).await;
    let mut other = Other::at(&server, HASH).await;
    other.sees("blocked_clients", &[]).await;
    wire.cut();
    let asked = order(&shop.clients, "ali", block());
    tokio::time::timeout(Duration::from_secs(2), asked)
        .await
        .unwrap()
        .unwrap();
    shop.clients.may_enter(&username("ali")).unwrap_err();
    shop.shows("blocked_clients.json", &["ali"]).await;
    other.put("active_clients", json!(["mina"])).await;
    shop.problem("connection").await;
    wire.mend_for_new();
    other.sees("blocked_clients", &["ali"]).await;
    knows(&shop, Kind::Active, &["mina"]).await;
    shop.has_no_problem().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_in_the_fields_nothing_stops() {
    ears::listen();
    let server = Redis::start();
    let shop = Shop::with(&server.url(), HASH, INTERVAL).await;
    let mut other = Other::at(&server, HASH).await;
    other.put("active_clients", json!(["ali"])).await;
    other.put("clients_to_close", json!(["reza"])).await;
    knows(&shop, Kind::ToClose, &["reza"]).await;
    let offset = shop.clients.snapshot().offset;
    let (deep, long) = (
        "[".repeat(100_000),
        format!("[\"{}\"]", "x".repeat(9 << 20)),
    );
    let texts: [&[u8]; 8] = [
        b"",
        b"\xff\xfe[\0\"\0a\0\"\0]\0",
        b"[\"a\0b\"]",
        b"[\"\xff\"]",
        b"[null]",
        b"{\"clients\": []}",
        deep.as_bytes(),
        long.as_bytes(),
    ];
    for (turn, text) in texts.into_iter().enumerate() {
        for field in ["active_clients", "clients_to_close"] {
            other.set_raw(field, text).await;
            shop.problem(&format!("Clients_status.{field}")).await;
        }
        // Ours are written anew, however long they are.
        other.set_raw("blocked_clients", text).await;
        let name = format!("client {turn}");
        order(&shop.clients, &name, block()).await.unwrap();
        eventually("ours is written", SOON, async || {
            let all = other.all().await;
            let blocked = all["blocked_clients"].as_array()?;
            blocked.contains(&json!(name)).then_some(())
        })
        .await;
    }
    let blocked = i64::try_from(texts.len()).unwrap();
    assert_eq!(shop.clients.snapshot().offset, offset + blocked);
    other.put("active_clients", json!(["ali"])).await;
    other.put("clients_to_close", json!(["reza"])).await;
    shop.has_no_problem().await;
    assert_eq!(shop.clients.snapshot().offset, offset + blocked);
}
