//! Whole runs: first, again with nothing new, with changes, with people who left.

use dabir_sync::{Mode, Status, SyncError};

use crate::bench::{Bench, operator, succeeded};

dabir_testing::on_both!(
    every_row_is_there_once_and_nothing_is_written_twice,
    changes_are_told_apart_and_kept,
    those_who_left_are_marked_and_come_back,
    too_many_who_left_are_held_until_somebody_accepts,
    only_what_changed_is_asked_for,
    a_second_start_is_refused_with_the_first_ones_number,
    a_due_source_is_synced_unless_it_runs,
);

async fn every_row_is_there_once_and_nothing_is_written_twice(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    let first = bench.sync(&syncs, Mode::Full).await;
    succeeded(&first);
    assert_eq!(bench.rows().await, 400);
    assert_eq!((first.run.counts.new, first.run.records_count), (400, 400));
    assert_eq!(first.run.progress.total, Some(400));
    assert_eq!(first.cells.len(), 4);
    assert_eq!(first.cells[3].label, "1101/4002");
    assert_eq!(
        (first.cells[3].pages_done, first.cells[3].pages_total),
        (2, Some(2))
    );
    assert_eq!(
        (bench.gateway.asked().len(), bench.gateway.logins()),
        (8, 1)
    );
    let written = bench
        .number("SELECT MAX(_updated_at) FROM \"Students\"")
        .await;

    let second = bench.sync(&syncs, Mode::Full).await;
    succeeded(&second);
    assert_eq!((second.run.counts.same, second.run.counts.new), (400, 0));
    assert!(second.changes.is_empty());
    let untouched = bench
        .number("SELECT MAX(_updated_at) FROM \"Students\"")
        .await;
    assert_eq!(written, untouched);
    let sql = format!(
        "SELECT COUNT(*) FROM data_syncs WHERE source = 'students' AND status = 'success' AND records_count = 400 AND duration >= 0 AND id <= {}",
        second.run.id
    );
    assert_eq!(bench.number(&sql).await, 2);
    assert_eq!(bench.number("SELECT COUNT(*) FROM sync_seen").await, 0);
    working.end().await;
}

async fn changes_are_told_apart_and_kept(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench
        .gateway
        .set(|gateway| gateway.changed = [(3, 1), (77, 2)].into());
    let second = bench.sync(&syncs, Mode::Full).await;
    succeeded(&second);
    assert_eq!(
        (second.run.counts.changed, second.run.counts.same),
        (8, 392)
    );
    let change = second
        .changes
        .iter()
        .find(|c| c.key == "1100400100000003")
        .unwrap();
    assert_eq!(change.kind, "changed");
    assert_eq!(change.before.as_ref().unwrap()["lastName"], "رضایی 0");
    assert_eq!(change.after.as_ref().unwrap()["lastName"], "رضایی 1");
    assert!(
        change.after.as_ref().unwrap().get("age").is_none(),
        "it did not change"
    );
    working.end().await;
}

async fn those_who_left_are_marked_and_come_back(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench.gateway.set(|gateway| gateway.left = [5, 6].into());
    let second = bench.sync(&syncs, Mode::Full).await;
    succeeded(&second);
    assert_eq!(
        (second.run.counts.vanished, second.run.counts.same),
        (8, 392)
    );
    assert_eq!(bench.rows().await, 392);
    assert_eq!(
        bench.number("SELECT COUNT(*) FROM \"Students\"").await,
        400,
        "marked, not removed"
    );
    bench.gateway.set(|gateway| gateway.left.clear());
    let third = bench.sync(&syncs, Mode::Full).await;
    succeeded(&third);
    assert_eq!(
        (third.run.counts.changed, third.run.counts.vanished),
        (8, 0)
    );
    assert!(third.changes.iter().all(|change| change.kind == "returned"));
    assert_eq!(bench.rows().await, 400);
    working.end().await;
}

async fn too_many_who_left_are_held_until_somebody_accepts(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench
        .gateway
        .set(|gateway| gateway.left = (0..60).collect());
    let second = bench.sync(&syncs, Mode::Full).await;
    assert_eq!(second.run.status, Status::Failed);
    assert_eq!(
        (second.run.counts.held, second.run.counts.vanished),
        (240, 0)
    );
    assert!(
        second
            .run
            .error_message
            .as_ref()
            .unwrap()
            .contains("240 rows are gone")
    );
    assert_eq!(bench.rows().await, 400);
    let accepted = syncs.accept_run(&operator(), second.run.id).await.unwrap();
    assert_eq!((accepted.counts.held, accepted.counts.vanished), (0, 240));
    assert_eq!(accepted.status, Status::Success, "nothing else was wrong");
    assert_eq!(bench.rows().await, 160);
    assert!(
        syncs.accept_run(&operator(), second.run.id).await.is_err(),
        "once is enough"
    );
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    working.end().await;
}

async fn only_what_changed_is_asked_for(bench: Bench) {
    let incremental =
        serde_json::json!({ "incremental": { "field": "updated_at", "param": "Filter.since" } });
    let syncs = bench.syncs(vec![bench.source(&incremental)]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench
        .gateway
        .set(|gateway| gateway.changed = [(9, 4)].into());
    let news = bench.sync(&syncs, Mode::Incremental).await;
    succeeded(&news);
    // The boundary and what lies before it by the overlap are asked for again.
    assert_eq!((news.run.counts.changed, news.run.counts.vanished), (4, 0));
    let since = bench
        .text("SELECT since FROM sync_cell WHERE since IS NOT NULL LIMIT 1")
        .await;
    assert_eq!(since.as_deref(), Some("2026-10-31T23:50:00Z"));
    bench.gateway.forget();
    let again = bench.sync(&syncs, Mode::Incremental).await;
    succeeded(&again);
    assert_eq!((again.run.counts.same, again.run.counts.changed), (4, 0));
    let asked = bench.gateway.served();
    assert!(
        asked
            .iter()
            .all(|asked| asked.since.as_deref() == Some("2026-11-04T23:50:00Z")),
        "{asked:?}"
    );
    let refused = bench.syncs(vec![bench.students()]);
    let refused = refused
        .sync(&operator(), "students", Mode::Incremental)
        .await;
    assert!(matches!(refused, Err(SyncError::Invalid(_))));
    working.end().await;
}

async fn a_second_start_is_refused_with_the_first_ones_number(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let first = syncs
        .sync(&operator(), "students", Mode::Full)
        .await
        .unwrap();
    assert_eq!(first.status, Status::Pending);
    let (by, other) = (operator(), bench.syncs(vec![bench.students()]));
    let (one, two) = tokio::join!(
        other.sync(&by, "students", Mode::Full),
        syncs.retry_run(&by, first.id),
    );
    let Err(SyncError::Running { run, .. }) = one else {
        panic!("{one:?}");
    };
    assert_eq!(run, first.id);
    assert!(matches!(two, Err(SyncError::State(_))), "{two:?}");
    let cancelled = syncs.cancel_run(&operator(), first.id).await.unwrap();
    assert_eq!(cancelled.status, Status::Cancelled, "it waited");
    syncs
        .sync(&operator(), "students", Mode::Full)
        .await
        .unwrap();
}

async fn a_due_source_is_synced_unless_it_runs(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    syncs.put_schedules().await.unwrap();
    let schedules = bench.jobs.schedules().await.unwrap();
    assert_eq!(schedules.len(), 1);
    assert_eq!(schedules[0].spec.name, "sync:students");
    bench
        .jobs
        .fire_schedule(&operator(), "sync:students")
        .await
        .unwrap();
    let working = bench.work(&syncs);
    let view = dabir_testing::eventually("a run", std::time::Duration::from_secs(60), async || {
        let view = syncs.get_source("students").await.unwrap();
        view.last_run
            .clone()
            .filter(|run| run.status.is_end())
            .map(|_| view)
    })
    .await;
    assert_eq!(view.last_run.unwrap().created_by, "schedule");
    assert_eq!((view.rows, view.health), (400, dabir_sync::Health::Healthy));
    assert!(view.next_at.is_some());
    syncs
        .patch_source(
            &operator(),
            "students",
            serde_json::json!({ "enabled": false }),
        )
        .await
        .unwrap();
    assert!(bench.jobs.schedules().await.unwrap().is_empty());
    working.end().await;
}
