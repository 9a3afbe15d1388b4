//! A gateway in trouble: what passes is waited for, what does not costs its partition alone.

use std::time::Duration;

use dabir_core::Event;
use dabir_sync::{Mode, Status};
use dabir_testing::gateway::{PageFault, Planned};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::bench::{Bench, operator, succeeded};

dabir_testing::on_both!(
    what_passes_is_waited_for,
    a_token_that_runs_out_is_renewed_once_for_all,
    a_wrong_password_ends_the_run_at_once_and_is_never_told,
    a_broken_campus_costs_itself_alone_and_is_tried_again_alone,
    a_list_without_a_total_ends_at_an_empty_page,
    smaller_pages_than_asked_for_lose_no_row,
    rows_that_overlap_are_there_once,
    an_error_is_cut_between_characters_and_listeners_hear_of_it,
);

async fn what_passes_is_waited_for(bench: Bench) {
    let syncs = bench.syncs(vec![
        bench.source(&json!({ "page_size": 10, "request_timeout": "400ms" })),
    ]);
    let working = bench.work(&syncs);
    let plan = |fault, every| Planned {
        fault,
        every,
        times: 2,
    };
    bench.gateway.set(|gateway| {
        gateway.faults = vec![
            plan(PageFault::Throttle(0), 8),
            plan(PageFault::Status(500), 7),
            plan(PageFault::Truncate, 6),
            plan(PageFault::Html, 5),
            plan(PageFault::Partial, 4),
            plan(PageFault::NoList, 3),
            Planned {
                fault: PageFault::Hang,
                every: 10,
                times: 1,
            },
        ];
    });
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    assert_eq!((bench.rows().await, run.run.counts.new), (400, 400));
    assert!(run.run.repeats >= 40, "{}", run.run.repeats);
    let log = bench
        .jobs
        .log(run.run.job_id.unwrap(), None, 1_000)
        .await
        .unwrap();
    assert!(log.iter().any(|line| line.line.contains("only half")));
    assert!(log.iter().any(|line| line.line.contains("answered 500")));
    working.end().await;
}

async fn a_token_that_runs_out_is_renewed_once_for_all(bench: Bench) {
    bench.gateway.set(|gateway| gateway.pages_a_token = Some(7));
    let syncs = bench.syncs(vec![bench.source(&json!({ "page_size": 10 }))]);
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    assert_eq!(bench.rows().await, 400);
    // Forty pages by seven, and not one login a refused request.
    assert!(
        (6..=10).contains(&bench.gateway.logins()),
        "{}",
        bench.gateway.logins()
    );
    bench.gateway.set(|gateway| gateway.pages_a_token = Some(0));
    let run = bench.sync(&syncs, Mode::Full).await;
    assert_eq!(run.run.status, Status::Failed);
    assert!(run.run.error_message.unwrap().contains("refuses"));
    working.end().await;
}

async fn a_wrong_password_ends_the_run_at_once_and_is_never_told(bench: Bench) {
    bench
        .gateway
        .set(|gateway| gateway.password = "another".to_owned());
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await;
    assert_eq!(run.run.status, Status::Failed);
    let error = run.run.error_message.clone().unwrap();
    assert!(
        error.contains("401") && error.contains("password"),
        "{error}"
    );
    assert_eq!(bench.gateway.refused(), 1, "more tries would lock it");
    let tested = syncs.test("students").await.unwrap();
    assert!(!tested.ok);
    let all = format!(
        "{run:?}{tested:?}{:?}",
        syncs.get_source("students").await.unwrap()
    );
    assert!(!all.contains("correct horse"), "{all}");
    working.end().await;
}

async fn a_broken_campus_costs_itself_alone_and_is_tried_again_alone(bench: Bench) {
    bench
        .gateway
        .set(|gateway| gateway.broken = Some(("1101".to_owned(), 500)));
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await;
    assert_eq!(run.run.status, Status::Failed);
    assert_eq!((bench.rows().await, run.run.records_count), (200, 200));
    let states: Vec<Status> = run.cells.iter().map(|cell| cell.status).collect();
    assert_eq!(
        states,
        [
            Status::Success,
            Status::Success,
            Status::Failed,
            Status::Failed
        ]
    );
    let error = run.run.error_message.clone().unwrap();
    assert!(
        error.contains("2 of 4 partitions failed") && error.contains("1101/4001"),
        "{error}"
    );
    assert!(error.chars().count() <= 500);
    // The gateway repeats our own password in its error.
    let log = bench
        .jobs
        .log(run.run.job_id.unwrap(), None, 1_000)
        .await
        .unwrap();
    let all = format!("{run:?}{log:?}");
    assert!(!all.contains("correct horse"), "{all}");

    bench.gateway.set(|gateway| gateway.broken = None);
    bench.gateway.forget();
    let retried = syncs.retry_run(&operator(), run.run.id).await.unwrap();
    assert_eq!(retried.retry_of, Some(run.run.id));
    let retried = bench.ended(&syncs, retried.id).await;
    succeeded(&retried);
    assert_eq!((retried.cells.len(), retried.run.counts.new), (2, 200));
    assert!(
        bench
            .gateway
            .asked()
            .iter()
            .all(|asked| asked.campus == "1101")
    );
    assert_eq!(bench.rows().await, 400);
    working.end().await;
}

async fn a_list_without_a_total_ends_at_an_empty_page(bench: Bench) {
    bench.gateway.set(|gateway| gateway.says_total = false);
    let mut source = bench.students();
    source.total = None;
    let syncs = bench.syncs(vec![source]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    assert_eq!((bench.rows().await, bench.gateway.asked().len()), (400, 12));
    working.end().await;
}

async fn smaller_pages_than_asked_for_lose_no_row(bench: Bench) {
    bench.gateway.set(|gateway| gateway.most_rows = 30);
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    assert_eq!((bench.rows().await, bench.gateway.asked().len()), (400, 16));
    working.end().await;
}

async fn rows_that_overlap_are_there_once(bench: Bench) {
    bench.gateway.set(|gateway| gateway.overlaps = true);
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    // Of each second page the first row is one that came before; row 50 never comes.
    assert_eq!((bench.rows().await, run.run.counts.new), (396, 396));
    assert_eq!(run.run.counts.same, 4);
    working.end().await;
}

async fn an_error_is_cut_between_characters_and_listeners_hear_of_it(bench: Bench) {
    bench
        .gateway
        .set(|gateway| gateway.broken = Some(("پردیس".to_owned(), 404)));
    let terms: Vec<String> = (0..60).map(|n| format!("نیمسال {n}")).collect();
    let partitions = json!({ "partitions": { "campus": ["پردیس"], "term": terms } });
    let syncs = bench.syncs(vec![bench.source(&partitions)]);
    let mut heard = bench.events.subscribe(None).receiver;
    let ends = CancellationToken::new();
    let telling = tokio::spawn(dabir_sync::worker::tell(syncs.clone(), ends.clone()));
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await;
    let error = run.run.error_message.unwrap();
    assert_eq!(error.chars().count(), 500);
    assert!(
        error.starts_with("60 of 60 partitions failed") && error.ends_with('…'),
        "{error}"
    );
    assert_eq!(
        bench.gateway.asked().len(),
        60,
        "what is not there is not asked for again"
    );
    bench.gateway.set(|gateway| gateway.broken = None);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    let mut words = Vec::new();
    let limit = Duration::from_secs(20);
    while words.last().is_none_or(|word| word != "recovered") {
        let event = tokio::time::timeout(limit, heard.recv())
            .await
            .unwrap()
            .unwrap();
        if let Event::SyncChanged { source, status, .. } = event.event {
            assert_eq!(source, "students");
            words.push(status);
        }
    }
    assert!(
        words.contains(&"failed".to_owned()) && words.contains(&"success".to_owned()),
        "{words:?}"
    );
    working.end().await;
    ends.cancel();
    telling.await.unwrap();
}
