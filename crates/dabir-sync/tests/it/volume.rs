//! Many rows: all of them there once, in bounded memory, at a rate that is printed.

use std::io::Write;
use std::time::Instant;

use dabir_sync::Mode;
use serde_json::json;

use crate::bench::{Bench, succeeded};

dabir_testing::on_both!(many_rows_are_there_once_in_bounded_memory);

/// 100,000 rows; more with `DABIR_TEST_ROWS`.
fn rows() -> u64 {
    let wanted = std::env::var("DABIR_TEST_ROWS").ok();
    wanted.and_then(|rows| rows.parse().ok()).unwrap_or(100_000)
}

async fn many_rows_are_there_once_in_bounded_memory(bench: Bench) {
    let rows = rows();
    bench.gateway.set(|gateway| {
        gateway.rows = rows;
        gateway.columns = 17;
    });
    let one = json!({ "page_size": 1_000, "timeout": "12h", "partitions": { "campus": ["1"], "term": ["1"] } });
    let syncs = bench.syncs(vec![bench.source(&one)]);
    let working = bench.work(&syncs);
    let before = resident();
    for kind in ["new", "same"] {
        let begun = Instant::now();
        let run = bench.sync(&syncs, Mode::Full).await;
        succeeded(&run);
        let seconds = begun.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate is for people")]
        let rate = rows as f64 / seconds;
        let _ = writeln!(
            std::io::stdout(),
            "{rows} {kind} rows in {seconds:.1} s, {rate:.0} a second, {} MiB more",
            peak().saturating_sub(before) >> 20
        );
        assert_eq!(run.run.records_count, rows);
        assert_eq!(run.run.counts.new, if kind == "new" { rows } else { 0 });
    }
    assert_eq!(bench.rows().await, i64::try_from(rows).unwrap());
    // Rows and pages come and go; a whole list in memory would be ten times as much.
    assert!(
        peak() - before < 64 << 20,
        "{} MiB",
        (peak() - before) >> 20
    );
    working.end().await;
}

fn resident() -> u64 {
    of_status("VmRSS:")
}

fn peak() -> u64 {
    of_status("VmHWM:")
}

fn of_status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib << 10
}
