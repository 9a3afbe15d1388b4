//! The key in Redis, with a real server.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use dabir_clients::{Action, Kind, REDIS, RedisEncoding, Sign};
use dabir_testing::{Redis, eventually};
use redis::aio::MultiplexedConnection;
use serde_json::{Value, json};

use crate::bench::{SOON, add, order, terms, username};
use crate::mirrors::Shop;

const KEY: &str = "Clients_status";
const ENCODINGS: [RedisEncoding; 2] = [RedisEncoding::Hash, RedisEncoding::Json];

/// Another program at the same server.
pub(crate) struct Other {
    redis: MultiplexedConnection,
    encoding: RedisEncoding,
}

impl Other {
    pub(crate) async fn at(server: &Redis, encoding: RedisEncoding) -> Self {
        Self::by(&server.url(), None, encoding).await
    }

    /// By another address, and the certificate of its authority.
    pub(crate) async fn by(url: &str, ca: Option<&Path>, encoding: RedisEncoding) -> Self {
        let client = match ca {
            None => redis::Client::open(url).unwrap(),
            Some(ca) => {
                let certificates = redis::TlsCertificates {
                    client_tls: None,
                    root_cert: Some(std::fs::read(ca).unwrap()),
                };
                redis::Client::build_with_tls(url, certificates).unwrap()
            }
        };
        let redis = eventually("Redis answers", SOON, async || {
            client.get_multiplexed_async_connection().await.ok()
        })
        .await;
        Self { redis, encoding }
    }

    pub(crate) async fn do_it(&mut self, words: &[&str]) {
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.exec_async(&mut self.redis).await.unwrap();
    }

    /// Writes bytes into a field of the hash.
    pub(crate) async fn set_raw(&mut self, field: &str, bytes: &[u8]) {
        let mut command = redis::cmd("HSET");
        command.arg(KEY).arg(field).arg(bytes);
        command.exec_async(&mut self.redis).await.unwrap();
    }

    /// As the programs do: the whole text read and written, or one field.
    pub(crate) async fn put(&mut self, field: &str, value: Value) {
        if self.encoding == RedisEncoding::Hash {
            return self.do_it(&["HSET", KEY, field, &value.to_string()]).await;
        }
        let mut all = self.all().await;
        all[field] = value;
        self.do_it(&["SET", KEY, &all.to_string()]).await;
    }

    pub(crate) async fn all(&mut self) -> Value {
        if self.encoding == RedisEncoding::Json {
            let text: Option<String> = redis::cmd("GET")
                .arg(KEY)
                .query_async(&mut self.redis)
                .await
                .unwrap();
            return text.map_or(json!({}), |text| serde_json::from_str(&text).unwrap());
        }
        let fields: Vec<(String, Vec<u8>)> = redis::cmd("HGETALL")
            .arg(KEY)
            .query_async(&mut self.redis)
            .await
            .unwrap();
        let fields = fields.into_iter();
        fields
            .map(|(field, text)| (field, serde_json::from_slice(&text).unwrap_or(Value::Null)))
            .collect()
    }

    pub(crate) async fn sees(&mut self, field: &str, names: &[&str]) {
        eventually(&format!("{field} is {names:?}"), SOON, async || {
            (self.all().await[field] == json!(names)).then_some(())
        })
        .await;
    }
}

pub(crate) async fn knows(shop: &Shop, kind: Kind, wanted: &[&str]) {
    let wanted: BTreeSet<String> = wanted.iter().map(ToString::to_string).collect();
    eventually(&format!("{kind:?} is {wanted:?}"), SOON, async || {
        let snapshot = shop.clients.snapshot();
        let known: BTreeSet<String> = snapshot.of(kind).iter().map(ToString::to_string).collect();
        (known == wanted).then_some(())
    })
    .await;
}

async fn open(server: &Redis, encoding: RedisEncoding) -> (Shop, Other) {
    let shop = Shop::with(&server.url(), encoding, Duration::from_secs(3_600)).await;
    (shop, Other::at(server, encoding).await)
}

pub(crate) fn block() -> Action {
    Action::Block(terms("spam", None))
}

#[tokio::test(flavor = "multi_thread")]
async fn ours_is_written_and_theirs_is_read() {
    for encoding in ENCODINGS {
        let server = Redis::start();
        let (shop, mut other) = open(&server, encoding).await;
        for name in ["ali", "mina", "reza"] {
            order(&shop.clients, name, add()).await.unwrap();
        }
        order(&shop.clients, "ali", block()).await.unwrap();
        other.sees("blocked_clients", &["ali"]).await;
        other.sees("paused_clients", &[]).await;
        other
            .sees("deactivate_clients", &["ali", "mina", "reza"])
            .await;
        other.put("theirs", json!({ "n": 1.5 })).await;
        other.put("active_clients", json!(["reza", "guest"])).await;
        knows(&shop, Kind::Active, &["guest", "reza"]).await;
        other.sees("deactivate_clients", &["ali", "mina"]).await;
        shop.shows("active_clients.json", &["guest", "reza"]).await;
        other
            .put("connecting_internet_error", json!(["mina"]))
            .await;
        shop.shows("Network_Action.json", &["mina"]).await;
        other.put("active_clients", json!([])).await;
        knows(&shop, Kind::Active, &[]).await;
        assert_eq!(other.all().await["theirs"], json!({ "n": 1.5 }));
        shop.has_no_problem().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_in_a_room_is_added_and_taken_out_again() {
    for encoding in ENCODINGS {
        let server = Redis::start();
        let (shop, mut other) = open(&server, encoding).await;
        other.put("active_clients", json!(["theirs"])).await;
        let attend = async |sign| {
            let name = username("ours");
            shop.clients.presence("board", sign, &name).await.unwrap();
        };
        attend(Sign::Joined).await;
        other.sees("active_clients", &["ours", "theirs"]).await;
        // They write their list anew, without and with what they read.
        other.put("active_clients", json!(["mina"])).await;
        other.sees("active_clients", &["mina", "ours"]).await;
        other
            .put("active_clients", json!(["mina", "ours", "reza"]))
            .await;
        knows(&shop, Kind::Active, &["mina", "ours", "reza"]).await;
        let places = shop.clients.get(&username("ours")).unwrap().places;
        assert!(places.iter().all(|place| &*place.place != REDIS));
        attend(Sign::Left).await;
        other.sees("active_clients", &["mina", "reza"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_others_want_out_is_out_until_they_say_otherwise() {
    for encoding in ENCODINGS {
        let server = Redis::start();
        let (shop, mut other) = open(&server, encoding).await;
        other.put("clients_to_close", json!(["ali"])).await;
        knows(&shop, Kind::ToClose, &["ali"]).await;
        shop.clients.may_enter(&username("ali")).unwrap_err();
        other.put("clients_to_close", json!([])).await;
        knows(&shop, Kind::ToClose, &[]).await;
        shop.clients.may_enter(&username("ali")).unwrap();
        // What an operator ordered is not theirs to lift.
        let close = Action::Close(terms("not now", None));
        order(&shop.clients, "mina", close).await.unwrap();
        other.put("clients_to_close", json!(["reza"])).await;
        knows(&shop, Kind::ToClose, &["mina", "reza"]).await;
        other.put("clients_to_close", json!([])).await;
        knows(&shop, Kind::ToClose, &["mina"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_agree_again_when_redis_was_away() {
    for encoding in ENCODINGS {
        let server = Redis::start();
        let (shop, mut other) = open(&server, encoding).await;
        other.put("active_clients", json!(["ali"])).await;
        knows(&shop, Kind::Active, &["ali"]).await;
        server.stop();
        shop.problem("connection").await;
        order(&shop.clients, "mina", block()).await.unwrap();
        shop.clients.may_enter(&username("mina")).unwrap_err();
        shop.shows("blocked_clients.json", &["mina"]).await;
        shop.shows("active_clients.json", &["ali"]).await;
        server.start_again();
        let mut other = Other::at(&server, encoding).await;
        other.sees("blocked_clients", &["mina"]).await;
        // It came back empty, and nobody has said yet that anybody is there.
        knows(&shop, Kind::Active, &[]).await;
        other.put("active_clients", json!(["reza"])).await;
        knows(&shop, Kind::Active, &["reza"]).await;
        shop.has_no_problem().await;
        other.do_it(&["FLUSHALL"]).await;
        other.sees("blocked_clients", &["mina"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_nothing_changes_nothing_and_is_told() {
    for encoding in ENCODINGS {
        let server = Redis::start();
        let (shop, mut other) = open(&server, encoding).await;
        other.put("active_clients", json!(["ali"])).await;
        knows(&shop, Kind::Active, &["ali"]).await;
        let offset = shop.clients.snapshot().offset;
        let subject = "Clients_status.active_clients";
        for turn in 0..1_000_usize {
            let wrong = match turn % 5 {
                0 => json!(turn),
                1 => json!({ "clients": ["ali"] }),
                2 => json!(["ali", turn]),
                3 => json!(["../ali"]),
                _ => json!(["x".repeat(200)]),
            };
            other.put("active_clients", wrong).await;
            if turn % 250 == 0 {
                shop.problem(subject).await;
            }
        }
        let names: Vec<String> = (0..=100_000).map(|n| n.to_string()).collect();
        other.put("active_clients", json!(names)).await;
        eventually("too many are told", SOON, async || {
            let problem = shop.problem(subject).await;
            problem.detail.contains("more than").then_some(())
        })
        .await;
        assert_eq!(shop.clients.snapshot().offset, offset);
        // The other fields go on.
        order(&shop.clients, "mina", block()).await.unwrap();
        other.sees("blocked_clients", &["mina"]).await;
        // The whole of it is something else.
        other.do_it(&["DEL", KEY]).await;
        knows(&shop, Kind::Active, &[]).await;
        other.do_it(&["DEL", KEY]).await;
        other.do_it(&["LPUSH", KEY, "a"]).await;
        let problem = shop.problem(KEY).await;
        assert!(problem.detail.contains("a list"), "{}", problem.detail);
        other.do_it(&["DEL", KEY]).await;
        other.sees("blocked_clients", &["mina"]).await;
        shop.has_no_problem().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobodys_write_is_lost_when_all_write_at_once() {
    for encoding in ENCODINGS {
        let server = Redis::start();
        let (shop, mut other) = open(&server, encoding).await;
        let ours = async {
            for turn in 0..50 {
                let name = format!("client {turn}");
                order(&shop.clients, &name, block()).await.unwrap();
            }
        };
        let theirs = async {
            for turn in 0..50 {
                // A careful program: it looks whether the text is the one that it read.
                let text = json!([turn]).to_string();
                let put = match encoding {
                    RedisEncoding::Hash => "redis.call('HSET', KEYS[1], 'theirs', ARGV[1])",
                    RedisEncoding::Json => {
                        "local all = cjson.decode(redis.call('GET', KEYS[1]) or '{}') \
                         all['theirs'] = cjson.decode(ARGV[1]) \
                         for _, field in ipairs({'active_clients', 'paused_clients', \
                         'deactivate_clients'}) do all[field] = nil end \
                         redis.call('SET', KEYS[1], cjson.encode(all))"
                    }
                };
                other.do_it(&["EVAL", put, "1", KEY, &text]).await;
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(ours, theirs);
        eventually("all of it is there", SOON, async || {
            let all = other.all().await;
            let blocked = all["blocked_clients"].as_array().map_or(0, Vec::len);
            (blocked == 50 && all["theirs"] == json!([49])).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_of_an_earlier_time_writes_nothing() {
    let server = Redis::start();
    let (mut shop, mut other) = open(&server, RedisEncoding::Hash).await;
    other.sees("blocked_clients", &[]).await;
    // The database came from a backup: Redis has seen a later epoch than it knows.
    other
        .do_it(&["HSET", "Clients_status:dabir", "epoch", "40"])
        .await;
    order(&shop.clients, "ali", block()).await.unwrap();
    other.sees("blocked_clients", &["ali"]).await;
    shop.end().await;
    let epoch: i64 = redis::cmd("HGET")
        .arg(&["Clients_status:dabir", "epoch"])
        .query_async(&mut other.redis)
        .await
        .unwrap();
    assert_eq!(epoch, 41, "whoever has the lease goes past it");
}
