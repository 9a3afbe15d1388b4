//! What stands in a table is what the source says now: in one form, in one partition's words, and
//! asked for from where it was left.

use dabir_sync::{Mode, Status};
use dabir_testing::gateway::{Asked, Script};
use serde_json::{Value, json};

use crate::bench::{Bench, operator, succeeded};

dabir_testing::on_both!(
    values_take_the_form_of_a_column_that_widened,
    a_field_that_is_left_out_is_empty_once_it_is_met_elsewhere,
    a_field_that_is_missing_everywhere_keeps_its_values,
    a_key_in_two_partitions_does_not_take_turns,
    a_key_that_moves_to_a_later_partition_goes_with_it,
    each_value_of_a_column_is_one_partition,
    times_that_never_end_are_no_cursor,
    cursors_are_of_the_source_that_they_came_from,
    fields_of_any_name_are_taken,
    a_campus_that_lets_nobody_in_costs_itself_alone,
    a_plain_list_is_one_page,
    a_secret_is_struck_out_before_an_error_is_cut,
);

/// Has the gateway answer with these rows: those of each page of each term.
fn serve(bench: &Bench, rows: impl Fn(&Asked) -> Value + Send + Sync + 'static) {
    bench.gateway.set(|gateway| {
        gateway.script = Script::new(move |asked| {
            let rows = rows(asked);
            let total = rows["total"].as_u64();
            let rows = rows.get("rows").cloned().unwrap_or(rows);
            let total = total.unwrap_or(rows.as_array().unwrap().len() as u64);
            Some(json!({ "data": rows, "totalCount": total }).to_string())
        });
    });
}

fn one_cell(bench: &Bench) -> dabir_sync::Source {
    bench.source(&json!({
        "page_size": 2, "concurrency": 1,
        "partitions": { "campus": ["1100"], "term": ["4001"] },
    }))
}

async fn column(bench: &Bench, name: &str, key: &str) -> Option<String> {
    let sql = format!("SELECT CAST({name} AS TEXT) FROM \"Students\" WHERE _key = '{key}'");
    bench.text(&sql).await
}

async fn values_take_the_form_of_a_column_that_widened(bench: Bench) {
    let mut source = one_cell(&bench);
    source.page_size = 50;
    let syncs = bench.syncs(vec![source]);
    let working = bench.work(&syncs);
    let old = json!({ "studentnum": "a", "big": 9007199254740993_i64, "yes": true, "n": 1 });
    let first = old.clone();
    serve(&bench, move |_| json!([first]));
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    let new = json!({ "studentnum": "b", "big": 1.5, "yes": "maybe", "n": 1.5 });
    let both = [old.clone(), new.clone()];
    serve(&bench, move |_| json!(both));
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    let mut widened = run.notes.widened.clone();
    widened.sort();
    assert_eq!(widened, ["n: integer → real", "yes: integer → text"]);
    let keys: Vec<&str> = run
        .changes
        .iter()
        .map(|change| change.key.as_str())
        .collect();
    assert_eq!(keys, ["a", "b"], "of `a` only the form of `yes` is another");
    assert_eq!(
        column(&bench, "big", "a").await.unwrap(),
        "9007199254740993"
    );
    assert_eq!(column(&bench, "yes", "a").await.unwrap(), "true");
    let third = json!({ "studentnum": "c", "n": "x" });
    serve(&bench, move |_| json!([old, new, third]));
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    assert_eq!(column(&bench, "n", "a").await.unwrap(), "1");
    assert_eq!(column(&bench, "n", "b").await.unwrap(), "1.5");
    let again = bench.sync(&syncs, Mode::Full).await.run;
    assert_eq!((again.counts.same, again.counts.changed), (3, 0));
    working.end().await;
}

/// Four rows on two pages; `has` says which of them have a phone.
fn phones(bench: &Bench, has: [bool; 4]) {
    serve(bench, move |asked| {
        let from = usize::try_from(asked.page - 1).unwrap() * 2;
        let row = |n: usize| match has[n] {
            true => json!({ "studentnum": n, "phone": format!("0{n}") }),
            false => json!({ "studentnum": n }),
        };
        json!({ "rows": [row(from), row(from + 1)], "total": 4 })
    });
}

async fn a_field_that_is_left_out_is_empty_once_it_is_met_elsewhere(bench: Bench) {
    let syncs = bench.syncs(vec![one_cell(&bench)]);
    let working = bench.work(&syncs);
    phones(&bench, [true; 4]);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    // The second page comes after one that has the field.
    phones(&bench, [true, true, false, false]);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    assert_eq!(column(&bench, "phone", "3").await, None);
    assert_eq!(column(&bench, "phone", "1").await.as_deref(), Some("01"));
    // The first page comes before one that has it.
    phones(&bench, [false, false, true, true]);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    assert_eq!(column(&bench, "phone", "1").await, None);
    assert_eq!(column(&bench, "phone", "3").await.as_deref(), Some("03"));
    let again = bench.sync(&syncs, Mode::Full).await;
    assert_eq!((again.run.counts.same, again.run.counts.changed), (4, 0));
    assert!(again.notes.missing.is_empty());
    working.end().await;
}

async fn a_field_that_is_missing_everywhere_keeps_its_values(bench: Bench) {
    let syncs = bench.syncs(vec![one_cell(&bench)]);
    let working = bench.work(&syncs);
    phones(&bench, [true, true, true, false]);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    phones(&bench, [false; 4]);
    for _ in 0..3 {
        let run = bench.sync(&syncs, Mode::Full).await;
        succeeded(&run);
        assert_eq!(run.notes.missing, ["phone"]);
        assert_eq!(column(&bench, "phone", "1").await.as_deref(), Some("01"));
    }
    assert_eq!(bench.sync(&syncs, Mode::Full).await.run.counts.same, 4);
    working.end().await;
}

/// Ten students who are in both terms, each with its own words, but those in `gone` of the first.
fn twice(bench: &Bench, gone: u32) {
    serve(bench, move |asked| {
        let from = if asked.term == "4001" { gone } else { 0 };
        let row = |n: u32| json!({ "studentnum": n, "term": asked.term });
        json!((from..10).map(row).collect::<Vec<_>>())
    });
}

const TWO_TERMS: &str = r#"{ "partitions": { "campus": ["1100"], "term": ["4001", "4002"] } }"#;

async fn a_key_in_two_partitions_does_not_take_turns(bench: Bench) {
    twice(&bench, 0);
    let terms: Value = serde_json::from_str(TWO_TERMS).unwrap();
    let syncs = bench.syncs(vec![bench.source(&terms)]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    for _ in 0..3 {
        let run = bench.sync(&syncs, Mode::Full).await;
        succeeded(&run);
        assert_eq!((run.run.counts.same, run.run.counts.changed), (20, 0));
        assert_eq!(run.notes.warnings.len(), 1, "{:?}", run.notes);
        assert!(run.notes.warnings[0].contains("`key`"));
    }
    let first = "SELECT COUNT(*) FROM \"Students\" WHERE term = '4001'";
    assert_eq!(bench.number(first).await, 10);
    working.end().await;
}

async fn a_key_that_moves_to_a_later_partition_goes_with_it(bench: Bench) {
    twice(&bench, 0);
    let terms: Value = serde_json::from_str(TWO_TERMS).unwrap();
    let syncs = bench.syncs(vec![bench.source(&terms)]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    twice(&bench, 1);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    assert_eq!(column(&bench, "term", "0").await.as_deref(), Some("4002"));
    assert_eq!(column(&bench, "term", "1").await.as_deref(), Some("4001"));
    assert_eq!(bench.sync(&syncs, Mode::Full).await.run.counts.changed, 0);
    working.end().await;
}

async fn each_value_of_a_column_is_one_partition(bench: Bench) {
    let codes = bench.source(&json!({
        "name": "codes", "table": "codes",
        "partitions": { "campus": ["codes"], "term": ["1"] },
    }));
    let asks = json!({ "partitions": {
        "campus": { "sql": "SELECT code FROM codes LIMIT 2" }, "term": ["1", "1"],
    } });
    serve(&bench, |asked| match asked.campus.as_str() {
        "codes" => {
            let row = |n: u32| json!({ "studentnum": n, "code": if n < 5 { "a" } else { "b" } });
            json!((0..7).map(row).collect::<Vec<_>>())
        }
        campus => json!([{ "studentnum": campus }]),
    });
    let syncs = bench.syncs(vec![codes, bench.source(&asks)]);
    let working = bench.work(&syncs);
    let run = syncs.sync(&operator(), "codes", Mode::Full).await.unwrap();
    succeeded(&bench.ended(&syncs, run.id).await);
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    let labels: Vec<&str> = run.cells.iter().map(|cell| cell.label.as_str()).collect();
    assert_eq!(labels, ["a/1", "b/1"]);
    working.end().await;
}

fn grows(bench: &Bench, page_size: u32) -> dabir_sync::Source {
    bench.source(&json!({
        "page_size": page_size, "incremental": { "field": "at", "param": "Filter.since" },
        "partitions": { "campus": ["1100"], "term": ["4001"] },
    }))
}

async fn times_that_never_end_are_no_cursor(bench: Bench) {
    serve(&bench, |_| {
        json!([
            { "studentnum": 1, "at": "2026-11-01T10:00:00.1234567" },
            { "studentnum": 2, "at": "9999-12-31T23:59:59.9999999" },
        ])
    });
    let syncs = bench.syncs(vec![grows(&bench, 50)]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench.gateway.forget();
    succeeded(&bench.sync(&syncs, Mode::Incremental).await);
    let since = bench.gateway.asked()[0].since.clone();
    assert_eq!(since.as_deref(), Some("2026-11-01T09:50:00.1234567"));
    working.end().await;
}

async fn cursors_are_of_the_source_that_they_came_from(bench: Bench) {
    serve(
        &bench,
        |_| json!([{ "studentnum": 1, "at": "2026-11-01T10:00:00Z" }]),
    );
    let syncs = bench.syncs(vec![grows(&bench, 50)]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    working.end().await;
    let other = bench.syncs(vec![grows(&bench, 40)]);
    let working = bench.work(&other);
    bench.gateway.forget();
    succeeded(&bench.sync(&other, Mode::Incremental).await);
    assert_eq!(bench.gateway.asked()[0].since, None);
    succeeded(&bench.sync(&other, Mode::Incremental).await);
    assert!(bench.gateway.asked()[1].since.is_some());
    working.end().await;
}

async fn fields_of_any_name_are_taken(bench: Bench) {
    let many: Vec<String> = (0..310).map(|n| format!("z{n}")).collect();
    serve(&bench, move |_| {
        let mut row = json!({
            "studentnum": 1, "xmin": 2, "ctid": 3, "tableoid": 4, "a\0b": 5, "t": "\u{fffd}",
        });
        for name in &many {
            row[name] = json!(1);
        }
        json!([row])
    });
    let syncs = bench.syncs(vec![one_cell(&bench)]);
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    assert_eq!(
        column(&bench, "field_xmin", "1").await.as_deref(),
        Some("2")
    );
    assert_eq!(column(&bench, "ab", "1").await.as_deref(), Some("5"));
    assert!(run.notes.warnings[0].contains("300 columns"));
    working.end().await;
}

async fn a_campus_that_lets_nobody_in_costs_itself_alone(bench: Bench) {
    bench
        .gateway
        .set(|gateway| gateway.broken = Some(("1100".to_owned(), 401)));
    // One after the other, the broken one first.
    let syncs = bench.syncs(vec![bench.source(
        &json!({ "concurrency": 1, "partitions": { "campus": ["1100", "1101", "1102"], "term": ["4001"] } }),
    )]);
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await.run;
    assert_eq!(run.status, Status::Failed);
    assert!(run.error_message.unwrap().contains("1 of 3 partitions"));
    assert_eq!(bench.rows().await, 200);
    assert!(bench.gateway.logins() <= 3, "{}", bench.gateway.logins());
    // A login that is good for nothing is not repeated for each of them.
    let before = bench.gateway.logins();
    bench.gateway.set(|gateway| gateway.pages_a_token = Some(0));
    let run = bench.sync(&syncs, Mode::Full).await.run;
    assert!(run.error_message.unwrap().contains("refuses its token"));
    assert_eq!(bench.gateway.logins() - before, 3);
    working.end().await;
}

async fn a_plain_list_is_one_page(bench: Bench) {
    let mut source = bench.source(&json!({ "body": { "codePardis": "{campus}" } }));
    source.total = None;
    source.partitions.remove("term");
    bench.gateway.set(|gateway| {
        gateway.script = Script::new(|asked| {
            let row = |n| json!({ "studentnum": format!("{}{n}", asked.campus) });
            let rows: Vec<Value> = (0..120).map(row).collect();
            Some(json!({ "data": rows, "at": asked.campus }).to_string())
        });
    });
    let syncs = bench.syncs(vec![source]);
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await;
    succeeded(&run);
    assert_eq!((bench.rows().await, bench.gateway.asked().len()), (240, 2));
    assert_eq!(run.cells[0].pages_total, None);
    working.end().await;
}

async fn a_secret_is_struck_out_before_an_error_is_cut(bench: Bench) {
    bench.gateway.set(|gateway| {
        gateway.script = Script::new(|_| {
            let words = format!("{} correct horse", "x".repeat(290));
            Some(json!({ "data": [], "error": words }).to_string())
        });
    });
    let syncs = bench.syncs(vec![bench.source(&json!({ "retries": 0 }))]);
    let working = bench.work(&syncs);
    let run = bench.sync(&syncs, Mode::Full).await.run;
    let error = run.error_message.unwrap();
    assert!(
        error.contains("xxx") && !error.contains("correct"),
        "{error}"
    );
    working.end().await;
}
