//! Nothing is taken for gone that nobody knows to be gone, and no value stays that the source has no
//! more, whatever a gateway serves and wherever a run is cut off.

use std::time::Duration;

use dabir_sync::{Mode, Status};
use dabir_testing::gateway::{Asked, PageFault, Planned, Script};
use sea_orm::{ConnectionTrait, DatabaseBackend};
use serde_json::{Value, json};

use crate::bench::{Bench, operator, succeeded};

dabir_testing::on_both!(
    many_small_partitions_that_are_empty_at_once_are_held,
    a_key_that_is_called_otherwise_takes_nobody_for_gone,
    a_job_that_is_tried_again_after_a_later_run_takes_nobody_for_gone,
    a_retry_whose_keys_were_forgotten_begins_anew,
    pages_that_overlap_take_nobody_for_gone,
    a_row_that_cannot_be_kept_is_not_gone,
    a_list_that_moved_before_a_crash_is_read_again_after_it,
    a_run_that_is_killed_while_it_marks_marks_each_row_once,
    a_run_begins_anew_when_its_source_is_another_one,
    a_first_run_has_no_news_even_after_one_that_failed,
);

/// A page with these rows.
fn page(rows: &[Value], total: usize) -> Option<String> {
    Some(json!({ "data": rows, "totalCount": total }).to_string())
}

async fn many_small_partitions_that_are_empty_at_once_are_held(bench: Bench) {
    let campuses: Vec<String> = (0..20).map(|n| format!("{n:04}")).collect();
    let partitions = json!({ "partitions": { "campus": campuses, "term": ["4001"] } });
    bench.gateway.set(|gateway| gateway.rows = 40);
    let syncs = bench.syncs(vec![bench.source(&partitions)]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench
        .gateway
        .set(|gateway| gateway.script = Script::new(|_| page(&[], 0)));
    let run = bench.sync(&syncs, Mode::Full).await.run;
    assert_eq!(run.status, Status::Failed);
    assert_eq!((run.counts.held, run.counts.vanished), (800, 0));
    assert_eq!(bench.rows().await, 800);
    let accepted = syncs.accept_run(&operator(), run.id).await.unwrap();
    assert_eq!(accepted.counts.vanished, 800);
    assert_eq!(bench.rows().await, 0);
    working.end().await;
}

async fn a_key_that_is_called_otherwise_takes_nobody_for_gone(bench: Bench) {
    bench.gateway.set(|gateway| gateway.rows = 40);
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench.gateway.set(|gateway| {
        gateway.renamed = Some(("studentnum".to_owned(), "studentNo".to_owned()));
    });
    let run = bench.sync(&syncs, Mode::Full).await.run;
    assert_eq!(run.status, Status::Failed);
    assert!(run.error_message.unwrap().contains("none of the 160 rows"));
    assert_eq!((bench.rows().await, run.counts.vanished), (160, 0));
    working.end().await;
}

async fn a_job_that_is_tried_again_after_a_later_run_takes_nobody_for_gone(bench: Bench) {
    // So few that no guard would hold them back.
    bench.gateway.set(|gateway| gateway.rows = 10);
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    bench
        .gateway
        .set(|gateway| gateway.broken = Some(("1101".to_owned(), 500)));
    let first = bench.sync(&syncs, Mode::Full).await.run;
    assert_eq!(first.status, Status::Failed);
    bench.gateway.set(|gateway| gateway.broken = None);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    let job = first.job_id.unwrap();
    bench.jobs.retry(&operator(), job, None).await.unwrap();
    let limit = Duration::from_secs(20);
    dabir_testing::eventually("the job's end", limit, async || {
        let job = bench.jobs.get(job).await.unwrap();
        job.state.is_end().then_some(())
    })
    .await;
    let revived = syncs.run_detail(first.id).await.unwrap();
    assert_eq!((bench.rows().await, revived.run.counts.vanished), (40, 0));
    working.end().await;
}

async fn a_retry_whose_keys_were_forgotten_begins_anew(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench.gateway.forget();
    bench.gateway.set(|gateway| {
        let fault = PageFault::Status(404);
        let (every, times) = (2, 1);
        gateway.faults = vec![Planned {
            fault,
            every,
            times,
        }];
    });
    let failed = bench.sync(&syncs, Mode::Full).await.run;
    assert_eq!(failed.records_count, 200, "the first page of each");
    bench.execute("DELETE FROM sync_seen").await;
    let retried = syncs.retry_run(&operator(), failed.id).await.unwrap();
    let retried = bench.ended(&syncs, retried.id).await;
    succeeded(&retried);
    assert_eq!((bench.rows().await, retried.run.counts.vanished), (400, 0));
    assert_eq!(retried.run.counts.same, 400, "all of it was read");
    working.end().await;
}

async fn pages_that_overlap_take_nobody_for_gone(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench.gateway.set(|gateway| gateway.overlaps = true);
    bench.gateway.forget();
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    assert_eq!((bench.rows().await, run.run.counts.vanished), (400, 0));
    assert_eq!(bench.gateway.asked().len(), 16, "they were read twice");
    let errors = run.cells.iter().map(|cell| cell.error.as_deref().unwrap());
    assert!(errors.into_iter().all(|error| error.contains("99 of 100")));
    working.end().await;
}

async fn a_row_that_cannot_be_kept_is_not_gone(bench: Bench) {
    let one = json!({ "partitions": { "campus": ["1100"], "term": ["4001"] } });
    let syncs = bench.syncs(vec![bench.source(&one)]);
    let working = bench.work(&syncs);
    let with = |name: &str| {
        let name = name.to_owned();
        Script::new(move |_| {
            let good = json!({ "studentnum": "1", "lastName": "x" });
            page(&[good, json!({ "studentnum": "2", "lastName": name })], 2)
        })
    };
    bench.gateway.set(|gateway| gateway.script = with("y"));
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench.gateway.set(|gateway| gateway.script = with("y\0"));
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    assert_eq!((run.run.counts.failed, run.run.counts.vanished), (1, 0));
    assert_eq!(bench.rows().await, 2);
    working.end().await;
}

async fn a_list_that_moved_before_a_crash_is_read_again_after_it(bench: Bench) {
    let one = json!({
        "page_size": 2, "concurrency": 1,
        "partitions": { "campus": ["1100"], "term": ["4001"] },
    });
    bench.gateway.set(|gateway| {
        gateway.gated = true;
        gateway.script = Script::new(|asked: &Asked| {
            let from = (asked.page - 1) * 2;
            let rows: Vec<Value> = (from..from + 2)
                .map(|n| json!({ "studentnum": n }))
                .collect();
            page(&rows, if asked.page == 1 { 7 } else { 8 })
        });
    });
    let syncs = bench.syncs(vec![bench.source(&one)]);
    let working = bench.work(&syncs);
    let run = syncs
        .sync(&operator(), "students", Mode::Full)
        .await
        .unwrap();
    bench.gateway.let_pass(2);
    bench
        .until(&syncs, run.id, |run| run.records_count >= 4)
        .await;
    working.kill().await;
    bench.gateway.let_pass(100);
    let working = bench.work(&syncs);
    let run = bench.ended(&syncs, run.id).await;
    succeeded(&run);
    let firsts = bench.gateway.served();
    let firsts = firsts.iter().filter(|asked| asked.page == 1).count();
    assert_eq!(firsts, 2, "{:?}", run.cells);
    working.end().await;
}

async fn a_run_that_is_killed_while_it_marks_marks_each_row_once(bench: Bench) {
    bench.gateway.set(|gateway| gateway.rows = 12_000);
    let one = json!({ "page_size": 1_000, "partitions": { "campus": ["1100"], "term": ["4001"] } });
    let syncs = bench.syncs(vec![bench.source(&one)]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench
        .gateway
        .set(|gateway| gateway.left = (0..2_300).map(|n| n * 5).collect());
    let run = syncs
        .sync(&operator(), "students", Mode::Full)
        .await
        .unwrap();
    let marked = "SELECT COUNT(*) FROM \"Students\" WHERE _deleted_at IS NOT NULL";
    // Whoever holds the turn to write sees the first marks, and nobody can write the next ones.
    let turn = loop {
        let turn = bench.db.write().await.unwrap();
        if turn.get_database_backend() == DatabaseBackend::Postgres {
            let lock = "LOCK TABLE \"Students\" IN SHARE ROW EXCLUSIVE MODE";
            turn.execute_unprepared(lock).await.unwrap();
        }
        if bench.number(marked).await > 0 {
            break turn;
        }
        drop(turn);
    };
    assert!(bench.number(marked).await < 2_300, "some are left");
    working.kill_in(turn).await;
    let working = bench.work(&syncs);
    let run = bench.ended(&syncs, run.id).await;
    succeeded(&run);
    assert_eq!(bench.number(marked).await, 2_300);
    assert_eq!((run.run.counts.vanished, run.run.counts.held), (2_300, 0));
    working.end().await;
}

async fn a_run_begins_anew_when_its_source_is_another_one(bench: Bench) {
    bench.gateway.set(|gateway| gateway.gated = true);
    let before = bench.syncs(vec![bench.source(&json!({ "page_size": 10 }))]);
    let working = bench.work(&before);
    let run = before
        .sync(&operator(), "students", Mode::Full)
        .await
        .unwrap();
    bench.gateway.let_pass(6);
    bench
        .until(&before, run.id, |run| run.records_count >= 60)
        .await;
    working.kill().await;
    bench.gateway.let_pass(1_000);
    let after = bench.syncs(vec![bench.source(&json!({ "page_size": 40 }))]);
    let working = bench.work(&after);
    let run = bench.ended(&after, run.id).await;
    succeeded(&run);
    assert_eq!((bench.rows().await, run.run.records_count), (400, 400));
    let pages = 4 * 3;
    assert_eq!((run.run.requests, run.cells[0].pages_done), (pages + 1, 3));
    working.end().await;
}

async fn a_first_run_has_no_news_even_after_one_that_failed(bench: Bench) {
    bench
        .gateway
        .set(|gateway| gateway.password = "another".to_owned());
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    assert_eq!(
        bench.sync(&syncs, Mode::Full).await.run.status,
        Status::Failed
    );
    bench
        .gateway
        .set(|gateway| gateway.password = "correct horse".to_owned());
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    assert!(run.notes.added.is_empty(), "{:?}", run.notes);
    working.end().await;
}
