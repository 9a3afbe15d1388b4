//! The server is killed at any instant while clients are ordered about: whatever it answered holds.

use std::collections::BTreeMap;
use std::time::Duration;

use dabir_testing::{Postgres, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, SOON};

/// How often; more by hand.
const KILLS: &str = "DABIR_TEST_KILLS";
/// How many people give orders at once, each about a client of their own.
const PEOPLE: usize = 6;

/// What is known of one client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Known {
    is_paused: bool,
    is_blocked: bool,
    room: usize,
}

/// One order, and whether it was answered.
#[derive(Clone, Copy, Debug)]
enum Order {
    Pause,
    Resume,
    Block,
    Unblock,
    Move(usize),
}

impl Order {
    /// What makes sense about a client of whom this is known.
    fn next(known: Known, turn: usize) -> Self {
        match (known.is_blocked, known.is_paused, turn % 3) {
            (true, _, 0) => Self::Move(known.room + 1),
            (true, ..) => Self::Unblock,
            (false, true, 0) => Self::Resume,
            (false, _, 1) => Self::Block,
            (false, false, 2) => Self::Pause,
            _ => Self::Move(known.room + 1),
        }
    }

    fn done_to(self, known: Known) -> Known {
        match self {
            Self::Pause => Known {
                is_paused: true,
                ..known
            },
            Self::Resume => Known {
                is_paused: false,
                ..known
            },
            Self::Block => Known {
                is_blocked: true,
                ..known
            },
            Self::Unblock => Known {
                is_blocked: false,
                ..known
            },
            Self::Move(room) => Known { room, ..known },
        }
    }

    fn request(self, name: &str) -> (String, Value) {
        let path = |word: &str| format!("/api/v1/clients/{name}/{word}");
        match self {
            Self::Pause => (path("pause"), json!({ "reason": "a break" })),
            Self::Resume => (path("resume"), Value::Null),
            Self::Block => (path("block"), json!({ "reason": "spam" })),
            Self::Unblock => (path("unblock"), Value::Null),
            Self::Move(room) => {
                let body =
                    json!({ "username": name, "kind": "room", "name": format!("room {room}") });
                ("/api/v1/clients/assignments/assign".to_owned(), body)
            }
        }
    }
}

impl House {
    /// Gives orders until no answer comes. Tells what is known then, and what may have been done.
    async fn orders(&self, name: &str, mut known: Known) -> (usize, Known, Option<Order>) {
        for turn in 0.. {
            let order = Order::next(known, turn);
            let (path, body) = order.request(name);
            let body = Some(body).filter(|body| !body.is_null());
            let mut request = self.request(Method::POST, &path).bearer_auth(self.token());
            if let Some(body) = body {
                request = request.json(&body);
            }
            match request.send().await {
                Ok(answer) if answer.status().is_success() => known = order.done_to(known),
                Ok(answer) => panic!("{name}: {order:?}: {}", answer.text().await.unwrap()),
                Err(_) => return (turn, known, Some(order)),
            }
        }
        unreachable!("nobody gives so many orders")
    }

    async fn known(&self, name: &str) -> Known {
        let client = self.get(&format!("/api/v1/clients/{name}")).await;
        let room = client["room"].as_str().map_or(0, |room| {
            let (_, number) = room.split_once(' ').unwrap();
            number.parse().unwrap()
        });
        Known {
            is_paused: client["paused"].as_bool().unwrap(),
            is_blocked: client["blocked"].as_bool().unwrap(),
            room,
        }
    }

    /// What other programs read.
    async fn mirrors_say(&self, all: &BTreeMap<String, Known>) {
        let blocked = all.iter().filter(|(_, known)| known.is_blocked);
        let blocked: Vec<&String> = blocked.map(|(name, _)| name).collect();
        let file = self.path().join("data/Server_Data/blocked_clients.json");
        eventually("the file shows who is blocked", SOON, async || {
            let shown: Value = serde_json::from_slice(&std::fs::read(&file).ok()?).ok()?;
            (shown["clients"] == json!(blocked)).then_some(())
        })
        .await;
    }
}

async fn nothing_answered_is_lost(mut house: House, usual: usize) {
    let kills = std::env::var(KILLS).map_or(usual, |kills| kills.parse().unwrap());
    let mut all: BTreeMap<String, Known> = BTreeMap::new();
    for person in 0..PEOPLE {
        let name = format!("client{person}");
        house
            .post("/api/v1/clients", json!({ "username": name }))
            .await;
        all.insert(name, Known::default());
    }
    let mut answered = 0;
    let mut lost = Vec::new();
    for kill in 0..kills {
        let names: Vec<(String, Known)> = all.clone().into_iter().collect();
        let ordering = names.iter().map(|(name, known)| house.orders(name, *known));
        let ordering = futures_util::future::join_all(ordering);
        let killing = async {
            let millis = 30 + u64::try_from(kill * 97 % 700).unwrap();
            tokio::time::sleep(Duration::from_millis(millis)).await;
            house.server().kill9();
        };
        let (outcomes, ()) = tokio::join!(ordering, killing);
        house.start(&[]);
        for ((name, _), (count, known, doubt)) in names.iter().zip(outcomes) {
            answered += count;
            let now = house.known(name).await;
            let may = doubt.map(|order| order.done_to(known));
            if now != known && Some(now) != may {
                lost.push(format!("{name}: {known:?} or {may:?}, and it is {now:?}"));
            }
            all.insert(name.clone(), now);
        }
        house.mirrors_say(&all).await;
    }
    assert!(lost.is_empty(), "of {answered} answered: {lost:#?}");
    let folder = std::fs::read_dir(house.path().join("data/Server_Data")).unwrap();
    let half = folder
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().contains(".json-"));
    assert_eq!(half.count(), 0, "what was half written is cleared away");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_nothing_answered_is_lost() {
    nothing_answered_is_lost(House::open("").await, 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_nothing_answered_is_lost() {
    let postgres = Postgres::start();
    let config = format!("[database]\nurl = \"{}\"\n", postgres.database());
    nothing_answered_is_lost(House::open(&config).await, 2).await;
}
