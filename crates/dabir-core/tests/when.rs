//! The golden table of natural dates, which the console's twin of the module passes too.

use dabir_core::Timestamp;
use dabir_core::when::{When, read};
use jiff::tz::TimeZone;
use serde_json::Value;

/// A day, a local time, or nothing.
fn shown(text: &str, now: Timestamp, zone: &TimeZone) -> Value {
    match read(text, now, zone) {
        Ok(When::Day(day)) => day.to_string().into(),
        Ok(When::At(at)) => at
            .to_zoned(zone.clone())
            .strftime("%Y-%m-%dT%H:%M")
            .to_string()
            .into(),
        Err(_) => Value::Null,
    }
}

#[test]
fn every_row_of_the_table_means_what_it_says() {
    let table: Value = serde_json::from_str(include_str!("when.json")).unwrap();
    let zone = TimeZone::get(table["zone"].as_str().unwrap()).unwrap();
    let mut wrong = Vec::new();
    for group in table["groups"].as_array().unwrap() {
        let now = group["now"].as_str().unwrap().parse().unwrap();
        for (text, meant) in group["says"].as_object().unwrap() {
            let read = shown(text, now, &zone);
            if read != *meant {
                wrong.push(format!("`{text}` is {meant}, not {read}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_understood_tells_what_is() {
    let now = "2026-11-18T06:30:00Z".parse().unwrap();
    let refused = read("someday\n\u{202e}", now, &TimeZone::UTC).unwrap_err();
    let said = refused.to_string();
    assert!(said.starts_with("`someday\\u{a}"), "{said}");
    assert!(
        said.contains("next Sat") && said.contains("فردا ۱۰"),
        "{said}"
    );
}

#[test]
fn no_text_makes_it_stumble() {
    let pieces = [
        "فردا",
        "10",
        "99999",
        "next",
        "sat",
        "in",
        "week",
        "ماه",
        "9999",
        "بعد",
        "12:61",
        ":",
        "/",
        "-",
        "آذر",
        "1405/9/25",
        "pm",
        "شب",
        "نیم",
        "ساعت",
        "\u{200c}",
        "\0",
        "feb",
        "30",
        "year",
        "19999",
        "32767",
    ];
    let now = "2026-11-18T06:30:00Z".parse().unwrap();
    for a in pieces {
        for b in pieces {
            for far in [Timestamp::MAX, Timestamp::MIN] {
                let _ = read(&format!("{a} {b}"), far, &TimeZone::UTC);
            }
            for c in pieces {
                let _ = read(&format!("{a} {b} {c}"), now, &TimeZone::UTC);
            }
        }
    }
}
