//! A gateway whose rows change their shape, and rows that cannot be taken.

use dabir_sync::Mode;
use serde_json::json;

use crate::bench::{Bench, operator, succeeded};

dabir_testing::on_both!(
    columns_are_added_and_widened_and_missed,
    bad_rows_wait_and_can_be_replayed,
    names_from_the_gateway_are_harmless,
);

async fn columns_are_added_and_widened_and_missed(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    let first = bench.sync(&syncs, Mode::Full).await;
    assert!(first.notes.added.is_empty(), "a first run has no news");
    bench.gateway.set(|gateway| {
        gateway.new_column = Some("شماره".to_owned());
        gateway.texts = [7].into();
        gateway.renamed = Some(("c0".to_owned(), "c9".to_owned()));
    });
    let second = bench.sync(&syncs, Mode::Full).await;
    succeeded(&second);
    assert_eq!(second.notes.added, ["شماره", "c9"]);
    assert_eq!(second.notes.widened, ["age: integer → text"]);
    assert_eq!(second.notes.missing, ["c0"]);
    let kept = "SELECT c0 FROM \"Students\" WHERE studentnum = '1100400100000007'";
    assert_eq!(
        bench.text(kept).await.as_deref(),
        Some("value 7 of 0"),
        "what stood there stays"
    );
    let age = "SELECT age FROM \"Students\" WHERE studentnum = '1100400100000008'";
    assert_eq!(bench.text(age).await.as_deref(), Some("26"));
    bench.gateway.set(|gateway| gateway.texts.clear());
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    working.end().await;
}

async fn bad_rows_wait_and_can_be_replayed(bench: Bench) {
    bench
        .gateway
        .set(|gateway| gateway.nameless = [3, 4].into());
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    assert_eq!((bench.rows().await, run.run.counts.failed), (392, 8));
    let page = syncs.list_quarantined("students", None, 100).await.unwrap();
    assert_eq!(page.items.len(), 8);
    assert!(page.items[0].reason.contains("`studentnum`"));
    assert!(page.items[0].raw.contains("firstName"));
    // Once more does not make more of them.
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    assert_eq!(
        syncs
            .list_quarantined("students", None, 100)
            .await
            .unwrap()
            .items
            .len(),
        8
    );
    assert_eq!(
        syncs.replay(&operator(), "students", None).await.unwrap(),
        0,
        "they are as bad as before"
    );
    // With another key the same rows are good.
    let other = bench.syncs(vec![
        bench.source(&json!({ "key": ["firstName", "campus", "term"] })),
    ]);
    let ids: Vec<i64> = syncs
        .list_quarantined("students", None, 100)
        .await
        .unwrap()
        .items
        .iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(
        other
            .replay(&operator(), "students", Some(&ids[..3]))
            .await
            .unwrap(),
        3
    );
    assert_eq!(bench.rows().await, 395);
    assert_eq!(
        other.discard(&operator(), "students", None).await.unwrap(),
        5
    );
    assert!(
        other
            .list_quarantined("students", None, 100)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    working.end().await;
}

async fn names_from_the_gateway_are_harmless(bench: Bench) {
    bench.gateway.set(|gateway| {
        gateway.new_column = Some("x\\\"; DROP TABLE data_syncs; --".to_owned());
    });
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    let column = "SELECT COUNT(\"x___DROP_TABLE_data_syncs____\") FROM \"Students\"";
    assert_eq!(bench.number(column).await, 400);
    working.end().await;
    let mut ours = bench.students();
    ours.table = "audit".to_owned();
    let reaching = bench.syncs(vec![ours]);
    let working = bench.work(&reaching);
    let run = bench.sync(&reaching, Mode::Full).await;
    assert!(run.run.error_message.unwrap().contains("there already"));
    working.end().await;
}
