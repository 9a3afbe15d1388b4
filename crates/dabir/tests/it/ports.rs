//! Ports as an operator meets them: a file that others hold or that cannot be written, what is
//! printed where, and with which exit code.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use dabir_testing::{Running, eventually, python};
use reqwest::{Method, StatusCode};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::house::{House, SOON};

/// Belongs to `[ports]`, with which a house's configuration begins.
const OFTEN: &str = "refresh_interval = \"50ms\"\n";

const HOLD: &str = "
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print('held', flush=True)
    time.sleep(600)
";

/// Runs its arguments at a terminal and prints what they print there.
const AT_A_TERMINAL: &str = "
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
";

/// A Python program that holds the lock of the ports file until it is dropped.
fn hold_lock(house: &House) -> Running {
    let file = ports_folder(house).join("dynamic_ports.json.lock");
    let mut command = Command::new(python());
    command.args(["-c", HOLD]).arg(file);
    let holder = Running::spawn(command);
    holder.wait_for_line(SOON, |line| line == "held");
    holder
}

fn ports_folder(house: &House) -> PathBuf {
    house.path().join("data/ports")
}

/// While this folder stands where the new file would be written, nothing can be saved, whoever we
/// are.
fn obstruct(house: &House) -> PathBuf {
    let obstacle = ports_folder(house).join("dynamic_ports.json.tmp");
    fs::create_dir_all(obstacle.join("x")).unwrap();
    obstacle
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output, code: i32) -> String {
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(output.stdout.is_empty(), "errors go to standard error");
    error
}

#[tokio::test]
async fn sigterm_ends_the_server_in_time_although_another_program_holds_the_ports_file() {
    let house = House::open(OFTEN).await;
    let _holder = hold_lock(&house);
    let asked = house.get("/api/v1/port/used");
    let answer = tokio::time::timeout(Duration::from_secs(1), asked).await;
    assert!(answer.is_err(), "the port manager waits for the lock");
    house.server().signal(Signal::TERM);
    let in_time = Duration::from_secs(10);
    assert_eq!(house.server().wait_for_exit(in_time).code(), Some(0));
}

#[tokio::test]
async fn it_is_not_ready_while_the_ports_file_cannot_be_written() {
    let house = House::open(OFTEN).await;
    let obstacle = obstruct(&house);
    let (status, _) = house.send(Method::POST, "/api/v1/port/pick", None).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let (status, problem) = house.send(Method::GET, "/ready", None).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let told = problem["detail"].as_str().unwrap();
    assert!(told.contains("ports/dynamic_ports.json`"), "{told}");
    assert!(told.contains("Is a directory"), "{told}");
    assert_eq!(house.get("/health").await["status"], "ok");
    fs::remove_dir_all(obstacle).unwrap();
    eventually("it is ready again", SOON, async || {
        let (status, _) = house.send(Method::GET, "/ready", None).await;
        status.is_success().then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_log_tells_of_ports_in_the_known_lines() {
    let house = House::open(OFTEN).await;
    let line = |word: &str| {
        let wanted = format!(" | {word:<10} | Active:");
        house
            .server()
            .wait_for_line(SOON, |line| line.contains(&wanted))
    };
    line("START");
    let picked = house.post("/api/v1/port/pick", json!({"owner": "a"})).await;
    let port = picked["port"].as_u64().unwrap();
    let pick = line("PICK");
    let active = format!(" | Active:{port} | Free:[");
    let note = format!("Note:leased port {port} to a");
    assert!(pick.starts_with('[') && pick.contains(&active), "{pick}");
    assert!(pick.ends_with(&note) && !pick.contains('\u{1b}'), "{pick}");
    house.post("/api/v1/port/release", Value::Null).await;
    assert!(line("RELEASE").ends_with(&format!("Note:port {port} is free again")));
    let stranger = ("127.0.0.1", u16::try_from(port).unwrap());
    let _stranger = TcpListener::bind(stranger).unwrap();
    assert!(line("REFRESH").contains("other programs"));
    let obstacle = obstruct(&house);
    house.send(Method::POST, "/api/v1/port/pick", None).await;
    assert!(line("ERROR").contains("Is a directory"));
    fs::remove_dir_all(obstacle).unwrap();
    line("RECOVER");
    house.get("/api/v1/port/log/json").await;
    let state = house
        .server()
        .wait_for_line(SOON, |line| line.starts_with("{\"current_port\""));
    let state: Value = serde_json::from_str(&state).unwrap();
    assert!(state["free_ports"].is_array());
}

#[tokio::test]
async fn a_json_log_has_a_field_for_each_column_and_the_state_as_an_object() {
    let house = House::open("[log]\nformat = \"json\"\n").await;
    let logged = |word: &str| -> Value {
        let line = house
            .server()
            .wait_for_line(SOON, |line| line.contains(word));
        serde_json::from_str(&line).unwrap()
    };
    let picked = house.post("/api/v1/port/pick", Value::Null).await;
    let pick = logged("\"PICK\"");
    assert_eq!(
        (&pick["active"], &pick["port"]),
        (&picked["port"], &picked["port"])
    );
    assert_eq!(pick["used"], format!("[{}]", picked["port"]));
    house.get("/api/v1/port/log/json").await;
    assert_eq!(
        logged("ports.state")["state"]["current_port"],
        picked["port"]
    );
}

/// `dabir` with these words at a terminal: what it prints there.
fn at_a_terminal(house: &House, words: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(python());
    command
        .args(["-c", AT_A_TERMINAL, env!("CARGO_BIN_EXE_dabir")])
        .args(words)
        .current_dir(house.path())
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap())
        .envs(environment.iter().copied());
    stdout(&command.output().unwrap())
}

#[test]
fn a_person_at_a_terminal_sees_the_line_beside_the_answer() {
    let house = House::furnished("");
    let port = house.port(0);
    let picked = at_a_terminal(&house, &["port", "pick"], &[]);
    assert!(
        picked.contains("\u{1b}[33mPICK      \u{1b}[0m | "),
        "{picked}"
    );
    assert!(picked.ends_with(&format!("{port}\r\n")), "{picked:?}");
    let state = at_a_terminal(&house, &["port", "state"], &[("NO_COLOR", "1")]);
    let line = format!(" | STATE      | Active:{port} | Free:[");
    assert!(
        state.contains(&line) && !state.contains('\u{1b}'),
        "{state}"
    );
    let released = at_a_terminal(&house, &["port", "release"], &[]);
    assert!(released.contains("RELEASE"), "{released}");
    let json = at_a_terminal(&house, &["--json", "port", "pick"], &[]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["port"], port);
}

#[test]
fn a_script_gets_the_bare_number() {
    let house = House::furnished("");
    let picked = house.run(&["port", "pick"]);
    assert_eq!(stdout(&picked), format!("{}\n", house.port(0)));
    assert_eq!(String::from_utf8(picked.stderr).unwrap(), "");
}

#[test]
fn a_bad_range_is_wrong_usage() {
    let house = House::furnished("");
    for range in ["9000-3000", "0-10", "3000", "3000-90000", "a-b", ""] {
        let error = refused(&house.run(&["port", "pick", "--range", range]), 2);
        assert!(
            error.contains("--range") && error.contains("3000-9000"),
            "{error}"
        );
    }
    refused(&house.run(&["port", "--state", "/", "pick"]), 2);
    assert!(!ports_folder(&house).exists(), "nothing was done");
}

#[test]
fn a_lock_that_another_program_keeps_is_a_refusal() {
    let house = House::furnished("");
    house.run(&["port", "free"]);
    let holder = hold_lock(&house);
    let error = refused(&house.run(&["port", "pick"]), 4);
    let named = format!("process {} ", holder.pid());
    assert!(error.contains("has been locked for"), "{error}");
    assert!(error.contains(&named), "{error}");
    assert!(error.contains("nothing was changed"), "{error}");
}

#[test]
fn a_backup_is_restored_in_json_too() {
    let house = House::furnished("");
    house.run(&["port", "pick"]);
    let list = stdout(&house.run(&["--json", "port", "backup", "list"]));
    let list: Value = serde_json::from_str(&list).unwrap();
    let name = list["backups"][0].as_str().unwrap();
    let done = stdout(&house.run(&["--json", "port", "backup", "restore", name]));
    let done: Value = serde_json::from_str(&done).unwrap();
    assert_eq!(done, json!({ "status": "success" }));
}
