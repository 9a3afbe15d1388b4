//! What is ordered about clients happens in every room: at once, by every way in, and whoever of us
//! is dead at the time.

use std::time::{Duration, Instant};

use dabir_testing::process::kill9;
use futures_util::{SinkExt, StreamExt};
use reqwest::{Method, StatusCode};
use rustix::process::{Pid, Signal, kill_process};
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::house::{House, SOON};
use crate::join::{Guest, Socket};

/// What is promised is a tenth of it; the machine of a test may be busy.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Somebody in a room.
pub(crate) struct Person {
    socket: Socket,
    seat: String,
}

impl Person {
    fn of(socket: Socket, you: &Value) -> Self {
        let seat = you["seat"].as_str().unwrap().to_owned();
        Self { socket, seat }
    }

    /// Waits for a word of this type; others are passed over.
    pub(crate) async fn hears(&mut self, kind: &str) -> Value {
        let word = async {
            loop {
                let message = self.socket.next().await.expect("the room hung up");
                let Message::Text(text) = message.unwrap() else {
                    continue;
                };
                let mut words = text.lines().map(|line| serde_json::from_str(line).unwrap());
                if let Some(word) = words.find(|word: &Value| word["type"] == kind) {
                    return word;
                }
            }
        };
        tokio::time::timeout(SOON, word).await.expect(kind)
    }

    pub(crate) async fn says(&mut self, word: Value) {
        let message = Message::text(word.to_string());
        self.socket.send(message).await.unwrap();
    }
}

fn id(meeting: &Value) -> &str {
    meeting["id"].as_str().unwrap()
}

/// Comes in, or says why not.
async fn tries(url: &str) -> Result<Person, (u16, Value)> {
    match tokio_tungstenite::connect_async(url).await {
        Ok((mut socket, _)) => {
            let Message::Text(text) = socket.next().await.unwrap().unwrap() else {
                panic!("the room says no text");
            };
            let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
            match first["type"] == "welcome" {
                true => Ok(Person::of(socket, &first["you"])),
                false => Err((0, first["code"].clone())),
            }
        }
        Err(Error::Http(answer)) => {
            let body = answer.body().as_deref().unwrap_or_default();
            let problem: Value = serde_json::from_slice(body).unwrap_or_default();
            Err((answer.status().as_u16(), problem["code"].clone()))
        }
        Err(error) => Err((1, json!(error.to_string()))),
    }
}

fn blocked() -> (u16, Value) {
    (403, json!("person.blocked"))
}

impl House {
    /// The WebSocket of a room behind the main port.
    fn way(&self, meeting: &Value, query: &str) -> String {
        let house = self.url().replace("http", "ws");
        format!("{house}/rooms/{}/ws?{query}", id(meeting))
    }

    /// The same on the room's own port.
    pub(crate) fn own_way(meeting: &Value, query: &str) -> String {
        format!("ws://127.0.0.1:{}/ws?{query}", meeting["port"])
    }

    async fn order(&self, client: &str, order: &str, body: Value) -> Value {
        let path = format!("/api/v1/clients/{client}/{order}");
        self.post(&path, body).await
    }

    /// Waits until a client is as `wanted` says.
    async fn client(&self, name: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/api/v1/clients/{name}");
        dabir_testing::eventually(what, SOON, async || {
            let (status, client) = self.send(Method::GET, &path, None).await;
            Some(client).filter(|client| status == StatusCode::OK && wanted(client))
        })
        .await
    }

    pub(crate) async fn ticket(&self, meeting: &Value, name: &str) -> String {
        let path = format!("/api/v1/meetings/{}/join", id(meeting));
        let joined = self.post(&path, json!({ "name": name })).await;
        format!("token={}", joined["token"].as_str().unwrap())
    }

    /// Waits until somebody is let in.
    pub(crate) async fn comes_in(&self, way: &str) -> Person {
        dabir_testing::eventually("the door is open", SOON, async || tries(way).await.ok()).await
    }

    /// Waits until somebody is refused.
    async fn is_refused(&self, way: &str) {
        dabir_testing::eventually("the door is shut", SOON, async || {
            (tries(way).await.err()? == blocked()).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_block_puts_out_of_every_room_at_once_and_no_way_leads_back() {
    let house = House::open("").await;
    let rooms = [
        house.running_meeting("one").await,
        house.running_meeting("two").await,
    ];
    let mut people = Vec::new();
    for room in &rooms {
        people.push(tries(&house.way(room, "name=Ali")).await.unwrap());
        people.push(
            tries(&house.way(room, &house.ticket(room, "Ali").await))
                .await
                .unwrap(),
        );
        let guest = Guest::of(&house, room);
        let (socket, you) = guest.comes_in(guest.press("Ali")).await;
        people.push(Person::of(socket, &you));
    }
    let unused = house.ticket(&rooms[0], "Ali").await;
    let start = Instant::now();
    house
        .order("Ali", "block", json!({ "reason": "spam" }))
        .await;
    for person in &mut people {
        let kicked = person.hears("kicked").await;
        assert_eq!(
            (&kicked["reason"], &kicked["code"]),
            (&json!("spam"), &blocked().1)
        );
    }
    let took = start.elapsed();
    eprintln!("from the order to the last of six who left: {took:?}");
    assert!(took < AT_ONCE, "{took:?}");
    for (room, mine) in rooms.iter().zip(people.chunks(3)) {
        let seats = mine.iter().map(|person| format!("seat={}", person.seat));
        for way in seats.chain(["name=Ali".to_owned()]) {
            assert_eq!(
                tries(&house.way(room, &way)).await.err(),
                Some(blocked()),
                "{way}"
            );
            assert_eq!(
                tries(&House::own_way(room, &way)).await.err(),
                Some(blocked()),
                "{way}"
            );
        }
        let path = format!("/api/v1/meetings/{}/join", id(room));
        let (status, problem) = house
            .send(Method::POST, &path, Some(json!({ "name": "Ali" })))
            .await;
        assert_eq!((status.as_u16(), problem["code"].clone()), blocked());
        let guest = Guest::of(&house, room);
        let answer = guest.press("Ali").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        assert!(
            answer
                .text()
                .await
                .unwrap()
                .contains("راه شما به جلسه‌های اینجا بسته است")
        );
    }
    for way in [
        house.way(&rooms[0], &unused),
        House::own_way(&rooms[0], &unused),
    ] {
        assert_eq!(tries(&way).await.err(), Some(blocked()));
    }
    tries(&house.way(&rooms[0], "name=Sara")).await.unwrap();
    house.order("Ali", "unblock", Value::Null).await;
    house.comes_in(&house.way(&rooms[0], "name=Ali")).await;
    house
        .comes_in(&House::own_way(
            &rooms[1],
            &format!("seat={}", people[3].seat),
        ))
        .await;
    house.ticket(&rooms[1], "Ali").await;
}

#[tokio::test]
async fn an_account_is_known_by_its_address_whatever_it_is_called() {
    let house = House::open("").await;
    let room = house.running_meeting("members").await;
    let guest = Guest::of(&house, &room);
    let member = house.person("member", "participant").await;
    let operator = house.person("Operator", "operator").await;
    let (socket, you) = guest.comes_in(member.on(guest.press(""))).await;
    let mut inside = Person::of(socket, &you);
    let client = house
        .client("member@example.org", "it is known", |one| {
            one["state"] == "active"
        })
        .await;
    assert_eq!(
        (&client["source"], &client["room"]),
        (&json!("room"), &room["id"])
    );
    house
        .order("Member@Example.org", "block", json!({ "reason": "left" }))
        .await;
    assert_eq!(inside.hears("kicked").await["reason"], "left");
    let again = member.on(guest.press("")).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::FORBIDDEN);
    house
        .order("operator@example.org", "block", Value::Null)
        .await;
    let path = format!("/api/v1/meetings/{}/join", id(&room));
    let as_another = Some(json!({ "name": "Somebody else" }));
    let (status, _) = house
        .send_as(&operator, Method::POST, &path, as_another)
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    // Whoever is only called like them is somebody else.
    house
        .comes_in(&house.way(&room, "name=The%20participant"))
        .await;
}

#[tokio::test]
async fn a_pause_mutes_with_its_reason_until_it_is_lifted() {
    let house = House::open("").await;
    let room = house.running_meeting("pause").await;
    let mut ali = tries(&house.way(&room, "name=Ali")).await.unwrap();
    let start = Instant::now();
    house
        .order("Ali", "pause", json!({ "reason": "network" }))
        .await;
    let paused = ali.hears("paused").await;
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
    assert_eq!(
        (&paused["reason"], &paused["by"]),
        (&json!("network"), &json!("admin token"))
    );
    ali.says(json!({ "type": "chat", "text": "x" })).await;
    assert_eq!(ali.hears("error").await["code"], "paused");
    house.order("Ali", "resume", Value::Null).await;
    ali.hears("resumed").await;
    ali.says(json!({ "type": "chat", "text": "back" })).await;
    assert_eq!(ali.hears("chat").await["text"], "back");
    house
        .order("Ali", "disconnect", json!({ "reason": "for a moment" }))
        .await;
    assert_eq!(ali.hears("kicked").await["reason"], "for a moment");
    assert_eq!(
        tries(&house.way(&room, "name=Ali")).await.err(),
        Some(blocked())
    );
}

#[tokio::test]
async fn a_room_refuses_without_its_supervisor_and_after_each_of_both_was_killed() {
    let mut house = House::open("").await;
    let room = house.running_meeting("alone").await;
    let way = House::own_way(&room, "name=Ali");
    house.order("Ali", "block", Value::Null).await;
    house.is_refused(&way).await;
    house.server().kill9();
    assert_eq!(tries(&way).await.err(), Some(blocked()));
    house.start(&[]);
    house.state_of(id(&room), "running").await;
    assert_eq!(tries(&way).await.err(), Some(blocked()));
    kill9(house.room(id(&room)));
    // The socket stays open meanwhile: this is the first who comes, before the supervisor has spoken.
    assert_eq!(tries(&way).await.err(), Some(blocked()));
    house
        .until("it comes back", id(&room), |now| {
            now["state"] == "running" && now["restarts"] == 1
        })
        .await;
    house.order("Ali", "unblock", Value::Null).await;
    house.comes_in(&way).await;
}

#[tokio::test]
async fn what_was_ordered_while_nobody_kept_the_rooms_happens_when_somebody_does() {
    let mut house = House::open("").await;
    let room = house.running_meeting("later").await;
    let mut ali = tries(&House::own_way(&room, "name=Ali")).await.unwrap();
    let mut sara = tries(&House::own_way(&room, "name=Sara")).await.unwrap();
    house.server().kill9();
    house.start(&["--roles", "api"]);
    house
        .order("Ali", "block", json!({ "reason": "late" }))
        .await;
    house.order("Sara", "pause", Value::Null).await;
    let path = format!("/api/v1/meetings/{}/join", id(&room));
    let (status, _) = house
        .send(Method::POST, &path, Some(json!({ "name": "Ali" })))
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    house.server().kill9();
    house.start(&[]);
    assert_eq!(ali.hears("kicked").await["reason"], "late");
    sara.hears("paused").await;
}

#[tokio::test]
async fn ten_thousand_orders_hold_in_rooms_that_run_and_in_those_to_come() {
    let house = House::open("").await;
    let room = house.running_meeting("many").await;
    let names: Vec<Value> = (0..10_000)
        .map(|n| json!({ "username": format!("user{n}") }))
        .collect();
    let bulk = json!({ "action": "block", "clients": names, "reason": "all of them, and each for this reason" });
    let answers = house.post("/api/v1/clients/bulk", bulk).await;
    assert_eq!(answers["done"], 10_000);
    let later = house.running_meeting("later").await;
    for room in [&room, &later] {
        house
            .is_refused(&House::own_way(room, "name=user9999"))
            .await;
        tries(&House::own_way(room, "name=user10000"))
            .await
            .unwrap();
    }
    let mut ali = tries(&house.way(&room, "name=Ali")).await.unwrap();
    let start = Instant::now();
    house.order("Ali", "block", Value::Null).await;
    ali.hears("kicked").await;
    eprintln!("beside ten thousand others: {:?}", start.elapsed());
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
}

#[tokio::test]
async fn whoever_is_in_a_room_is_a_client_and_lost_with_it() {
    let house = House::open("[clients]\nconnection_error = \"1s\"\n").await;
    let url = format!("sqlite://{}", house.path().join("data/dabir.db").display());
    let db = Database::connect(url).await.unwrap();
    let room = house.running_meeting("presence").await;
    let mut ali = tries(&house.way(&room, "name=Ali")).await.unwrap();
    let mut namesake = tries(&house.way(&room, "name=Ali")).await.unwrap();
    let client = house
        .client("Ali", "Ali is there", |one| one["state"] == "active")
        .await;
    assert_eq!(
        (&client["source"], &client["room"]),
        (&json!("room"), &room["id"])
    );
    namesake.socket.close(None).await.unwrap();
    house
        .until("one of both has left", id(&room), |now| now["clients"] == 1)
        .await;
    let process = house.room(id(&room));
    let pid = Pid::from_raw(i32::try_from(process.pid).unwrap()).unwrap();
    let signal = |signal| kill_process(pid, signal).unwrap();
    signal(Signal::STOP);
    dabir_testing::eventually("nothing is heard of Ali", SOON, async || {
        // As if the last sign of life were longer ago.
        let later = "UPDATE client_presence SET heartbeat_at = heartbeat_at - 60000";
        db.execute_unprepared(later).await.ok()?;
        let client = house.get("/api/v1/clients/Ali").await;
        (client["state"] == "connection_error").then_some(())
    })
    .await;
    house
        .client("Ali", "Ali is gone", |one| one["state"] == "deactivated")
        .await;
    signal(Signal::CONT);
    house
        .client("Ali", "Ali is heard of again", |one| {
            one["state"] == "active"
        })
        .await;
    ali.socket.close(None).await.unwrap();
    house
        .client("Ali", "Ali has left", |one| one["state"] == "deactivated")
        .await;
}
