//! Clients from a file.

use dabir_clients::{Imported, MAX_ROWS, Row, Seat, Source, Unreadable, read_csv, read_json};

use crate::bench::{Bench, operator};

dabir_testing::on_both!(what_is_shown_before_is_what_happens);

/// The most that is taken from whoever sends a file.
const LARGEST: usize = 32 << 20;
/// What reading it may take, at its peak, in MiB.
const MEMORY: u64 = 64;

/// How much memory this process has, or has had at most, in MiB.
fn memory(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(key));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() >> 10
}

/// Reads the largest file that begins with `head`, goes on with `row` and ends with `tail`.
fn read(
    read: impl Fn(&[u8]) -> Result<Vec<Row>, Unreadable>,
    [head, row, tail]: [&str; 3],
) -> Result<Vec<Row>, Unreadable> {
    let mut text = String::with_capacity(LARGEST);
    text.push_str(head);
    while text.len() + row.len() + tail.len() <= LARGEST {
        text.push_str(row);
    }
    text.push_str(tail);
    let before = memory("VmRSS:");
    let outcome = read(text.as_bytes());
    let taken = memory("VmHWM:") - before;
    assert!(taken < MEMORY, "{row:?} takes {taken} MiB");
    outcome
}

#[test]
fn a_table_of_too_many_is_refused_before_it_fills_the_memory() {
    let outcome = read(read_csv, ["username\n", "a\n", ""]);
    assert!(matches!(outcome, Err(Unreadable::TooMany)), "{outcome:?}");
}

#[test]
fn columns_of_no_interest_are_not_kept() {
    read(read_csv, ["username", ",a", "\n"]).unwrap_err();
}

#[test]
fn json_of_too_many_is_refused_before_it_fills_the_memory() {
    let outcome = read(read_json, [r#"{"clients":["a""#, r#","a""#, "]}"]);
    assert!(matches!(outcome, Err(Unreadable::TooMany)), "{outcome:?}");
}

#[test]
fn what_is_no_client_is_not_kept_to_be_looked_at() {
    read(read_json, [r#"{"clients":[[1"#, ",1", "]]}"]).unwrap_err();
}

#[test]
fn as_many_as_are_taken_at_once_are_taken() {
    let table = format!("username\n{}", "a\n".repeat(MAX_ROWS));
    assert_eq!(read_csv(table.as_bytes()).unwrap().len(), MAX_ROWS);
    let json = format!(r#"{{"clients":["a"{}]}}"#, r#","a""#.repeat(MAX_ROWS - 1));
    assert_eq!(read_json(json.as_bytes()).unwrap().len(), MAX_ROWS);
}

async fn what_is_shown_before_is_what_happens(bench: Bench) {
    let (clients, by) = (&bench.clients, operator());
    let capacity = clients.set_capacity(&by, Seat::Room, "board", Some(1));
    capacity.await.unwrap();
    let import = async |table: &str, preview: bool| {
        let rows = read_csv(table.as_bytes()).unwrap();
        let imported = clients.import(&by, rows, Source::Import, preview).await;
        imported.unwrap()
    };
    let full = "`board` is full: 1 of 1 places are taken";
    for (table, changes, errors) in [
        ("username,room\nali,board\nmina,board\n", 2, vec![full]),
        ("username,room\nali,board\nmina,board\n", 0, vec![full]),
        ("username,room\nali,hall\nmina,board\n", 2, vec![]),
    ] {
        let before = import(table, true).await;
        let told: Vec<&str> = before.errors.iter().map(|one| &*one.detail).collect();
        assert_eq!((before.added + before.changed, told), (changes, errors));
        let done = import(table, false).await;
        let shown = Imported {
            preview: false,
            ..before
        };
        assert_eq!(done, shown);
    }
}
