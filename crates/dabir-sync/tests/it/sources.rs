//! Sources that are made over the API: what is allowed, what is shown, what is kept.

use dabir_http::Egress;
use dabir_sync::{Health, Mode, Origin, SyncError};
use serde_json::{Value, json};

use crate::bench::{Bench, operator, succeeded};

dabir_testing::on_both!(
    secrets_are_sealed_and_never_shown,
    what_is_not_allowed_is_refused_by_its_key,
    the_predefined_sources_wait_for_a_login,
    a_source_of_the_file_has_a_switch_and_nothing_else,
    a_test_shows_rows_and_writes_nothing,
    what_is_inside_is_reached_only_when_the_file_lists_it,
    partitions_come_from_a_table_of_another_source,
);

fn inside() -> Egress {
    Egress::new(vec!["127.0.0.0/8".parse().unwrap()])
}

async fn secrets_are_sealed_and_never_shown(bench: Bench) {
    let syncs = bench.syncs_with(Vec::new(), inside());
    let source = bench.source(&json!({ "enabled": false }));
    let made = syncs.create_source(&operator(), source).await.unwrap();
    let shown = serde_json::to_string(&made).unwrap();
    assert!(
        !shown.contains("correct horse") && shown.contains("********"),
        "{shown}"
    );
    for table in ["sync_source", "audit"] {
        let column = if table == "audit" {
            "after"
        } else {
            "spec || sealed"
        };
        let kept = bench
            .text(&format!("SELECT {column} FROM {table}"))
            .await
            .unwrap();
        assert!(!kept.contains("correct horse"), "{kept}");
    }
    let patch =
        json!({ "page_size": 20, "login": { "body": { "password": "********" } }, "total": null });
    let patched = syncs
        .patch_source(&operator(), "students", patch)
        .await
        .unwrap();
    assert_eq!(
        (patched.source.page_size, patched.source.total.clone()),
        (20, None)
    );
    syncs
        .patch_source(&operator(), "students", json!({ "total": "totalCount" }))
        .await
        .unwrap();
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    let wrong = json!({ "login": { "body": { "password": "wrong" } } });
    syncs
        .patch_source(&operator(), "students", wrong)
        .await
        .unwrap();
    assert!(
        bench
            .sync(&syncs, Mode::Full)
            .await
            .run
            .error_message
            .is_some()
    );
    working.end().await;
    syncs.delete_source(&operator(), "students").await.unwrap();
    let builtin = syncs.get_source("students").await.unwrap();
    assert_eq!(builtin.origin, Origin::Builtin, "as it was at first");
    assert_eq!(bench.rows().await, 400, "what was synced stays");
}

async fn what_is_not_allowed_is_refused_by_its_key(bench: Bench) {
    let syncs = bench.syncs_with(Vec::new(), inside());
    let refused = async |other: Value| {
        let source = bench.source(&other);
        match syncs.create_source(&operator(), source).await {
            Err(SyncError::Invalid(fields)) => fields[0].field.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        refused(json!({ "kind": "command", "command": ["id"] })).await,
        "kind"
    );
    assert_eq!(refused(json!({ "table": "audit" })).await, "table");
    assert_eq!(refused(json!({ "table": "Data_Syncs" })).await, "table");
    assert_eq!(refused(json!({ "key": [] })).await, "key");
    let login =
        json!({ "url": "http://10.1.2.3/Login", "body": { "password": "x" }, "token": "t" });
    assert_eq!(refused(json!({ "login": login })).await, "login.url");
    let marked = json!({ "url": bench.gateway.login_url(), "body": { "password": "********" }, "token": "t" });
    assert_eq!(
        refused(json!({ "login": marked })).await,
        "login.body.password"
    );
    syncs
        .create_source(&operator(), bench.source(&json!({ "name": "one" })))
        .await
        .unwrap();
    let twice = syncs
        .create_source(&operator(), bench.source(&json!({ "name": "one" })))
        .await;
    assert!(matches!(twice, Err(SyncError::Exists(_))));
    let renamed = syncs
        .patch_source(&operator(), "one", json!({ "name": "two" }))
        .await;
    assert!(matches!(renamed, Err(SyncError::Invalid(_))));
    let unknown = syncs
        .patch_source(&operator(), "one", json!({ "pagesize": 3 }))
        .await;
    assert!(matches!(unknown, Err(SyncError::Invalid(_))));
}

async fn the_predefined_sources_wait_for_a_login(bench: Bench) {
    let syncs = bench.syncs(Vec::new());
    let all = syncs.list_sources().await.unwrap();
    let names: Vec<&str> = all.iter().map(|view| view.source.name.as_str()).collect();
    assert_eq!(names, ["faculty", "students"]);
    assert!(
        all.iter()
            .all(|view| view.health == Health::Off || view.health == Health::Never)
    );
    assert_eq!(all[1].partitions_count, Some(4));
    syncs.put_schedules().await.unwrap();
    assert!(bench.jobs.schedules().await.unwrap().is_empty());
    let patch =
        json!({ "enabled": true, "login": { "body": { "userName": "u", "password": "s3cret" } } });
    let patched = syncs
        .patch_source(&operator(), "faculty", patch)
        .await
        .unwrap();
    assert_eq!(
        (patched.origin, patched.source.enabled),
        (Origin::Api, true)
    );
    assert!(patched.next_at.is_some());
    assert!(syncs.delete_source(&operator(), "students").await.is_err());
}

async fn a_source_of_the_file_has_a_switch_and_nothing_else(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let view = syncs.get_source("students").await.unwrap();
    assert_eq!(view.origin, Origin::File);
    let refused = syncs
        .patch_source(&operator(), "students", json!({ "page_size": 3 }))
        .await;
    assert!(matches!(refused, Err(SyncError::InFile(_))));
    assert!(matches!(
        syncs.delete_source(&operator(), "students").await,
        Err(SyncError::InFile(_))
    ));
    let patch = json!({ "interval": "30m", "enabled": true });
    let patched = syncs
        .patch_source(&operator(), "students", patch)
        .await
        .unwrap();
    assert_eq!(patched.source.interval.to_string(), "30m");
    let again = bench
        .syncs(vec![bench.students()])
        .get_source("students")
        .await
        .unwrap();
    assert_eq!(
        again.source.interval.to_string(),
        "30m",
        "it outlives a restart"
    );
}

async fn a_test_shows_rows_and_writes_nothing(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let tested = syncs.test("students").await.unwrap();
    assert!(tested.ok, "{tested:?}");
    assert_eq!(
        (tested.total, tested.rows_count, tested.rows.len()),
        (Some(100), 50, 10)
    );
    assert_eq!(tested.partitions_count, 4);
    assert_eq!(tested.rows[0]["studentnum"], "1100400100000000");
    assert!(
        tested
            .columns
            .iter()
            .any(|column| column.name == "gpa" && column.kind == "real")
    );
    assert_eq!(bench.number("SELECT COUNT(*) FROM sync_table").await, 0);
}

async fn what_is_inside_is_reached_only_when_the_file_lists_it(bench: Bench) {
    let syncs = bench.syncs_with(Vec::new(), inside());
    syncs
        .create_source(&operator(), bench.students())
        .await
        .unwrap();
    // Another process, whose file lists nothing.
    let strict = bench.syncs(Vec::new());
    let working = bench.work(&strict);
    let run = bench.sync(&strict, Mode::Full).await;
    assert!(run.run.error_message.unwrap().contains("[egress] private"));
    assert!(bench.gateway.asked().is_empty() && bench.gateway.logins() == 0);
    working.end().await;
}

async fn partitions_come_from_a_table_of_another_source(bench: Bench) {
    let first = bench.source(&json!({ "name": "campuses", "table": "campuses", "partitions": { "campus": ["1100"], "term": ["4001"] } }));
    bench.gateway.set(|gateway| gateway.rows = 3);
    let asks = json!({ "partitions": { "campus": ["7"], "term": { "sql": "SELECT age FROM campuses WHERE age <> '19'" } } });
    let syncs = bench.syncs(vec![first, bench.source(&asks)]);
    let working = bench.work(&syncs);
    let early = bench.sync(&syncs, Mode::Full).await;
    assert!(
        early
            .run
            .error_message
            .unwrap()
            .contains("no source has filled")
    );
    let run = syncs
        .sync(&operator(), "campuses", Mode::Full)
        .await
        .unwrap();
    succeeded(&bench.ended(&syncs, run.id).await);
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    let labels: Vec<&str> = run.cells.iter().map(|cell| cell.label.as_str()).collect();
    assert_eq!(labels, ["7/18", "7/20"]);
    working.end().await;
}
