//! Telling others, of the whole product: webhooks to a real receiver, the inbox, mail through a real server.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use dabir_testing::gateway::{Behaviour, Gateway};
use dabir_testing::process::tied_to_us;
use dabir_testing::{Running, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use standardwebhooks::Webhook as Verifier;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::house::{House, SOON};

/// The house lets its webhooks reach this machine.
const REACHABLE: &str = "[egress]\nprivate = [\"127.0.0.1\"]\n";
/// A lease of a dead worker, the pause after a failure, and a busy machine.
const TOLD: Duration = Duration::from_secs(60);

/// A program that receives webhooks: it refuses the first, and takes all others.
struct Receiver {
    url: String,
    received: mpsc::UnboundedReceiver<(HeaderMap, Bytes)>,
}

impl Receiver {
    async fn open() -> Self {
        let (tell, received) = mpsc::unbounded_channel();
        let state = (tell, Arc::new(AtomicBool::new(true)));
        let app = Router::new()
            .route("/hook", post(receive))
            .with_state(state);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, received }
    }

    async fn next(&mut self) -> (HeaderMap, Bytes) {
        let next = tokio::time::timeout(TOLD, self.received.recv()).await;
        next.expect("the webhook is called").unwrap()
    }
}

type Ear = (mpsc::UnboundedSender<(HeaderMap, Bytes)>, Arc<AtomicBool>);

async fn receive(
    State((tell, refuses)): State<Ear>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    tell.send((headers, body)).unwrap();
    match refuses.swap(false, Ordering::Relaxed) {
        true => StatusCode::SERVICE_UNAVAILABLE,
        false => StatusCode::OK,
    }
}

async fn complete(house: &House, title: &str) {
    let task = house.post("/api/v1/tasks", json!({ "title": title })).await;
    let path = format!("/api/v1/tasks/{}", task["number"]);
    let done = Some(json!({ "status": "done" }));
    assert_eq!(
        house.send(Method::PATCH, &path, done).await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_webhook_hears_of_a_task_that_is_done_though_the_server_dies() {
    let mut house = House::open(REACHABLE).await;
    let mut receiver = Receiver::open().await;
    let new = json!({ "url": receiver.url, "events": ["task.completed"] });
    let webhook = house.post("/api/v1/webhooks", new).await;
    complete(&house, "Send the minutes").await;
    let (first, _) = receiver.next().await;
    house.server().kill9();
    house.start(&[]);
    let (headers, body) = receiver.next().await;
    assert_eq!(headers["webhook-id"], first["webhook-id"]);
    let verifier = Verifier::new(webhook["secret"].as_str().unwrap()).unwrap();
    verifier.verify(&body, &headers).unwrap();
    let told: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(told["type"], "task.completed");
    assert_eq!(told["data"]["title"], "Send the minutes");
    assert_eq!(told["data"]["status"], "done");
    assert_eq!(told["data"]["by"]["name"], "admin token");
    let path = format!("/api/v1/webhooks/{}", webhook["id"].as_str().unwrap());
    eventually("nothing waits", TOLD, async || {
        let sent = house.get(&format!("{path}/deliveries")).await;
        (sent["items"][0]["state"] == "delivered").then_some(())
    })
    .await;
}

/// What of somebody's inbox nobody has seen, once there is anything.
async fn inbox(house: &House, who: &crate::house::Session) -> Vec<Value> {
    eventually("a line in the inbox", TOLD, async || {
        let path = "/api/v1/notifications?unread=true";
        let (_, told) = house.send_as(who, Method::GET, path, None).await;
        let items = told["items"].as_array()?.clone();
        (!items.is_empty()).then_some(items)
    })
    .await
}

async fn id_of(house: &House, email: &str) -> String {
    let user = house.get(&format!("/api/v1/users/{email}")).await;
    user["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_is_given_a_task_reads_so_with_nothing_configured() {
    let house = House::open("").await;
    let sara = house.person("sara", "writer").await;
    let id = id_of(&house, "sara@example.org").await;
    let task = json!({ "title": "Send the minutes", "assignees": [id] });
    house.post("/api/v1/tasks", task).await;
    let told = inbox(&house, &sara).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["event"], "task.assigned");
    assert_eq!(told[0]["subject_name"], "Send the minutes");
    let seen = Some(json!({ "ids": [told[0]["id"]] }));
    let path = "/api/v1/notifications/seen";
    let (_, left) = house.send_as(&sara, Method::POST, path, seen).await;
    assert_eq!(left["unread"], 0);
    let path = "/api/v1/notifications/choices";
    let (_, choices) = house.send_as(&sara, Method::GET, path, None).await;
    assert_eq!(choices["offered"], json!({ "mail": false, "sms": false }));
    let test = Some(json!({ "to": "sara@example.org" }));
    let (status, problem) = house.send(Method::POST, "/api/v1/mail/test", test).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("mail.off"))
    );
}

#[tokio::test]
async fn admins_hear_that_a_source_cannot_be_synced() {
    let gateway = Gateway::start(Behaviour::default()).await;
    gateway.set(|gateway| gateway.broken = Some(("1100".to_owned(), 404)));
    let mut house = crate::sync::furnished(&gateway);
    house.start(&[]);
    let admin = house.person("admin", "admin").await;
    house
        .post("/api/v1/sources/students/sync", json!({ "mode": "full" }))
        .await;
    let told = inbox(&house, &admin).await;
    assert_eq!(told[0]["event"], "sync.failed");
    assert_eq!(told[0]["subject_name"], "students");
}

#[tokio::test]
async fn every_part_of_the_house_says_what_happens() {
    let house = House::open("").await;
    // Nothing answers there: what was said waits, and can be looked at.
    let new = json!({ "url": "https://hooks.invalid/", "events": ["*"] });
    let webhook = house.post("/api/v1/webhooks", new).await;
    house.person("sara", "writer").await;
    let client = json!({ "username": "ali" });
    house.post("/api/v1/clients", client).await;
    let reason = json!({ "reason": "the term is over" });
    house.post("/api/v1/clients/ali/block", reason).await;
    let meeting = house.running_meeting("board").await;
    house.stop(meeting["id"].as_str().unwrap()).await;
    house.post("/api/v1/backups", Value::Null).await;
    complete(&house, "Send the minutes").await;
    let document = json!({ "title": "Minutes", "text": "سلام" });
    house.post("/api/v1/documents", document).await;
    let path = format!(
        "/api/v1/webhooks/{}/deliveries?limit=100",
        webhook["id"].as_str().unwrap()
    );
    let expected = [
        "user.created",
        "user.signed_in",
        "client.blocked",
        "meeting.started",
        "meeting.ended",
        "task.created",
        "task.completed",
        "document.created",
        "backup.made",
    ];
    eventually("all is told", TOLD, async || {
        let told = house.get(&path).await;
        let told = told["items"].as_array()?.clone();
        let is_told = |event: &&str| told.iter().any(|one| one["event"] == **event);
        expected.iter().all(is_told).then_some(())
    })
    .await;
}

/// A real mail server.
fn post_office() -> (Running, String) {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut command = tied_to_us(dabir_testing::python());
    command.arg(crates.join("dabir-notify/tests/smtp_server.py"));
    let office = Running::spawn(command);
    let line = office.wait_for_line(SOON, |line| line.starts_with("ready "));
    let port = line.trim_start_matches("ready ").to_owned();
    (office, port)
}

#[tokio::test]
async fn mail_goes_out_from_a_worker_beside_the_server() {
    let (office, port) = post_office();
    let config = format!(
        "[mail]\nurl = \"smtp://127.0.0.1:{port}?tls=none\"\nfrom = \"Dabir <dabir@example.org>\"\n"
    );
    let mut house = House::furnished(&config);
    house.start(&["--roles", "api,supervisor"]);
    let mut command = house.command();
    command
        .arg("worker")
        .env("DABIR_SERVER__PUBLIC_URL", "https://dabir.example");
    let worker = Running::spawn(command);
    let new = json!({
        "email": "sara@example.org", "name": "Sara", "role": "writer", "language": "en",
        "password": crate::house::PASSWORD,
    });
    let sara = house.post("/api/v1/users", new).await;
    let task = json!({ "title": "Send the minutes", "assignees": [sara["id"]] });
    let task = house.post("/api/v1/tasks", task).await;
    let mail = office.wait_for_line(TOLD, |line| line.starts_with('{'));
    let mail: Value = serde_json::from_str(&mail).unwrap();
    assert_eq!(mail["to"], json!(["sara@example.org"]));
    let subject = "admin token gave you the task “Send the minutes”";
    assert_eq!(mail["headers"]["subject"], subject);
    let link = format!(
        "https://dabir.example/tasks/{}",
        task["id"].as_str().unwrap()
    );
    assert!(mail["text"].as_str().unwrap().contains(&link), "{mail}");
    worker.kill9();
    office.kill9();
}
