//! Workers that die, stand still or end: whose the jobs are then.

use std::sync::atomic::Ordering;
use std::time::Duration;

use dabir_jobs::worker::Pace;
use dabir_jobs::{JobFilter, JobState, JobsError, QueuePatch};
use dabir_testing::Postgres;
use serde_json::json;

use crate::bench::{Bench, Do, HURRY, TEST, operator};

/// Shows no sign of life, as a process that is stopped or a machine that is cut off.
const SILENT: Pace = Pace {
    beat: Duration::from_secs(3_600),
    ..HURRY
};

async fn what_a_silent_worker_holds_is_done_by_another_and_its_own_ending_is_void(bench: Bench) {
    let silent = bench.work_with(&bench.other_process(), SILENT, 1);
    let id = bench.enqueue(Do::Wait(1)).await;
    let first = bench.until(id, JobState::Running).await;
    let other = bench.work();
    let again = bench
        .until_job(id, |job| {
            job.worker != first.worker && job.state == JobState::Running
        })
        .await;
    assert_eq!((again.attempts, again.crashes), (2, 1));
    assert_eq!(bench.outcomes(id).await, ["crashed"]);
    // Both wait at the gate; the silent one came first and is let through first.
    bench.gate.add_permits(2);
    let done = bench.until(id, JobState::Succeeded).await;
    assert_eq!((done.worker, done.attempts), (again.worker, 2));
    silent.end().await;
    let still = bench.jobs.get(id).await.unwrap();
    assert_eq!(
        (still.state, still.ended_at),
        (JobState::Succeeded, done.ended_at)
    );
    other.end().await;
}

async fn a_write_without_the_lease_is_refused_and_leaves_no_trace(bench: Bench) {
    let taken = bench.work_with(&bench.other_process(), SILENT, 1);
    let id = bench.enqueue(Do::Wait(2)).await;
    let first = bench.until(id, JobState::Running).await;
    let lease = bench.lease_of(id);
    let tx = bench.db.write().await.unwrap();
    lease.save(&tx, &1).await.unwrap();
    tx.commit().await.unwrap();
    let other = bench.work();
    bench
        .until_job(id, |job| {
            job.worker != first.worker && job.state == JobState::Running
        })
        .await;
    let tx = bench.db.write().await.unwrap();
    let refused = lease.save(&tx, &99).await.unwrap_err();
    assert!(matches!(refused, JobsError::LeaseLost));
    drop(tx);
    bench.gate.add_permits(3);
    let done = bench.until(id, JobState::Succeeded).await;
    // The second attempt began where the first had saved, and knows nothing of the 99.
    assert_eq!(done.result, Some(json!({ "began_at": 1, "done": 2 })));
    taken.end().await;
    other.end().await;
}

async fn a_worker_that_was_taken_for_dead_comes_back_as_another(bench: Bench) {
    let slow = Pace {
        beat: Duration::from_millis(1_500),
        ..HURRY
    };
    let slow = bench.work_with(&bench.other_process(), slow, 1);
    let id = bench.enqueue(Do::Wait(1)).await;
    let first = bench.until(id, JobState::Running).await;
    let other = bench.work_with(&bench.jobs, HURRY, 1);
    bench
        .until_job(id, |job| {
            job.worker != first.worker && job.state == JobState::Running
        })
        .await;
    for _ in 0..500 {
        let workers = bench.jobs.workers().await.unwrap();
        if workers.len() == 2
            && workers
                .iter()
                .all(|worker| Some(&worker.id) != first.worker.as_ref())
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The one that came back takes what the other has no hand for.
    let next = bench.enqueue(Do::Say(json!(1))).await;
    bench.until(next, JobState::Succeeded).await;
    bench.gate.add_permits(1);
    bench.until(id, JobState::Succeeded).await;
    slow.end().await;
    other.end().await;
}

async fn a_job_that_kills_its_workers_is_set_aside_and_one_that_gets_on_is_not(bench: Bench) {
    bench.work().end().await;
    let poison = bench.enqueue(Do::Deaf).await;
    let honest = bench.enqueue(Do::Wait(4)).await;
    for round in 0..3 {
        let dying = bench.work_with(&bench.other_process(), SILENT, 8);
        bench.until(poison, JobState::Running).await;
        bench.until(honest, JobState::Running).await;
        if round < 2 {
            let lease = bench.lease_of(honest);
            let tx = bench.db.write().await.unwrap();
            lease.save(&tx, &round).await.unwrap();
            tx.commit().await.unwrap();
        }
        dying.kill().await;
        let pause = QueuePatch {
            paused: Some(true),
            ..QueuePatch::default()
        };
        bench
            .jobs
            .patch_queue(&operator(), "test", &pause)
            .await
            .unwrap();
        let burier = bench.work();
        bench
            .until_job(poison, |job| job.crashes == round + 1)
            .await;
        bench
            .until_job(honest, |job| job.state == JobState::Queued)
            .await;
        burier.end().await;
        bench.make_due().await;
        let go_on = QueuePatch {
            paused: Some(false),
            ..QueuePatch::default()
        };
        bench
            .jobs
            .patch_queue(&operator(), "test", &go_on)
            .await
            .unwrap();
    }
    let job = bench.jobs.get(poison).await.unwrap();
    assert_eq!((job.state, job.crashes), (JobState::SetAside, 3));
    assert_eq!(job.last_error.as_deref(), Some("its worker died each time"));
    let job = bench.jobs.get(honest).await.unwrap();
    assert_eq!(
        (job.state, job.crashes),
        (JobState::Queued, 2),
        "it got on before the second"
    );
    bench
        .jobs
        .retry(&operator(), poison, Some(json!({ "say": 1 })))
        .await
        .unwrap();
    let worker = bench.work();
    let job = bench.until(poison, JobState::Succeeded).await;
    assert_eq!(job.crashes, 0);
    worker.end().await;
}

async fn a_worker_that_ends_gives_back_what_it_has_not_done(bench: Bench) {
    let worker = bench.work();
    let id = bench.enqueue(Do::Wait(2)).await;
    let deaf = bench.enqueue(Do::Deaf).await;
    bench.gate.add_permits(1);
    bench.until_job(id, |job| job.progress.is_some()).await;
    bench.until(deaf, JobState::Running).await;
    worker.end().await;
    for id in [id, deaf] {
        let job = bench.jobs.get(id).await.unwrap();
        assert_eq!(
            (job.state, job.attempts, job.crashes, job.errors),
            (JobState::Queued, 0, 0, 0)
        );
        assert!(bench.outcomes(id).await.is_empty());
    }
    let worker = bench.work();
    bench.gate.add_permits(2);
    bench.until(id, JobState::Succeeded).await;
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_when_the_database_was_away() {
    let bench = Bench::open(Some(Postgres::start_to_crash())).await;
    let postgres = bench.postgres.as_ref().unwrap();
    let worker = bench.work();
    let mut ids = Vec::new();
    for n in 0..20 {
        let what = if n % 2 == 0 {
            Do::Wait(1)
        } else {
            Do::Say(json!(n))
        };
        ids.push(bench.enqueue(what).await);
    }
    bench.until(ids[0], JobState::Running).await;
    postgres.crash();
    bench.gate.add_permits(10);
    postgres.start_again();
    // Those that ran when it went may have let go and have to be let through once more.
    bench.gate.add_permits(10);
    for id in ids {
        bench.until(id, JobState::Succeeded).await;
    }
    worker.end().await;
}

/// Connections that break in the middle of rounds: whatever ended well is not done again.
#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_broke_off_runs_nothing_twice() {
    let bench = Bench::open(Some(Postgres::start_to_crash())).await;
    let worker = bench.work();
    const JOBS: usize = 600;
    let new = (0..JOBS).map(|n| TEST.job(&Do::Say(json!(n))).unwrap());
    let new: Vec<_> = new.collect();
    for (n, some) in new.chunks(100).enumerate() {
        let tx = bench.db.write().await.unwrap();
        bench.jobs.enqueue_many(&tx, some.to_vec()).await.unwrap();
        tx.commit().await.unwrap();
        bench.jobs.wake();
        let done = JobFilter {
            state: vec![JobState::Succeeded],
            ..JobFilter::default()
        };
        while bench.jobs.count(&done).await.unwrap_or(0) < (n * 100 + 30) as u64 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        cut_writers(&bench).await;
    }
    let mut ended = 0;
    for id in 1..=i64::try_from(JOBS).unwrap() {
        let job = bench.until(id, JobState::Succeeded).await;
        ended += usize::try_from(job.attempts).unwrap();
    }
    // What was cut off before its claim was answered has begun nowhere and burnt no attempt.
    assert_eq!(ended, JOBS);
    assert_eq!(bench.begun.load(Ordering::SeqCst), JOBS);
    worker.end().await;
}

/// Cuts every connection that is in the middle of a transaction.
async fn cut_writers(bench: &Bench) {
    use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let cut = Statement::from_string(DatabaseBackend::Postgres, cut);
    let _ = bench.db.read().query_all_raw(cut).await;
}

impl Bench {
    async fn make_due(&self) {
        use sea_orm::ConnectionTrait;
        let tx = self.db.write().await.unwrap();
        tx.execute_unprepared("UPDATE job SET run_at = 0 WHERE state = 'queued'")
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

dabir_testing::on_both!(
    what_a_silent_worker_holds_is_done_by_another_and_its_own_ending_is_void,
    a_write_without_the_lease_is_refused_and_leaves_no_trace,
    a_worker_that_was_taken_for_dead_comes_back_as_another,
    a_job_that_kills_its_workers_is_set_aside_and_one_that_gets_on_is_not,
    a_worker_that_ends_gives_back_what_it_has_not_done,
);
