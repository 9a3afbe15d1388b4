//! The faults do what their names say.

use std::collections::BTreeSet;
use std::time::Duration;

use dabir_testing::{Fault, FaultyUpstream};

use crate::support::{Answer, PATIENCE, get, try_get};

fn fault(name: &str) -> Fault {
    FaultyUpstream::all()
        .into_iter()
        .find(|fault| fault.name == name)
        .unwrap()
}

/// Runs a blocking question while the server answers on the same runtime.
async fn ask<T: Send + 'static>(
    server: &FaultyUpstream,
    question: impl FnOnce(&str) -> T + Send + 'static,
) -> T {
    let url = server.url();
    tokio::task::spawn_blocking(move || question(&url))
        .await
        .unwrap()
}

async fn answer(name: &str) -> Answer {
    ask(&FaultyUpstream::start(&fault(name)), |url| get(url, &[])).await
}

#[test]
fn there_are_many_and_each_has_its_name() {
    let all = FaultyUpstream::all();
    let names: BTreeSet<_> = all.iter().map(|fault| fault.name).collect();
    assert_eq!(names.len(), all.len());
    assert!(all.len() >= 50, "{}", all.len());
}

#[test]
fn what_leaves_no_list_counts_no_rows() {
    for fault in FaultyUpstream::all() {
        assert!(
            fault.whole_list_ok || fault.good_rows + fault.bad_rows == 0,
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn the_expected_rows_are_those_that_are_sent() {
    for name in ["id missing", "port 70000", "duplicate id that contradicts"] {
        let rows = answer(name).await.json().as_array().unwrap().len();
        let fault = fault(name);
        assert_eq!(rows, fault.good_rows + fault.bad_rows, "{name}");
    }
}

#[tokio::test]
async fn connections_are_refused_or_closed_without_a_word() {
    let refusing = FaultyUpstream::start(&fault("connection refused"));
    let refused = ask(&refusing, |url| try_get(url, &[], PATIENCE)).await;
    assert_eq!(
        refused.unwrap_err().kind(),
        std::io::ErrorKind::ConnectionRefused
    );
    let closing = FaultyUpstream::start(&fault("accepts and closes"));
    let bytes = ask(&closing, |url| try_get(url, &[], PATIENCE)).await;
    // Closing while a request is on its way may also show as a reset.
    assert!(bytes.map_or(true, |bytes| bytes.is_empty()));
}

#[tokio::test]
async fn silence_lasts_longer_than_patience() {
    for name in [
        "silent before the headers",
        "silent in the middle of the body",
    ] {
        let server = FaultyUpstream::start(&fault(name));
        let patience = Duration::from_millis(200);
        let error = ask(&server, move |url| try_get(url, &[], patience)).await;
        assert_eq!(
            error.unwrap_err().kind(),
            std::io::ErrorKind::WouldBlock,
            "{name}"
        );
    }
}

#[tokio::test]
async fn requests_that_follow_to_another_host_are_seen() {
    let server = FaultyUpstream::start(&fault("redirect 302 to another host"));
    let location = ask(&server, |url| {
        get(url, &["Authorization: Token x"])
            .header("location")
            .unwrap()
            .to_owned()
    });
    let location = location.await;
    assert!(server.foreign_requests().is_empty());
    assert!(server.requests()[0].authorized);
    ask(&server, move |_| get(&location, &[])).await;
    assert_eq!(server.foreign_requests().len(), 1);
}

#[tokio::test]
async fn answers_change_from_poll_to_poll() {
    let server = FaultyUpstream::start(&fault("suddenly an empty list"));
    for expected in [3, 0, 0] {
        let answer = ask(&server, |url| get(url, &[])).await;
        assert_eq!(answer.json().as_array().unwrap().len(), expected);
    }
}
