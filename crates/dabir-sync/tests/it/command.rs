//! Sources that are programs: counted, ended in time, and none of their processes left behind.

use std::time::Duration;

use dabir_sync::{Mode, Source, Status};
use serde_json::json;

use crate::bench::{Bench, operator, succeeded};

dabir_testing::on_both!(
    a_program_is_run_and_counted,
    a_program_that_takes_too_long_is_ended_with_all_that_escaped,
    a_cancelled_program_is_gone_within_two_seconds,
    a_program_that_kills_its_worker_is_set_aside,
);

fn command(bench: &Bench, script: &str, other: &serde_json::Value) -> Source {
    let mut source = json!({
        "name": "students", "kind": "command", "command": ["sh", "-c", script],
        "dir": bench.folder.path(), "count": r"Students count: (\d+)",
    });
    for (name, value) in other.as_object().unwrap() {
        source[name] = value.clone();
    }
    serde_json::from_value(source).unwrap()
}

async fn a_program_is_run_and_counted(bench: Bench) {
    let script = "echo begun; echo careful >&2; pwd; echo 'Students count: 4711'";
    let syncs = bench.syncs(vec![command(&bench, script, &json!({}))]);
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    assert_eq!(run.run.records_count, 4_711);
    let log = bench
        .jobs
        .log(run.run.job_id.unwrap(), None, 100)
        .await
        .unwrap();
    let lines: Vec<(&str, &str)> = log
        .iter()
        .map(|l| (l.level.as_str(), l.line.as_str()))
        .collect();
    assert!(
        lines.contains(&("info", "begun")) && lines.contains(&("warn", "careful")),
        "{lines:?}"
    );
    working.end().await;
    let failing = bench.syncs(vec![command(
        &bench,
        "echo 'no such campus' >&2; exit 3",
        &json!({}),
    )]);
    let working = bench.work(&failing);
    let run = bench.sync(&failing, Mode::Full).await;
    assert_eq!(run.run.status, Status::Failed);
    assert_eq!(
        run.run.error_message.unwrap(),
        "it ended with 3: no such campus"
    );
    working.end().await;
}

/// A grandchild in a session of its own, which tells its number.
const ESCAPE: &str = "setsid sh -c 'echo $$ > pid; exec sleep 600' & sleep 600";

async fn is_alive(bench: &Bench) -> bool {
    let file = bench.folder.path().join("pid");
    let pid = dabir_testing::eventually("the grandchild", Duration::from_secs(20), async || {
        std::fs::read_to_string(&file)
            .ok()?
            .trim()
            .parse::<u32>()
            .ok()
    })
    .await;
    dabir_core::process::start_time(pid).unwrap().is_some()
}

async fn a_program_that_takes_too_long_is_ended_with_all_that_escaped(bench: Bench) {
    let syncs = bench.syncs(vec![command(&bench, ESCAPE, &json!({ "timeout": "2s" }))]);
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await;
    assert_eq!(run.run.status, Status::Failed);
    assert_eq!(run.run.error_message.unwrap(), "it was not done within 2s");
    assert!(!is_alive(&bench).await);
    working.end().await;
}

async fn a_cancelled_program_is_gone_within_two_seconds(bench: Bench) {
    let syncs = bench.syncs(vec![command(&bench, ESCAPE, &json!({}))]);
    let working = bench.work(&syncs);
    let run = syncs
        .sync(&operator(), "students", Mode::Full)
        .await
        .unwrap();
    assert!(is_alive(&bench).await);
    let asked_at = std::time::Instant::now();
    syncs.cancel_run(&operator(), run.id).await.unwrap();
    let run = bench.ended(&syncs, run.id).await;
    assert!(
        asked_at.elapsed() < Duration::from_secs(2),
        "{:?}",
        asked_at.elapsed()
    );
    assert_eq!(run.run.status, Status::Cancelled);
    assert!(!is_alive(&bench).await);
    working.end().await;
}

async fn a_program_that_kills_its_worker_is_set_aside(bench: Bench) {
    let script = "echo x >> attempts; exec sleep 600";
    let syncs = bench.syncs(vec![command(&bench, script, &json!({}))]);
    let run = syncs
        .sync(&operator(), "students", Mode::Full)
        .await
        .unwrap();
    let attempts = bench.folder.path().join("attempts");
    for attempt in 1..=3 {
        let working = bench.work(&syncs);
        let limit = Duration::from_secs(20);
        dabir_testing::eventually("the program begins", limit, async || {
            let lines = std::fs::read_to_string(&attempts).ok()?.lines().count();
            (lines == attempt).then_some(())
        })
        .await;
        working.kill().await;
    }
    let working = bench.work(&syncs);
    let run = bench.ended(&syncs, run.id).await.run;
    assert_eq!(run.status, Status::Failed);
    let error = run.error_message.unwrap();
    assert!(error.contains("three times"), "{error}");
    working.end().await;
}
