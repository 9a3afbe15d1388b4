//! Jobs on their way through a queue.

use std::sync::atomic::Ordering;
use std::time::Duration;

use dabir_core::Page;
use dabir_jobs::{JobFilter, JobState, QueuePatch};
use serde_json::json;

use crate::bench::{Bench, Do, OTHER, SHORT, TEST, operator};

async fn a_job_is_done_and_its_result_kept(bench: Bench) {
    let worker = bench.work();
    let id = bench.enqueue(Do::Say(json!({ "سلام": 1 }))).await;
    let job = bench.until(id, JobState::Succeeded).await;
    assert_eq!(job.result, Some(json!({ "سلام": 1 })));
    assert_eq!((job.attempts, job.errors, job.crashes), (1, 0, 0));
    assert!(job.ended_at >= job.started_at && job.started_at >= Some(job.created_at));
    assert!(bench.outcomes(id).await.is_empty());
    worker.end().await;
    assert!(bench.jobs.workers().await.unwrap().is_empty());
}

async fn a_job_belongs_to_the_transaction_that_makes_it(bench: Bench) {
    let tx = bench.db.write().await.unwrap();
    let job = TEST.job(&Do::Say(json!(1))).unwrap();
    let dropped = bench.jobs.enqueue(&tx, job).await.unwrap();
    tx.rollback().await.unwrap();
    assert!(bench.jobs.find(dropped.id).await.unwrap().is_none());
}

async fn what_fails_is_tried_again_and_then_has_failed(bench: Bench) {
    let worker = bench.work();
    let late = bench.enqueue(Do::FailFirst(2)).await;
    let never = bench.enqueue(Do::FailFirst(9)).await;
    let at_once = bench.enqueue(Do::FailForGood).await;
    let panics = bench.enqueue(Do::Panic).await;
    let job = bench.until(late, JobState::Succeeded).await;
    assert_eq!((job.attempts, job.errors), (3, 2));
    assert_eq!(bench.outcomes(late).await, ["error", "error"]);
    let job = bench.until(never, JobState::Failed).await;
    assert_eq!(
        (job.attempts, job.errors, job.last_error.as_deref()),
        (3, 3, Some("not yet"))
    );
    let job = bench.until(at_once, JobState::Failed).await;
    assert_eq!(
        (job.attempts, job.last_error.as_deref()),
        (1, Some("it never works"))
    );
    let job = bench.until(panics, JobState::Failed).await;
    assert_eq!(job.last_error.as_deref(), Some("it panicked: oh no"));
    worker.end().await;
}

async fn what_takes_too_long_is_dropped(bench: Bench) {
    let worker = bench.work();
    let new = SHORT.job(&Do::Deaf).unwrap();
    let id = bench.jobs.enqueue_now(new).await.unwrap().id;
    let job = bench.until(id, JobState::Failed).await;
    assert_eq!(job.last_error.as_deref(), Some("it was not done after 0 s"));
    assert_eq!(bench.outcomes(id).await, ["timed_out"]);
    worker.end().await;
}

async fn one_unique_key_is_one_living_job(bench: Bench) {
    let new = || TEST.job(&Do::Say(json!(1))).unwrap().unique("only one");
    let first = bench.jobs.enqueue_now(new()).await.unwrap();
    let again = bench.jobs.enqueue_now(new()).await.unwrap();
    assert_eq!((again.id, again.is_new), (first.id, false));
    let at_once =
        futures_util::future::join_all((0..8).map(|_| bench.jobs.enqueue_now(new()))).await;
    assert!(at_once.into_iter().all(|made| made.unwrap().id == first.id));
    let worker = bench.work();
    bench.until(first.id, JobState::Succeeded).await;
    let later = bench.jobs.enqueue_now(new()).await.unwrap();
    assert!(later.is_new, "the first has ended");
    worker.end().await;
}

async fn a_delayed_job_waits_for_its_time(bench: Bench) {
    let worker = bench.work();
    let at = bench.clock.now() + Duration::from_millis(300);
    let new = TEST.job(&Do::Say(json!(1))).unwrap().at(at);
    let id = bench.jobs.enqueue_now(new).await.unwrap().id;
    let job = bench.until(id, JobState::Succeeded).await;
    assert!(job.started_at.unwrap() >= at);
    worker.end().await;
}

async fn urgent_jobs_go_first_and_old_ones_do_not_starve(bench: Bench) {
    let now = bench.clock.now();
    let mut ids = Vec::new();
    for (minutes, priority) in [(0, 0), (0, 5), (3, 0), (0, 9), (7, 2)] {
        let at = now - Duration::from_secs(60 * minutes);
        let new = TEST
            .job(&Do::Say(json!(1)))
            .unwrap()
            .at(at)
            .priority(priority);
        ids.push(bench.jobs.enqueue_now(new).await.unwrap().id);
    }
    let worker = bench.work_with(&bench.jobs, crate::bench::HURRY, 1);
    let mut begun = Vec::new();
    for id in &ids {
        let job = bench.until(*id, JobState::Succeeded).await;
        begun.push((job.started_at, *id));
    }
    begun.sort();
    let order: Vec<i64> = begun.into_iter().map(|(_, id)| id).collect();
    // Seven minutes and two steps are worth as much as nine steps, and it is the older one.
    assert_eq!(order, [ids[3], ids[4], ids[1], ids[2], ids[0]]);
    worker.end().await;
}

async fn a_lane_and_a_queue_run_no_more_than_they_may(bench: Bench) {
    bench.work().end().await;
    for _ in 0..6 {
        let new = TEST.job(&Do::Wait(1)).unwrap().lane("gateway", 2);
        bench.jobs.enqueue_now(new).await.unwrap();
    }
    let free = bench.enqueue(Do::Say(json!(1))).await;
    let workers = [
        bench.work(),
        bench.work_with(&bench.other_process(), crate::bench::HURRY, 8),
    ];
    bench.until(free, JobState::Succeeded).await;
    let running = JobFilter {
        state: vec![JobState::Running],
        ..JobFilter::default()
    };
    let waiting = JobFilter {
        state: vec![JobState::Queued],
        ..JobFilter::default()
    };
    assert_eq!(
        bench.jobs.count(&waiting).await.unwrap(),
        6 - bench.jobs.count(&running).await.unwrap()
    );
    bench.gate.add_permits(6);
    until_empty(&bench).await;
    assert!(
        bench.most.load(Ordering::SeqCst) <= 3,
        "two of the lane and the free one"
    );

    let limit = QueuePatch {
        max_running: Some(Some(1)),
        ..QueuePatch::default()
    };
    bench
        .jobs
        .patch_queue(&operator(), "test", &limit)
        .await
        .unwrap();
    bench.most.store(0, Ordering::SeqCst);
    for _ in 0..4 {
        bench.enqueue(Do::Wait(1)).await;
    }
    bench.gate.add_permits(4);
    until_empty(&bench).await;
    assert_eq!(bench.most.load(Ordering::SeqCst), 1);
    for worker in workers {
        worker.end().await;
    }
}

async fn a_full_lane_hides_nobody(bench: Bench) {
    bench.work().end().await;
    for _ in 0..40 {
        let new = TEST.job(&Do::Wait(1)).unwrap().lane("crowded", 1);
        bench.jobs.enqueue_now(new).await.unwrap();
    }
    let other = TEST.job(&Do::Say(json!(1))).unwrap().lane("quiet", 1);
    let other = bench.jobs.enqueue_now(other).await.unwrap().id;
    let free = bench.enqueue(Do::Say(json!(1))).await;
    let worker = bench.work();
    bench.until(other, JobState::Succeeded).await;
    bench.until(free, JobState::Succeeded).await;
    let running = JobFilter {
        state: vec![JobState::Running],
        ..JobFilter::default()
    };
    assert_eq!(bench.jobs.count(&running).await.unwrap(), 1);
    bench.gate.add_permits(40);
    until_empty(&bench).await;
    worker.end().await;
}

async fn what_waits_in_the_old_queue_of_a_kind_is_done_too(bench: Bench) {
    let mut moved = TEST.job(&Do::Say(json!(1))).unwrap();
    moved.queue = "where it was".into();
    let id = bench.jobs.enqueue_now(moved).await.unwrap().id;
    let worker = bench.work();
    bench.until(id, JobState::Succeeded).await;
    worker.end().await;
}

async fn no_character_stops_a_worker(bench: Bench) {
    let worker = bench.work();
    let id = bench.enqueue(Do::Complain("it \0 broke".into())).await;
    let job = bench.until(id, JobState::Failed).await;
    assert_eq!(job.last_error.as_deref(), Some("it \u{fffd} broke"));
    let line = &bench.jobs.log(id, None, 10).await.unwrap()[0];
    assert_eq!(line.line, "it \u{fffd} broke");
    let search = JobFilter {
        search: Some("\0".into()),
        ..JobFilter::default()
    };
    assert_eq!(bench.jobs.count(&search).await.unwrap(), 1);
    let next = bench.enqueue(Do::Say(json!("a \0 b"))).await;
    bench.until(next, JobState::Succeeded).await;
    worker.end().await;
}

async fn a_rate_is_kept(bench: Bench) {
    bench.work().end().await;
    let limit = QueuePatch {
        rate: Some(Some(10.0)),
        ..QueuePatch::default()
    };
    bench
        .jobs
        .patch_queue(&operator(), "test", &limit)
        .await
        .unwrap();
    let mut ids = Vec::new();
    for n in 0..16 {
        ids.push(bench.enqueue(Do::Say(json!(n))).await);
    }
    let worker = bench.work();
    let mut began = Vec::new();
    for id in ids {
        began.push(
            bench
                .until(id, JobState::Succeeded)
                .await
                .started_at
                .unwrap(),
        );
    }
    began.sort();
    let took = began[15].duration_since(began[0]).as_millis();
    // Ten at once from a full bucket, the other six a tenth of a second apart.
    assert!((500..5_000).contains(&took), "{took} ms");
    worker.end().await;
}

async fn a_paused_queue_rests_and_others_go_on(bench: Bench) {
    let worker = bench.work();
    let id = bench.enqueue(Do::Say(json!(1))).await;
    bench.until(id, JobState::Succeeded).await;
    let pause = QueuePatch {
        paused: Some(true),
        reason: Some("repairs".into()),
        ..QueuePatch::default()
    };
    let paused = bench
        .jobs
        .patch_queue(&operator(), "test", &pause)
        .await
        .unwrap();
    assert_eq!(
        (paused.paused_by.as_deref(), paused.pause_reason.as_deref()),
        (Some("an operator"), Some("repairs"))
    );
    let waits = bench.enqueue(Do::Say(json!(1))).await;
    let other = bench
        .jobs
        .enqueue_now(OTHER.job(&Do::Say(json!(1))).unwrap())
        .await
        .unwrap()
        .id;
    bench.until(other, JobState::Succeeded).await;
    assert_eq!(bench.jobs.get(waits).await.unwrap().state, JobState::Queued);
    let go_on = QueuePatch {
        paused: Some(false),
        ..QueuePatch::default()
    };
    let queue = bench
        .jobs
        .patch_queue(&operator(), "test", &go_on)
        .await
        .unwrap();
    assert_eq!((queue.paused_at, queue.pause_reason), (None, None));
    bench.until(waits, JobState::Succeeded).await;
    worker.end().await;
}

async fn a_kind_that_no_worker_knows_waits_and_holds_up_nobody(bench: Bench) {
    let unknown = dabir_jobs::Kind::<Do>::new("test.of_a_later_version", "test");
    let new = unknown.job(&Do::Say(json!(1))).unwrap();
    let parked = bench.jobs.enqueue_now(new).await.unwrap().id;
    let worker = bench.work();
    let id = bench.enqueue(Do::Say(json!(1))).await;
    bench.until(id, JobState::Succeeded).await;
    assert_eq!(
        bench.jobs.get(parked).await.unwrap().state,
        JobState::Queued
    );
    worker.end().await;
}

async fn what_a_job_says_is_kept(bench: Bench) {
    let worker = bench.work();
    let id = bench.enqueue(Do::Wait(3)).await;
    bench.gate.add_permits(2);
    let job = bench
        .until_job(id, |job| job.progress.as_ref().is_some_and(|p| p.done == 2))
        .await;
    let progress = job.progress.unwrap();
    assert_eq!(
        (progress.total, progress.stage.as_str()),
        (Some(3), "waiting")
    );
    assert!(job.rate.unwrap() > 0.0 && job.seconds_left.unwrap() > 0.0);
    bench.gate.add_permits(1);
    bench.until(id, JobState::Succeeded).await;
    let lines = bench.jobs.log(id, None, 10).await.unwrap();
    let words: Vec<&str> = lines.iter().map(|line| line.line.as_str()).collect();
    assert_eq!(
        words,
        ["waited 1 times", "waited 2 times", "waited 3 times"]
    );
    let rest = bench.jobs.log(id, Some(lines[1].id), 10).await.unwrap();
    assert_eq!(rest.len(), 1);
    worker.end().await;
}

async fn of_many_lines_the_first_and_the_last_are_kept(bench: Bench) {
    let worker = bench.work();
    for (said, rows) in [(1_000, 1_000), (20_000, 2_501)] {
        let id = bench.enqueue(Do::Count(said)).await;
        for _ in 0..1_000 {
            if !bench.jobs.log(id, None, 1).await.unwrap().is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bench.gate.add_permits(1);
        bench.until(id, JobState::Succeeded).await;
        let lines = bench.jobs.log(id, Some(0), 30_000).await.unwrap();
        let lines: Vec<&str> = lines.iter().map(|line| line.line.as_str()).collect();
        assert_eq!(lines.len(), rows);
        let first: Vec<String> = (0..500).map(|number| number.to_string()).collect();
        assert_eq!(lines[..500], first);
        let after = 501 + said - rows;
        let last: Vec<String> = (after..said).map(|number| number.to_string()).collect();
        assert_eq!(lines[501..], last);
        if said > rows {
            assert_eq!(lines[500], "(17500 lines are left out here)");
        }
    }
    worker.end().await;
}

async fn lists_are_paged_and_filtered(bench: Bench) {
    for n in 0..5 {
        bench.enqueue(Do::Say(json!(format!("100%_{n}")))).await;
    }
    let other = OTHER.job(&Do::Say(json!("x"))).unwrap();
    bench.jobs.enqueue_now(other).await.unwrap();
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let Page { items, next_cursor } = bench
            .jobs
            .list(&JobFilter::default(), before, 4)
            .await
            .unwrap();
        seen.extend(items.iter().map(|job| job.id));
        before = next_cursor.map(|cursor| cursor.parse().unwrap());
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.is_sorted_by(|a, b| a > b));
    let found = |filter: JobFilter| {
        let jobs = bench.jobs.clone();
        async move { jobs.count(&filter).await.unwrap() }
    };
    let filter = || JobFilter::default();
    assert_eq!(
        found(JobFilter {
            search: Some("100%_3".into()),
            ..filter()
        })
        .await,
        1
    );
    assert_eq!(
        found(JobFilter {
            search: Some("100__3".into()),
            ..filter()
        })
        .await,
        0
    );
    assert_eq!(
        found(JobFilter {
            queue: Some("other".into()),
            ..filter()
        })
        .await,
        1
    );
    assert_eq!(
        found(JobFilter {
            kind: Some("test.do".into()),
            state: vec![JobState::Queued],
            ..filter()
        })
        .await,
        5
    );
    assert_eq!(
        found(JobFilter {
            state: vec![JobState::Running, JobState::Failed],
            ..filter()
        })
        .await,
        0
    );
    assert_eq!(
        found(JobFilter {
            state: vec![JobState::Running, JobState::Queued],
            ..filter()
        })
        .await,
        6
    );
}

async fn until_empty(bench: &Bench) {
    for _ in 0..1_500 {
        let queues = bench.jobs.queues().await.unwrap();
        if queues
            .iter()
            .all(|queue| queue.waiting + queue.running + queue.later == 0)
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", bench.jobs.queues().await.unwrap());
}

dabir_testing::on_both!(
    a_job_is_done_and_its_result_kept,
    a_job_belongs_to_the_transaction_that_makes_it,
    what_fails_is_tried_again_and_then_has_failed,
    what_takes_too_long_is_dropped,
    one_unique_key_is_one_living_job,
    a_delayed_job_waits_for_its_time,
    urgent_jobs_go_first_and_old_ones_do_not_starve,
    a_lane_and_a_queue_run_no_more_than_they_may,
    a_full_lane_hides_nobody,
    what_waits_in_the_old_queue_of_a_kind_is_done_too,
    no_character_stops_a_worker,
    a_rate_is_kept,
    a_paused_queue_rests_and_others_go_on,
    a_kind_that_no_worker_knows_waits_and_holds_up_nobody,
    what_a_job_says_is_kept,
    of_many_lines_the_first_and_the_last_are_kept,
    lists_are_paged_and_filtered,
);
