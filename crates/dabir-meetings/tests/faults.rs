//! Everything that a source can do wrong: what is good is used, what is bad is named, and nothing
//! hangs, panics or leads to another server.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

use std::time::Duration;

use dabir_meetings::config::DjangoConfig;
use dabir_meetings::source::{Django, FetchError, Fetched, Listed};
use dabir_testing::{Fault, FaultyUpstream};
use jiff::tz::TimeZone;

fn client(url: String, fault: &Fault) -> Django {
    // Only those that never end are worth waiting for less.
    let timeout = if fault.outlasts_patience {
        "300ms"
    } else {
        "10s"
    };
    let config = DjangoConfig {
        url,
        timeout: timeout.parse().unwrap(),
        ..DjangoConfig::default()
    };
    Django::new(&config, TimeZone::UTC).unwrap()
}

/// The answer to the poll that the fault is about.
async fn poll(fault: &Fault) -> (Result<Fetched, FetchError>, FaultyUpstream) {
    let upstream = FaultyUpstream::start(fault);
    let mut django = client(upstream.url(), fault);
    for _ in 1..fault.poll {
        django.fetch().await.unwrap();
    }
    // Far beyond the timeout: a poll that goes on for ever fails here, not in the test runner.
    let answer = tokio::time::timeout(Duration::from_secs(30), django.fetch()).await;
    (answer.expect("every poll ends by itself"), upstream)
}

fn check(fault: &Fault, answer: Result<Fetched, FetchError>) {
    match (answer, fault.whole_list_ok) {
        (Ok(Fetched::Changed(Listed { rows, bad, .. })), true) => {
            assert_eq!(
                (rows.len(), bad.len()),
                (fault.good_rows, fault.bad_rows),
                "{bad:?}"
            );
            assert!(bad.iter().all(|row| !row.reason.is_empty()));
        }
        (Err(error), false) => {
            let text = error.to_string();
            assert!(text.len() > 10 && text.len() < 500, "{text}");
            assert!(!text.chars().any(char::is_control), "{text}");
            let reason = error.reason();
            assert!(reason.code.starts_with("source."), "{reason:?}");
            assert_eq!(reason.text, text);
        }
        (other, expected) => panic!("whole list expected: {expected}, but: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_survived_and_named() {
    let faults = FaultyUpstream::all();
    assert!(faults.len() >= 50, "there are only {}", faults.len());
    let mut failed = Vec::new();
    for fault in &faults {
        let (answer, upstream) = poll(fault).await;
        let strayed = upstream.foreign_requests();
        let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            check(fault, answer);
            assert!(strayed.is_empty(), "another server was asked: {strayed:?}");
        }));
        if judged.is_err() {
            failed.push(fault.name);
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {} faults: {failed:?}",
        failed.len(),
        faults.len()
    );
}
