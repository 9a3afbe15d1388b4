//! The foreign room command behaves, and misbehaves, as told.

use std::process::Command;
use std::time::Duration;

use dabir_testing::process::{Running, free_port};
use dabir_testing::{mini_server, wait_until};
use rustix::process::Signal;

use crate::support::get;

const SOON: Duration = Duration::from_secs(30);

fn start(port: u16, manners: &[&str]) -> Running {
    let mut command = Command::new("python3");
    command
        .arg(mini_server::script())
        .arg(port.to_string())
        .args(manners);
    Running::spawn(command)
}

fn start_listening(manners: &[&str]) -> (Running, u16) {
    let port = free_port();
    let server = start(port, manners);
    server.wait_for_line(SOON, |line| line.contains("listening on port"));
    (server, port)
}

#[test]
fn it_serves_its_port_and_ends_on_sigterm() {
    let (server, port) = start_listening(&[]);
    assert_eq!(get(&format!("http://127.0.0.1:{port}/"), &[]).status, 200);
    server.signal(Signal::TERM);
    assert_eq!(server.wait_for_exit(SOON).code(), Some(0));
}

#[test]
fn it_can_ignore_sigterm() {
    let (server, _) = start_listening(&["--ignore-sigterm"]);
    server.signal(Signal::TERM);
    server.wait_for_line(SOON, |line| line.contains("SIGTERM ignored"));
    assert!(server.id().is_alive());
}

#[test]
fn it_can_leave_at_once_and_crash_after_requests() {
    let leaving = start(free_port(), &["--exit-at-once", "3"]);
    assert_eq!(leaving.wait_for_exit(SOON).code(), Some(3));
    let (server, port) = start_listening(&["--crash-after-requests", "2"]);
    for _ in 0..2 {
        get(&format!("http://127.0.0.1:{port}/"), &[]);
    }
    assert_eq!(server.wait_for_exit(SOON).code(), Some(70));
}

#[test]
fn it_can_live_without_listening_and_with_grandchildren() {
    let server = start(free_port(), &["--never-ready", "--grandchildren", "2"]);
    server.wait_for_line(SOON, |line| line.contains("never ready"));
    wait_until("two grandchildren", SOON, || {
        dabir_testing::process::children(server.pid()).len() == 2
    });
}
