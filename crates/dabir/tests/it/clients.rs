//! Clients of the whole product: by API and command, undone, imported, followed, and there after a
//! kill.

use std::fs;
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::accounts::Socket;
use crate::house::{House, SOON};

async fn refused(house: &House, path: &str, body: Value) -> (StatusCode, String) {
    let (status, answer) = house.send(Method::POST, path, Some(body)).await;
    let code = answer["code"].as_str().unwrap_or_default();
    (status, code.to_owned())
}

fn ran(house: &House, words: &[&str], code: i32) -> String {
    let output = house.run(words);
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert_eq!(output.status.code(), Some(code), "{words:?}: {text}");
    text
}

async fn names(house: &House, query: &str) -> Vec<String> {
    let page = house.get(&format!("/api/v1/clients?{query}")).await;
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|client| client["username"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn orders_are_obeyed_or_refused_with_a_reason() {
    let house = House::open("").await;
    for (username, name) in [("ali", "علي رضايي"), ("mina", "Mina"), ("z", "Zed")] {
        let new = json!({ "username": username, "name": name });
        house.post("/api/v1/clients", new).await;
    }
    let again = refused(&house, "/api/v1/clients", json!({ "username": "ali" })).await;
    assert_eq!(again, (StatusCode::CONFLICT, "clients.exists".to_owned()));
    let ali = "/api/v1/clients/ali";
    let until = "2100-01-01T00:00:00Z";
    let terms = json!({ "reason": "spam", "until": until });
    let blocked = house.post(&format!("{ali}/block"), terms).await;
    assert_eq!(
        (&blocked["state"], &blocked["reason"], &blocked["until"]),
        (&json!("blocked"), &json!("spam"), &json!(until))
    );
    for (verb, code) in [
        ("pause", "clients.blocked"),
        ("resume", "clients.not_paused"),
        ("disconnect", "clients.not_connected"),
    ] {
        let refused = refused(&house, &format!("{ali}/{verb}"), Value::Null).await;
        assert_eq!(refused, (StatusCode::CONFLICT, code.to_owned()));
    }
    let old = json!({ "version": 1 });
    let late = refused(&house, &format!("{ali}/unblock"), old).await;
    assert_eq!(late, (StatusCode::CONFLICT, "clients.version".to_owned()));
    assert_eq!(
        names(&house, "q=%D8%B9%D9%84%DB%8C").await,
        ["ali"],
        "however it is spelt"
    );
    assert_eq!(names(&house, "state=blocked").await, ["ali"]);
    assert_eq!(names(&house, "limit=2&cursor=ali").await, ["mina", "z"]);
    let status = house.get("/api/v1/clients/status").await;
    assert_eq!(
        status,
        json!({
            "active_clients": [], "paused_clients": [], "blocked_clients": ["ali"],
            "deactivate_clients": ["ali", "mina", "z"], "connecting_internet_error": [],
            "clients_to_close": [],
        })
    );
    let events = house.get(&format!("{ali}/events?limit=1")).await;
    assert_eq!(events["items"][0]["kind"], "blocked");
    assert!(events["next_cursor"].is_string());
    let audit = house.get("/api/v1/audit?action=client").await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn an_order_about_many_is_undone_with_the_versions_it_came_back_with() {
    let house = House::open("").await;
    let file = "username;name\nali;Ali\nmina;Mina\n../x;\nali;twice\n";
    let import = async |query: &str| {
        let request = house.request(Method::POST, &format!("/api/v1/clients/import{query}"));
        let request = request.bearer_auth(house.token());
        let request = request.header("content-type", "text/csv; charset=utf-8");
        request
            .body(file)
            .send()
            .await
            .unwrap()
            .json::<Value>()
            .await
            .unwrap()
    };
    let looked = import("?preview=true").await;
    assert_eq!(
        (&looked["added"], &looked["preview"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(names(&house, "").await, [""; 0]);
    let imported = import("").await;
    let lines: Vec<&Value> = imported["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["line"])
        .collect();
    assert_eq!(lines, [4, 5]);
    assert_eq!(import("").await["same"], 2);
    let order = async |action: &str, clients: Value| {
        let body = json!({ "action": action, "clients": clients, "reason": "a break" });
        house.post("/api/v1/clients/bulk", body).await
    };
    let all = || json!([{ "username": "ali" }, { "username": "mina" }]);
    let paused = order("pause", all()).await;
    assert_eq!(paused["done"], 2);
    assert_eq!(paused["items"][1]["changed"], true);
    let again = order("pause", all()).await;
    assert_eq!(again["done"], 2);
    assert_eq!(again["items"][1]["changed"], false);
    let items = paused["items"].as_array().unwrap().iter();
    let seen: Vec<Value> = items
        .map(|item| json!({ "username": item["username"], "version": item["client"]["version"] }))
        .collect();
    house.post("/api/v1/clients/mina/block", Value::Null).await;
    let undone = order("resume", json!(seen)).await;
    assert_eq!(
        (&undone["done"], &undone["refused"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(undone["items"][1]["code"], "clients.version");
}

#[tokio::test]
async fn a_list_is_in_the_order_that_is_asked_for() {
    let house = House::open("").await;
    for name in ["mina", "ali"] {
        let client = json!({ "username": name });
        house.post("/api/v1/clients", client).await;
    }
    for order in ["username", "-last_seen"] {
        let query = format!("sort={order}");
        assert_eq!(names(&house, &query).await, ["ali", "mina"]);
    }
    let path = "/api/v1/clients?sort=mood";
    let (status, _) = house.send(Method::GET, path, None).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_stream_tells_everything_and_then_what_changes() {
    let house = House::open("").await;
    house
        .post("/api/v1/clients", json!({ "username": "ali" }))
        .await;
    let follow = async |query: &str| {
        let path = format!("/api/v1/clients/stream{query}");
        let request = house.request(Method::GET, &path).bearer_auth(house.token());
        request.send().await.unwrap()
    };
    let mut stream = follow("").await;
    let mut told = String::new();
    until(&mut stream, &mut told, "\"last\":true").await;
    assert!(
        told.contains("event: snapshot") && told.contains("\"ali\""),
        "{told}"
    );
    house.post("/api/v1/clients/ali/pause", Value::Null).await;
    until(&mut stream, &mut told, "event: changes").await;
    until(&mut stream, &mut told, "\"state\":\"paused\"").await;
    let mut back = follow("?offset=1").await;
    let mut missed = String::new();
    until(&mut back, &mut missed, "\"state\":\"paused\"").await;
    assert!(!missed.contains("snapshot"), "{missed}");
    let mut stranger = follow("?offset=99").await;
    let mut anew = String::new();
    until(&mut stranger, &mut anew, "event: snapshot").await;
}

#[tokio::test]
async fn a_socket_tells_the_same_to_pages_of_ours_and_to_programs() {
    let house = House::open("").await;
    house
        .post("/api/v1/clients", json!({ "username": "ali" }))
        .await;
    let open = async |headers: &[(&'static str, String)]| {
        let url = format!(
            "{}/api/v1/clients/ws",
            house.url().replacen("http", "ws", 1)
        );
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        tokio_tungstenite::connect_async(request).await
    };
    let bearer = || ("authorization", format!("Bearer {}", house.token()));
    let (mut socket, _) = open(&[bearer()]).await.unwrap();
    let first = said(&mut socket, "snapshot").await;
    assert_eq!(first["data"]["items"][0]["username"], "ali");
    assert_eq!(
        (&first["data"]["last"], &first["id"]),
        (&json!(true), &first["data"]["offset"])
    );
    house.post("/api/v1/clients/ali/pause", Value::Null).await;
    let then = said(&mut socket, "changes").await;
    assert_eq!(then["data"]["items"][0]["state"], "paused");
    let refused = |opened: Result<_, tungstenite::Error>| match opened.map(|(_, _): (Socket, _)| ())
    {
        Err(tungstenite::Error::Http(answer)) => answer.status().as_u16(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(open(&[]).await), 401);
    let operator = house.person("operator", "operator").await;
    let cookie = || ("cookie", operator.cookie());
    let evil = ("origin", "https://evil.example".to_owned());
    assert_eq!(refused(open(&[cookie(), evil]).await), 403);
    assert_eq!(
        refused(open(&[cookie()]).await),
        403,
        "a browser says where its page is from"
    );
    let ours = ("origin", house.url().to_owned());
    let (mut page, _) = open(&[cookie(), ours]).await.unwrap();
    said(&mut page, "snapshot").await;
    let (status, _) = house.send(Method::GET, "/api/v1/clients/ws", None).await;
    assert_eq!(status, StatusCode::UPGRADE_REQUIRED);
    let body = json!({ "reason": "for a test" });
    let block = "/api/v1/users/operator@example.org/block";
    house.post(block, body).await;
    let end = async { while let Some(Ok(_)) = page.next().await {} };
    tokio::time::timeout(SOON, end).await.unwrap();
}

async fn said(socket: &mut Socket, event: &str) -> Value {
    let text = async {
        loop {
            let message = socket.next().await.unwrap().unwrap();
            if let tungstenite::Message::Text(text) = message {
                let message: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(message["event"], event);
                return message;
            }
        }
    };
    tokio::time::timeout(SOON, text).await.unwrap()
}

#[tokio::test]
async fn a_client_is_called_otherwise_and_seated_and_removed() {
    let house = House::open("").await;
    house
        .post("/api/v1/clients", json!({ "username": "ali" }))
        .await;
    let rename = async |body: Value| {
        let path = "/api/v1/clients/ali";
        house.send(Method::PATCH, path, Some(body)).await
    };
    let (status, now) = rename(json!({ "name": "علی", "version": 1 })).await;
    assert_eq!((status, &now["name"]), (StatusCode::OK, &json!("علی")));
    let (status, late) = rename(json!({ "name": "Ali", "version": 1 })).await;
    assert_eq!(
        (status, &late["code"]),
        (StatusCode::CONFLICT, &json!("clients.version"))
    );
    let (status, _) = rename(json!({ "name": " " })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    ran(&house, &["client", "assign", "ali", "room", "board"], 0);
    assert_eq!(house.get("/api/v1/clients/ali").await["room"], "board");
    ran(&house, &["client", "unassign", "ali", "room"], 0);
    ran(&house, &["client", "unassign", "ali", "room"], 4);
    ran(&house, &["client", "remove", "ali"], 0);
    ran(&house, &["client", "remove", "ali"], 3);
    assert_eq!(names(&house, "").await, [""; 0]);
}

async fn until(stream: &mut reqwest::Response, told: &mut String, word: &str) {
    while !told.contains(word) {
        let next = tokio::time::timeout(Duration::from_secs(20), stream.chunk()).await;
        told.push_str(&String::from_utf8_lossy(&next.unwrap().unwrap().unwrap()));
    }
}

#[tokio::test]
async fn commands_work_with_and_without_a_server() {
    let mut house = House::furnished("");
    ran(&house, &["client", "add", "ali", "--name", "علی"], 0);
    ran(&house, &["client", "add", "ali"], 4);
    ran(
        &house,
        &["client", "block", "ali", "--reason", "spam", "--for", "1h"],
        0,
    );
    let shown = ran(&house, &["client", "show", "ali"], 0);
    assert!(
        shown.contains("blocked") && shown.contains("spam"),
        "{shown}"
    );
    ran(&house, &["client", "show", "nobody"], 3);
    ran(&house, &["client", "block", "ali", "--until", "soon"], 2);
    let file = house.path().join("clients.csv");
    fs::write(&file, "username,name\nmina,Mina\na/b,\n").unwrap();
    let file = file.to_str().unwrap();
    house.start(&[]);
    let looked = ran(&house, &["client", "import", file, "--preview"], 1);
    assert!(
        looked.contains("1 would be added") && looked.contains("line 3"),
        "{looked}"
    );
    ran(&house, &["client", "import", file], 1);
    let listed = ran(&house, &["client", "list"], 0);
    assert!(
        listed.contains("Mina") && listed.contains("1 blocked"),
        "{listed}"
    );
    ran(&house, &["client", "resume", "mina"], 4);
    let paused = ran(&house, &["client", "pause", "mina", "--json"], 0);
    let paused: Value = serde_json::from_str(&paused).unwrap();
    assert_eq!(paused["by"], "admin token");
    ran(&house, &["client", "unblock", "ali"], 0);
}

/// Whatever was acknowledged is there when the server was killed in the next moment.
#[tokio::test]
async fn a_kill_loses_no_block_that_was_acknowledged() {
    let mut house = House::open("").await;
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        for n in 0..5 + round {
            let name = format!("client-{round}-{n}");
            house
                .post(&format!("/api/v1/clients/{name}/block"), Value::Null)
                .await;
            acknowledged.push(name);
        }
        house.server().kill9();
        house.start(&[]);
    }
    acknowledged.sort();
    assert_eq!(names(&house, "state=blocked").await, acknowledged);
}
