//! Background work of the whole product: the server's own workers, and those beside it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dabir_core::process::start_time;
use dabir_testing::{Running, eventually, wait_until};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::house::{House, SOON};

async fn workers(house: &House) -> usize {
    let workers = house.get("/api/v1/workers").await;
    workers["items"].as_array().unwrap().len()
}

async fn until_there_are(house: &House, wanted: usize) {
    eventually("the workers come", SOON, || async {
        (workers(house).await == wanted).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_worker_beside_the_server_comes_and_goes() {
    let house = House::open("").await;
    until_there_are(&house, 1).await;
    let worker = spawn_worker(&house);
    until_there_are(&house, 2).await;
    worker.signal(Signal::TERM);
    let exit = worker.wait_for_exit(Duration::from_secs(10));
    assert!(exit.success(), "{exit}");
    assert_eq!(workers(&house).await, 1);
}

#[tokio::test]
async fn a_worker_answers_probes_where_it_is_told_to() {
    let house = House::open("").await;
    let mut command = house.command();
    command.args(["worker", "--listen", "127.0.0.1:0"]);
    let worker = Running::spawn(command);
    let line = worker.wait_for_line(SOON, |line| line.contains(" worker is ready at http"));
    let url = line.rsplit(' ').next().unwrap();
    let ask = |path: &str| reqwest::get(format!("{url}{path}"));
    for (path, words) in [
        ("/health", "ok"),
        ("/ready", "ready"),
        ("/metrics", "dabir_jobs_fenced"),
    ] {
        let answer = ask(path).await.unwrap();
        assert!(answer.status().is_success(), "{path}");
        let body = answer.text().await.unwrap();
        assert!(body.contains(words), "{path}: {body}");
    }
    let elsewhere = ask("/api/v1/jobs").await.unwrap();
    assert_eq!(elsewhere.status(), 503);
}

#[tokio::test]
async fn a_worker_without_the_servers_key_says_what_to_copy() {
    let house = House::open("").await;
    let key = house.path().join("data/secrets/sealing.key");
    let server = std::fs::read(&key).unwrap();
    let source = json!({
        "name": "secretive", "table": "t", "key": ["id"], "records": "data",
        "request": { "url": "https://gateway.example/x", "headers": { "X-Key": "h3ader" } },
    });
    house.post("/api/v1/sources", source).await;
    std::fs::remove_file(&key).unwrap();
    refuses_to_start(&house);
    write_key(&key, STANDARD.encode([7; 32]).as_bytes());
    refuses_to_start(&house);
    write_key(&key, &server);
    let worker = spawn_worker(&house);
    until_there_are(&house, 2).await;
    drop(worker);
}

#[tokio::test]
async fn what_a_program_started_ends_with_a_server_that_is_killed() {
    let hidden = "echo $$ > pid.new; mv pid.new pid; exec sleep 600";
    let script = format!("(setsid env -i /bin/sh -c '{hidden}' >/dev/null 2>&1 &); sleep 600");
    let source = format!(
        "[[sync.sources]]\nname = \"old\"\nkind = \"command\"\ndir = \".\"\n\
         command = [\"sh\", \"-c\", \"{script}\"]\ncount = 'Count: (\\d+)'\n"
    );
    let house = House::open(&source).await;
    house
        .post("/api/v1/sources/old/sync", json!({ "mode": "full" }))
        .await;
    let place = house.path().join("pid");
    wait_until("somebody hides", SOON, || place.exists());
    let pid: u32 = std::fs::read_to_string(place)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    assert!(start_time(pid).unwrap().is_some());
    house.server().kill9();
    wait_until("it is gone", SOON, || start_time(pid).unwrap().is_none());
}

fn write_key(path: &Path, key: &[u8]) {
    std::fs::write(path, key).unwrap();
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn spawn_worker(house: &House) -> Running {
    let mut command = house.command();
    command.arg("worker");
    Running::spawn(command)
}

fn refuses_to_start(house: &House) {
    let worker = spawn_worker(house);
    worker.wait_for_line(SOON, |line| line.contains("copy `secrets/sealing.key`"));
    assert_eq!(worker.wait_for_exit(SOON).code(), Some(1));
}

#[tokio::test]
async fn without_the_role_nobody_works() {
    let mut house = House::furnished("");
    house.start(&["--roles", "api,supervisor"]);
    assert_eq!(workers(&house).await, 0);
    let jobs = house.run(&["--json", "job", "list"]);
    let page: Value = serde_json::from_slice(&jobs.stdout).unwrap();
    assert!(page["items"].is_array(), "{page}");
}
