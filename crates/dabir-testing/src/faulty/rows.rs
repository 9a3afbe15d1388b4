//! Faults of one row among good ones: its neighbours must not suffer.

use serde_json::{Value, json};

use super::fault::{Behaviour, Fault};
use super::reply::{good_row, good_rows, list};

pub(super) fn faults() -> Vec<Fault> {
    [twins(), ids(), ports(), dates(), flags(), names()].concat()
}

/// Rows 1 and 3 are good; row 2 is as `change` leaves it.
fn second_row(name: &'static str, change: impl Fn(&mut Value)) -> Fault {
    let mut rows = good_rows();
    change(&mut rows[1]);
    Fault::fatal(name, Behaviour::always(list(&rows)))
}

/// Row 2 has `value` in `field` and must be set aside.
fn bad(name: &'static str, field: &str, value: &Value) -> Fault {
    second_row(name, |row| row[field] = value.clone()).leaves(2, 1)
}

/// Row 2 has `value` in `field` and is still a meeting.
fn odd(name: &'static str, field: &str, value: &Value) -> Fault {
    second_row(name, |row| row[field] = value.clone()).leaves(3, 0)
}

fn without(name: &'static str, field: &str) -> Fault {
    second_row(name, |row| {
        row.as_object_mut()
            .expect("a row is an object")
            .remove(field);
    })
    .leaves(2, 1)
}

fn twins() -> Vec<Fault> {
    let with_twin = |name, twin: Value| {
        let mut rows = good_rows();
        rows.push(twin);
        Fault::fatal(name, Behaviour::always(list(&rows)))
    };
    let mut contradicting = good_row(2);
    contradicting["is_running"] = json!(false);
    vec![
        with_twin("duplicate id that agrees", good_row(2)).leaves(3, 0),
        with_twin("duplicate id that contradicts", contradicting).leaves(2, 2),
        odd("duplicate port", "port", &json!(8081)),
    ]
}

fn ids() -> Vec<Fault> {
    vec![
        odd("id a text", "id", &json!("2")),
        odd("id negative", "id", &json!(-2)),
        odd("id above 2^63", "id", &json!(u64::MAX)),
        bad("id null", "id", &Value::Null),
        bad("id a fraction", "id", &json!(2.5)),
        bad("id a path", "id", &json!("a\n../../b")),
        without("id missing", "id"),
    ]
}

/// A number that is no port is the meeting's trouble, not the row's; another type is the row's.
fn ports() -> Vec<Fault> {
    vec![
        odd("port 0", "port", &json!(0)),
        odd("port 22", "port", &json!(22)),
        odd("port 70000", "port", &json!(70_000)),
        odd("port -1", "port", &json!(-1)),
        odd("port null", "port", &Value::Null),
        without("port missing", "port").leaves(3, 0),
        bad("port a text", "port", &json!("8081")),
        bad("port a fraction", "port", &json!(1.5)),
    ]
}

fn dates() -> Vec<Fault> {
    let date = "date_time";
    vec![
        odd("date without zone", date, &json!("2025-06-01T14:00:00")),
        odd(
            "date with offset",
            date,
            &json!("2025-06-01T17:30:00+03:30"),
        ),
        odd(
            "date a minute ahead of its time",
            date,
            &json!("2025-06-01T14:01:00.999999Z"),
        ),
        bad(
            "date of Jalali year 1404",
            date,
            &json!("1404-03-11T14:00:00Z"),
        ),
        bad("date of year 9999", date, &json!("9999-12-31T23:59:59Z")),
        bad(
            "date that does not exist",
            date,
            &json!("2025-02-30T14:00:00Z"),
        ),
        bad("date garbage", date, &json!("tomorrow")),
        bad("date a number", date, &json!(1_748_786_400)),
        bad("date null", date, &Value::Null),
        without("date missing", date),
    ]
}

fn flags() -> Vec<Fault> {
    let flag = "is_running";
    vec![
        bad("is_running a text", flag, &json!("true")),
        bad("is_running a number", flag, &json!(1)),
        bad("is_running null", flag, &Value::Null),
        without("is_running missing", flag),
        odd(
            "unknown extra fields",
            "room",
            &json!({"floor": [1, {"x": null}]}),
        ),
    ]
}

fn names() -> Vec<Fault> {
    vec![
        bad("name null", "name", &Value::Null),
        bad("name a number", "name", &json!(7)),
        bad("name empty", "name", &json!("")),
        bad(
            "name of 10,000 characters",
            "name",
            &json!("ن".repeat(10_000)),
        ),
        without("name missing", "name"),
        odd(
            "name with control characters",
            "name",
            &json!("a\u{0}b\u{1b}[31mc\r\nd"),
        ),
        odd(
            "name with bidi characters",
            "name",
            &json!("\u{202e}evil\u{2066} name"),
        ),
        odd(
            "name with markup",
            "name",
            &json!("<script>alert(1)</script>"),
        ),
    ]
}
