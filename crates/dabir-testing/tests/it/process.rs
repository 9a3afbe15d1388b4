//! The process helpers tell the truth about real processes.

use std::process::Command;
use std::time::Duration;

use dabir_testing::process::{self, ProcessId, Running};

const SOON: Duration = Duration::from_secs(20);

fn shell(script: &str) -> Running {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    Running::spawn(command)
}

#[test]
fn output_is_collected_and_the_exit_is_seen() {
    let running = shell("echo one; echo two >&2; exit 3");
    assert_eq!(
        running.wait_for_line(SOON, |line| line.contains("tw")),
        "two"
    );
    assert_eq!(running.wait_for_exit(SOON).code(), Some(3));
}

#[test]
#[should_panic(expected = "the awaited line did not come")]
fn a_process_that_ends_without_its_line_fails_the_test_at_once() {
    shell("echo other").wait_for_line(Duration::from_secs(3_600), |line| line == "ready");
}

#[test]
fn kill9_ends_it_and_its_identity_does_not_outlive_it() {
    let running = shell("echo up; exec sleep 1000");
    running.wait_for_line(SOON, |line| line == "up");
    let id = running.id();
    assert!(id.is_alive());
    running.kill9();
    assert!(!id.is_alive());
}

#[test]
fn dropping_takes_the_whole_group() {
    let running = shell("sleep 1000 & echo $!; wait");
    let pid = running
        .wait_for_line(SOON, |line| line.parse::<u32>().is_ok())
        .parse()
        .unwrap();
    let grandchild = ProcessId::of(pid).unwrap();
    assert_eq!(process::children(running.pid()), [grandchild]);
    drop(running);
    dabir_testing::wait_until("the grandchild goes", SOON, || !grandchild.is_alive());
}

#[test]
fn another_start_time_is_another_process() {
    let me = ProcessId::of(std::process::id()).unwrap();
    assert!(me.is_alive());
    let impostor = ProcessId {
        start_time: me.start_time + 1,
        ..me
    };
    assert!(!impostor.is_alive());
}
