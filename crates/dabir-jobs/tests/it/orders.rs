//! What people order about jobs.

use dabir_db::audit::{self, Filter};
use dabir_jobs::{JobFilter, JobState, JobsError, QueuePatch};
use serde_json::json;

use crate::bench::{Bench, Do, TEST, operator};

async fn a_waiting_job_is_cancelled_at_once_and_a_running_one_soon(bench: Bench) {
    let waits = bench.enqueue(Do::Wait(1)).await;
    let job = bench.jobs.cancel(&operator(), waits).await.unwrap();
    assert_eq!(job.state, JobState::Cancelled);
    let worker = bench.work();
    for what in [Do::Wait(1), Do::Deaf] {
        let id = bench.enqueue(what).await;
        bench.until(id, JobState::Running).await;
        bench.jobs.cancel(&operator(), id).await.unwrap();
        bench.until(id, JobState::Cancelled).await;
        assert_eq!(bench.outcomes(id).await, ["cancelled"]);
    }
    let again = bench.jobs.cancel(&operator(), waits).await.unwrap_err();
    assert!(
        matches!(
            again,
            JobsError::State {
                state: JobState::Cancelled,
                ..
            }
        ),
        "{again}"
    );
    worker.end().await;
}

async fn another_process_may_cancel_too(bench: Bench) {
    let worker = bench.work();
    let id = bench.enqueue(Do::Wait(1)).await;
    bench.until(id, JobState::Running).await;
    bench.other_process().cancel(&operator(), id).await.unwrap();
    bench.until(id, JobState::Cancelled).await;
    worker.end().await;
}

async fn a_failed_job_is_tried_again_with_other_arguments(bench: Bench) {
    let worker = bench.work();
    let id = bench.enqueue(Do::FailForGood).await;
    bench.until(id, JobState::Failed).await;
    let args = json!({ "say": "now it works" });
    bench.jobs.retry(&operator(), id, Some(args)).await.unwrap();
    let job = bench.until(id, JobState::Succeeded).await;
    assert_eq!(
        (job.result, job.errors, job.attempts),
        (Some(json!("now it works")), 0, 2)
    );
    assert_eq!(bench.outcomes(id).await, ["failed"]);
    worker.end().await;
}

async fn orders_for_many_are_for_those_that_fit(bench: Bench) {
    let worker = bench.work();
    let mut failed = Vec::new();
    for _ in 0..3 {
        let id = bench.enqueue(Do::FailForGood).await;
        failed.push(bench.until(id, JobState::Failed).await.id);
    }
    worker.end().await;
    let waits = bench.enqueue(Do::Wait(1)).await;
    let none = JobFilter {
        search: Some("nothing".into()),
        ..JobFilter::default()
    };
    assert_eq!(
        bench.jobs.retry_all(&operator(), &none).await.unwrap().jobs,
        0
    );
    let all = JobFilter::default();
    assert_eq!(
        bench.jobs.retry_all(&operator(), &all).await.unwrap().jobs,
        3
    );
    let queued = JobFilter {
        state: vec![JobState::Queued],
        ..all.clone()
    };
    assert_eq!(bench.jobs.count(&queued).await.unwrap(), 4);
    assert_eq!(
        bench.jobs.cancel_all(&operator(), &all).await.unwrap().jobs,
        4
    );
    assert_eq!(
        bench.jobs.get(waits).await.unwrap().state,
        JobState::Cancelled
    );
}

async fn a_twin_is_not_woken(bench: Bench) {
    let new = || TEST.job(&Do::FailForGood).unwrap().unique("one");
    let first = bench.jobs.enqueue_now(new()).await.unwrap().id;
    bench.jobs.cancel(&operator(), first).await.unwrap();
    bench.jobs.enqueue_now(new()).await.unwrap();
    let error = bench
        .jobs
        .retry(&operator(), first, None)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("unique key"), "{error}");
    assert_eq!(
        bench
            .jobs
            .retry_all(&operator(), &JobFilter::default())
            .await
            .unwrap()
            .jobs,
        0
    );
}

async fn every_order_is_in_the_audit(bench: Bench) {
    bench.work().end().await;
    let id = bench.enqueue(Do::Wait(1)).await;
    bench.jobs.cancel(&operator(), id).await.unwrap();
    bench.jobs.retry(&operator(), id, None).await.unwrap();
    let patch = QueuePatch {
        paused: Some(true),
        ..QueuePatch::default()
    };
    bench
        .jobs
        .patch_queue(&operator(), "test", &patch)
        .await
        .unwrap();
    let entries = audit::list(bench.db.read(), &Filter::default(), None, 10)
        .await
        .unwrap();
    let actions: Vec<&str> = entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["queue.change", "job.retry", "job.cancel"]);
}

async fn bad_orders_are_refused_with_what_is_allowed(bench: Bench) {
    bench.work().end().await;
    for (patch, field) in [
        (
            QueuePatch {
                weight: Some(0),
                ..QueuePatch::default()
            },
            "weight",
        ),
        (
            QueuePatch {
                max_running: Some(Some(-1)),
                ..QueuePatch::default()
            },
            "max_running",
        ),
        (
            QueuePatch {
                rate: Some(Some(f64::NAN)),
                ..QueuePatch::default()
            },
            "rate",
        ),
    ] {
        let error = bench
            .jobs
            .patch_queue(&operator(), "test", &patch)
            .await
            .unwrap_err();
        let JobsError::Invalid(fields) = error else {
            panic!("{error}")
        };
        assert_eq!(fields[0].field, field);
    }
    let error = bench
        .jobs
        .patch_queue(&operator(), "none", &QueuePatch::default())
        .await
        .unwrap_err();
    assert!(matches!(error, JobsError::NotFound("queue")));
    let long = TEST.job(&Do::Say(json!("x".repeat(300_000)))).unwrap();
    let error = bench.jobs.enqueue_now(long).await.unwrap_err();
    assert!(matches!(error, JobsError::TooLarge { .. }));
    let error = bench
        .handlers()
        .check("test.do", &json!({ "dance": 1 }))
        .unwrap_err();
    assert!(error.to_string().contains("dance"), "{error}");
}

dabir_testing::on_both!(
    a_waiting_job_is_cancelled_at_once_and_a_running_one_soon,
    another_process_may_cancel_too,
    a_failed_job_is_tried_again_with_other_arguments,
    orders_for_many_are_for_those_that_fit,
    a_twin_is_not_woken,
    every_order_is_in_the_audit,
    bad_orders_are_refused_with_what_is_allowed,
);
