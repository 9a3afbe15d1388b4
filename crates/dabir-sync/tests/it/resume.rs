//! Runs that are cut off: killed, cancelled, out of time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use dabir_sync::{Mode, Status};
use serde_json::json;

use crate::bench::{Bench, operator, succeeded};

dabir_testing::on_both!(
    a_killed_run_goes_on_where_it_stopped,
    a_cancelled_run_ends_within_two_seconds_and_can_be_gone_on_with,
    a_run_that_takes_too_long_fails_and_says_so,
    a_run_that_gets_on_is_not_set_aside_however_often_it_is_killed,
);

async fn a_killed_run_goes_on_where_it_stopped(bench: Bench) {
    bench.gateway.set(|gateway| gateway.gated = true);
    let syncs = bench.syncs(vec![
        bench.source(&json!({ "page_size": 10, "request_timeout": "60s" })),
    ]);
    let working = bench.work(&syncs);
    let run = syncs
        .sync(&operator(), "students", Mode::Full)
        .await
        .unwrap();
    bench.gateway.let_pass(17);
    bench
        .until(&syncs, run.id, |run| run.records_count >= 170)
        .await;
    working.kill().await;
    // What its four hands were waiting for comes too late; then nobody asks on its behalf any more.
    bench.gateway.let_pass(4);
    let limit = Duration::from_secs(30);
    dabir_testing::eventually("the killed worker's hands fall", limit, async || {
        (bench.gateway.waiting() == 0).then_some(())
    })
    .await;
    bench.gateway.let_pass(1_000);
    let other = bench.work(&syncs);
    let run = bench.ended(&syncs, run.id).await;
    succeeded(&run);
    assert_eq!(bench.rows().await, 400);
    assert_eq!((run.run.counts.new, run.run.records_count), (400, 400));
    let mut served: BTreeMap<_, u32> = BTreeMap::new();
    for asked in bench.gateway.served() {
        *served
            .entry((asked.campus, asked.term, asked.page))
            .or_default() += 1;
    }
    assert_eq!(served.len(), 40);
    let repeated = served.values().filter(|times| **times > 1).count();
    // Its hands are no dead process's: each held one page, and may ask for one more before it falls.
    assert!(
        repeated <= 8,
        "two pages for each of four hands: {served:?}"
    );
    other.end().await;
}

async fn a_cancelled_run_ends_within_two_seconds_and_can_be_gone_on_with(bench: Bench) {
    bench.gateway.set(|gateway| gateway.gated = true);
    let syncs = bench.syncs(vec![bench.source(&json!({ "page_size": 10 }))]);
    let working = bench.work(&syncs);
    let run = syncs
        .sync(&operator(), "students", Mode::Full)
        .await
        .unwrap();
    bench.gateway.let_pass(13);
    bench
        .until(&syncs, run.id, |run| run.records_count >= 130)
        .await;
    let asked_at = Instant::now();
    syncs.cancel_run(&operator(), run.id).await.unwrap();
    let run = bench.ended(&syncs, run.id).await;
    assert!(
        asked_at.elapsed() < Duration::from_secs(2),
        "{:?}",
        asked_at.elapsed()
    );
    assert_eq!(run.run.status, Status::Cancelled);
    assert_eq!(run.run.records_count, 130);
    bench.gateway.let_pass(1_000);
    bench.gateway.forget();
    let rest = syncs.retry_run(&operator(), run.run.id).await.unwrap();
    let rest = bench.ended(&syncs, rest.id).await;
    succeeded(&rest);
    assert_eq!(bench.rows().await, 400);
    assert_eq!(rest.run.counts.new, 270);
    working.end().await;
}

async fn a_run_that_takes_too_long_fails_and_says_so(bench: Bench) {
    bench.gateway.set(|gateway| gateway.gated = true);
    let syncs = bench.syncs(vec![bench.source(&json!({ "timeout": "1s" }))]);
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await;
    assert_eq!(run.run.status, Status::Failed);
    assert!(
        run.run
            .error_message
            .unwrap()
            .contains("not done within 1s")
    );
    working.end().await;
}

async fn a_run_that_gets_on_is_not_set_aside_however_often_it_is_killed(bench: Bench) {
    bench.gateway.set(|gateway| gateway.gated = true);
    let syncs = bench.syncs(vec![bench.source(&json!({ "page_size": 10 }))]);
    let run = syncs
        .sync(&operator(), "students", Mode::Full)
        .await
        .unwrap();
    for rows in [10, 60, 110, 160, 210] {
        let working = bench.work(&syncs);
        bench.gateway.let_pass(9);
        bench
            .until(&syncs, run.id, |run| run.records_count >= rows)
            .await;
        working.kill().await;
    }
    bench.gateway.let_pass(1_000);
    let working = bench.work(&syncs);
    succeeded(&bench.ended(&syncs, run.id).await);
    assert_eq!(bench.rows().await, 400);
    working.end().await;
}
