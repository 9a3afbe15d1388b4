//! Schedules that fire, once, however many could.

use std::time::Duration;

use dabir_core::{Clock, Events, Span};
use dabir_jobs::{
    CatchUp, JobFilter, JobState, Jobs, JobsError, NewSchedule, SchedulePatch, Timing,
};
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use serde_json::json;

use crate::bench::{Bench, Do, TEST, operator};

fn every_second(catch_up: CatchUp) -> NewSchedule {
    NewSchedule {
        name: "tick".into(),
        kind: "test.do".into(),
        queue: "test".into(),
        args: json!({ "say": "tick" }),
        timing: Timing::Every(Span::from_secs(1)),
        timezone: "Asia/Tehran".into(),
        catch_up,
        enabled: true,
    }
}

async fn two_processes_fire_each_time_once(bench: Bench) {
    bench
        .jobs
        .ensure_schedule(&every_second(CatchUp::All))
        .await
        .unwrap();
    let workers = [
        bench.work(),
        bench.work_with(&bench.other_process(), crate::bench::HURRY, 8),
    ];
    let done = JobFilter {
        state: vec![JobState::Succeeded],
        ..JobFilter::default()
    };
    for _ in 0..1_000 {
        if bench.jobs.count(&done).await.unwrap() >= 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let jobs = bench
        .jobs
        .list(&JobFilter::default(), None, 100)
        .await
        .unwrap()
        .items;
    let mut seconds: Vec<i64> = jobs.iter().map(|job| job.created_at.as_second()).collect();
    seconds.sort_unstable();
    assert!(seconds.len() >= 3);
    // Looked at once a second, a time may be made good a second later, but never twice.
    let span = seconds[seconds.len() - 1] - seconds[0] + 1;
    assert!(
        i64::try_from(seconds.len()).unwrap() <= span + 1,
        "{seconds:?}"
    );
    for worker in workers {
        worker.end().await;
    }
}

async fn what_still_runs_is_not_started_beside_itself(bench: Bench) {
    let slow = NewSchedule {
        args: json!({ "wait": 1 }),
        ..every_second(CatchUp::Once)
    };
    bench.jobs.ensure_schedule(&slow).await.unwrap();
    let worker = bench.work();
    let first = bench.jobs.fire_schedule(&operator(), "tick").await.unwrap();
    bench.until(first.id, JobState::Running).await;
    let again = bench.jobs.fire_schedule(&operator(), "tick").await.unwrap();
    assert_eq!((again.id, again.is_new), (first.id, false));
    bench.gate.add_permits(100);
    bench.until(first.id, JobState::Succeeded).await;
    worker.end().await;
}

async fn what_people_changed_stays_when_the_program_starts_again(bench: Bench) {
    bench
        .jobs
        .ensure_schedule(&every_second(CatchUp::Once))
        .await
        .unwrap();
    let patch = SchedulePatch {
        cron: Some("30 2 * * *".into()),
        ..SchedulePatch::default()
    };
    let changed = bench
        .jobs
        .patch_schedule(&operator(), "tick", patch)
        .await
        .unwrap();
    let view = changed.view(bench.clock.now());
    assert_eq!(
        (view.cron.as_deref(), view.every, view.next.len()),
        (Some("30 2 * * *"), None, 5)
    );
    bench
        .jobs
        .ensure_schedule(&every_second(CatchUp::Once))
        .await
        .unwrap();
    let kept = bench.jobs.get_schedule("tick").await.unwrap();
    assert_eq!(kept.spec.timing, Timing::Cron("30 2 * * *".into()));
    let off = SchedulePatch {
        enabled: Some(false),
        ..SchedulePatch::default()
    };
    let view = bench
        .jobs
        .patch_schedule(&operator(), "tick", off)
        .await
        .unwrap()
        .view(bench.clock.now());
    assert!(view.next.is_empty());
}

async fn bad_changes_are_refused_and_change_nothing(bench: Bench) {
    bench
        .jobs
        .ensure_schedule(&every_second(CatchUp::Once))
        .await
        .unwrap();
    for (patch, field) in [
        (
            SchedulePatch {
                cron: Some("no".into()),
                ..SchedulePatch::default()
            },
            "cron",
        ),
        (
            SchedulePatch {
                every: Some("no".into()),
                ..SchedulePatch::default()
            },
            "every",
        ),
        (
            SchedulePatch {
                every: Some("0s".into()),
                ..SchedulePatch::default()
            },
            "every",
        ),
        (
            SchedulePatch {
                timezone: Some("Mars".into()),
                ..SchedulePatch::default()
            },
            "timezone",
        ),
        (
            SchedulePatch {
                every: Some("1h".into()),
                cron: Some("* * * * *".into()),
                ..SchedulePatch::default()
            },
            "cron",
        ),
    ] {
        let error = bench
            .jobs
            .patch_schedule(&operator(), "tick", patch)
            .await
            .unwrap_err();
        let JobsError::Invalid(fields) = error else {
            panic!("{error}")
        };
        assert_eq!(fields[0].field, field);
    }
    let kept = bench.jobs.get_schedule("tick").await.unwrap();
    assert_eq!(kept.spec, every_second(CatchUp::Once));
}

async fn a_clock_that_jumps_ahead_fires_as_the_rule_says_and_kills_no_worker(bench: Bench) {
    let clock = Clock::fixed(bench.clock.now());
    let jobs = Jobs::new(bench.db.clone(), clock.clone(), Events::default());
    jobs.ensure_schedule(&every_second(CatchUp::Once))
        .await
        .unwrap();
    let worker = bench.work_with(&jobs, crate::bench::HURRY, 8);
    let wait = TEST.job(&Do::Wait(1)).unwrap();
    let held = jobs.enqueue_now(wait).await.unwrap().id;
    bench.until(held, JobState::Running).await;
    let other = bench.work_with(&bench.other_process(), crate::bench::HURRY, 1);
    clock.advance(Duration::from_secs(3_600));
    let tick = JobFilter {
        search: Some("schedule:tick".into()),
        ..JobFilter::default()
    };
    for _ in 0..1_000 {
        if jobs.count(&tick).await.unwrap() > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(
        jobs.count(&tick).await.unwrap(),
        1,
        "an hour of missed seconds is made good once"
    );
    bench.gate.add_permits(1);
    let job = bench.until(held, JobState::Succeeded).await;
    assert_eq!((job.attempts, job.crashes), (1, 0));
    worker.end().await;
    other.end().await;
}

async fn who_starts_a_moment_later_keeps_the_next_time_of_who_came_first(bench: Bench) {
    bench
        .jobs
        .ensure_schedule(&every_second(CatchUp::Once))
        .await
        .unwrap();
    let changed = NewSchedule {
        timing: Timing::Every(Span::from_secs(3_600)),
        ..every_second(CatchUp::Once)
    };
    let tx = bench.db.write().await.unwrap();
    bench.jobs.put_schedule(&tx, &changed).await.unwrap();
    let ahead = Clock::fixed(bench.clock.now() + Duration::from_secs(86_400));
    let other = Jobs::new(bench.db.clone(), ahead, Events::default());
    let (db, again) = (bench.db.clone(), changed.clone());
    let later = tokio::spawn(async move {
        let tx = db.write().await.unwrap();
        other.put_schedule(&tx, &again).await.unwrap();
        tx.commit().await.unwrap();
    });
    until_waiting(&bench, 1).await;
    tx.commit().await.unwrap();
    later.await.unwrap();
    let kept = bench.jobs.get_schedule("tick").await.unwrap();
    let next_at = changed.next_after(bench.clock.now()).unwrap();
    assert_eq!((kept.spec, kept.next_at), (changed, next_at));
}

async fn of_two_changes_at_once_none_is_lost(bench: Bench) {
    bench
        .jobs
        .ensure_schedule(&every_second(CatchUp::Once))
        .await
        .unwrap();
    let tx = bench.db.write().await.unwrap();
    let spec = every_second(CatchUp::Once);
    bench.jobs.put_schedule(&tx, &spec).await.unwrap();
    let zone = SchedulePatch {
        timezone: Some("Europe/Berlin".into()),
        ..SchedulePatch::default()
    };
    let rule = SchedulePatch {
        catch_up: Some(CatchUp::Skip),
        ..SchedulePatch::default()
    };
    let changes = [zone, rule].map(|patch| {
        let jobs = bench.jobs.clone();
        tokio::spawn(async move { jobs.patch_schedule(&operator(), "tick", patch).await })
    });
    until_waiting(&bench, 2).await;
    tx.commit().await.unwrap();
    for change in changes {
        change.await.unwrap().unwrap();
    }
    let spec = bench.jobs.get_schedule("tick").await.unwrap().spec;
    assert_eq!(
        (spec.timezone.as_str(), spec.catch_up),
        ("Europe/Berlin", CatchUp::Skip)
    );
}

/// Waits until so many wait for a lock; SQLite has one writer, who is waited for in any case.
async fn until_waiting(bench: &Bench, wanted: usize) {
    if bench.postgres.is_none() {
        return;
    }
    let sql = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    for _ in 0..1_000 {
        let statement = Statement::from_string(DatabaseBackend::Postgres, sql);
        let waiting = bench.db.read().query_all_raw(statement).await.unwrap();
        if waiting.len() == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{wanted} should wait for a lock");
}

dabir_testing::on_both!(
    who_starts_a_moment_later_keeps_the_next_time_of_who_came_first,
    of_two_changes_at_once_none_is_lost,
    two_processes_fire_each_time_once,
    what_still_runs_is_not_started_beside_itself,
    what_people_changed_stays_when_the_program_starts_again,
    bad_changes_are_refused_and_change_nothing,
    a_clock_that_jumps_ahead_fires_as_the_rule_says_and_kills_no_worker,
);
