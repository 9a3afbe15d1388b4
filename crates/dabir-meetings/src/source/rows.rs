//! One row of the source's list: either a meeting, or set aside with the reason.

use dabir_core::Timestamp;
use dabir_core::clock::whole_millis;
use dabir_core::text::one_line;
use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A meeting as the source lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamRow {
    pub external_id: String,
    pub name: String,
    pub date_time: Timestamp,
    pub port: Option<i64>,
    pub is_running: bool,
}

/// A row that was set aside; what was known of its meeting before stays in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BadRow {
    /// Its place in the list, from 0.
    pub index: usize,
    /// Its id, when at least that could be read.
    pub external_id: Option<String>,
    pub reason: String,
}

/// The longest name of a meeting, in characters.
const MAX_NAME: usize = 500;
/// The longest id of a source, in characters.
const MAX_ID: usize = 64;
/// A year before this one is a slip: most often a Jalali year sent as a Gregorian one.
const OLDEST_YEAR: i16 = 1_970;
const NEWEST_YEAR: i16 = 9_000;

impl UpstreamRow {
    /// Reads one row; dates without a zone are of `tz`.
    pub(super) fn parse(index: usize, value: &Value, tz: &TimeZone) -> Result<Self, BadRow> {
        let bad = |external_id: Option<&str>, reason: String| BadRow {
            index,
            external_id: external_id.map(str::to_owned),
            reason,
        };
        let Value::Object(row) = value else {
            return Err(bad(
                None,
                format!("the row is {}, not an object", kind(value)),
            ));
        };
        let id = external_id(row).map_err(|reason| bad(None, reason))?;
        Self::parse_known(&id, row, tz).map_err(|reason| bad(Some(&id), reason))
    }

    fn parse_known(id: &str, row: &Map<String, Value>, tz: &TimeZone) -> Result<Self, String> {
        Ok(Self {
            external_id: id.to_owned(),
            name: name(row)?,
            date_time: date_time(row, tz)?,
            port: port(row)?,
            is_running: is_running(row)?,
        })
    }
}

fn external_id(row: &Map<String, Value>) -> Result<String, String> {
    match row.get("id") {
        Some(Value::Number(n)) if n.is_i64() || n.is_u64() => Ok(n.to_string()),
        Some(Value::String(s))
            if (1..=MAX_ID).contains(&s.chars().count()) && one_line(s) == *s =>
        {
            Ok(s.clone())
        }
        Some(Value::String(_)) => Err(format!("`id` must have 1 to {MAX_ID} printable characters")),
        other => Err(expected("id", "a whole number or a text", other)),
    }
}

fn name(row: &Map<String, Value>) -> Result<String, String> {
    let Some(Value::String(text)) = row.get("name") else {
        return Err(expected("name", "a text", row.get("name")));
    };
    let name = clean_name(text);
    match name.chars().count() {
        0 => Err("`name` is empty".to_owned()),
        n if n > MAX_NAME => Err(format!("`name` has {n} characters, {MAX_NAME} are allowed")),
        _ => Ok(name),
    }
}

/// A name without line breaks, control characters and those that turn the reading direction;
/// everything else, ZWNJ included, stays as it was typed.
pub(crate) fn clean_name(text: &str) -> String {
    let kept: String = text
        .chars()
        .map(|c| if is_plain(c) { c } else { ' ' })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_plain(c: char) -> bool {
    let mut buffer = [0; 4];
    let text: &str = c.encode_utf8(&mut buffer);
    one_line(text) == text
}

fn date_time(row: &Map<String, Value>, tz: &TimeZone) -> Result<Timestamp, String> {
    let Some(Value::String(text)) = row.get("date_time") else {
        return Err(expected(
            "date_time",
            "a text such as `2025-06-01T14:00:00Z`",
            row.get("date_time"),
        ));
    };
    let shown = one_line(text);
    let instant = instant(text, tz)
        .ok_or_else(|| format!("`date_time` `{shown}` is no time; write `2025-06-01T14:00:00Z`"))?;
    let year = instant.to_zoned(TimeZone::UTC).year();
    if year < OLDEST_YEAR {
        let hint = "is its year a Jalali one? Send the Gregorian date";
        return Err(format!(
            "`date_time` `{shown}` lies before {OLDEST_YEAR}; {hint}"
        ));
    }
    if year > NEWEST_YEAR {
        return Err(format!("`date_time` `{shown}` lies after {NEWEST_YEAR}"));
    }
    Ok(whole_millis(instant))
}

/// With a zone or an offset a text names an instant by itself; without one it is local time.
fn instant(text: &str, tz: &TimeZone) -> Option<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let local: civil::DateTime = text.parse().ok()?;
    Some(local.to_zoned(tz.clone()).ok()?.timestamp())
}

/// A port as it was sent: what is out of range makes the meeting fail visibly, not its row.
fn port(row: &Map<String, Value>) -> Result<Option<i64>, String> {
    match row.get("port") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(n)) => match n.as_i64() {
            Some(0) => Ok(None),
            Some(port) => Ok(Some(port)),
            None => Err(expected("port", "a whole number", row.get("port"))),
        },
        other => Err(expected("port", "a whole number", other)),
    }
}

fn is_running(row: &Map<String, Value>) -> Result<bool, String> {
    match row.get("is_running") {
        Some(Value::Bool(running)) => Ok(*running),
        other => Err(expected("is_running", "true or false", other)),
    }
}

fn expected(field: &str, wanted: &str, found: Option<&Value>) -> String {
    match found {
        None => format!("`{field}` is missing; it must be {wanted}"),
        Some(value) => format!("`{field}` is {}; it must be {wanted}", kind(value)),
    }
}

/// What a JSON value is, in a few words, with short scalars shown.
pub(super) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
        Value::String(text) => format!(
            "the text `{}`",
            one_line(&text.chars().take(40).collect::<String>())
        ),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(change: impl Fn(&mut Map<String, Value>)) -> Result<UpstreamRow, BadRow> {
        let Value::Object(mut row) = json!({
            "id": 14, "name": "Sprint Planning", "date_time": "2025-06-01T14:00:00Z",
            "port": 8082, "is_running": true,
        }) else {
            unreachable!()
        };
        change(&mut row);
        UpstreamRow::parse(
            0,
            &Value::Object(row),
            &TimeZone::get("Asia/Tehran").unwrap(),
        )
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "it reads better with `json!`"
    )]
    fn with(key: &str, value: Value) -> Result<UpstreamRow, BadRow> {
        row(|row| {
            row.insert(key.to_owned(), value.clone());
        })
    }

    #[test]
    fn the_seed_s_row_is_a_meeting() {
        let row = row(|_| {}).unwrap();
        assert_eq!(
            (row.external_id.as_str(), row.port, row.is_running),
            ("14", Some(8082), true)
        );
        assert_eq!(row.date_time.to_string(), "2025-06-01T14:00:00Z");
    }

    #[test]
    fn dates_are_read_with_any_zone_and_without() {
        for (text, instant) in [
            ("2025-06-01T14:00:00+03:30", "2025-06-01T10:30:00Z"),
            ("2025-06-01T14:00:00", "2025-06-01T10:30:00Z"),
            ("2025-06-01T14:00:00.123456Z", "2025-06-01T14:00:00.123Z"),
            ("2025-06-01 14:00:00Z", "2025-06-01T14:00:00Z"),
        ] {
            assert_eq!(
                with("date_time", json!(text))
                    .unwrap()
                    .date_time
                    .to_string(),
                instant,
                "{text}"
            );
        }
    }

    #[test]
    fn a_bad_field_names_itself_and_what_is_allowed() {
        for (key, value, hint) in [
            ("date_time", json!("1404-05-01T10:00:00Z"), "Jalali"),
            ("date_time", json!("9999-01-01T00:00:00Z"), "after"),
            ("date_time", json!("soon"), "2025-06-01T14:00:00Z"),
            ("date_time", json!(1_717_250_400), "a text"),
            ("port", json!("8081"), "a whole number"),
            ("port", json!(1.5), "a whole number"),
            ("is_running", json!("true"), "true or false"),
            ("is_running", json!(1), "true or false"),
            ("name", json!(null), "a text"),
            ("name", json!("  \u{202e} "), "empty"),
            ("name", json!("x".repeat(10_000)), "500"),
        ] {
            let bad = with(key, value.clone()).unwrap_err();
            assert_eq!(bad.external_id.as_deref(), Some("14"));
            assert!(
                bad.reason.contains(key) && bad.reason.contains(hint),
                "{value}: {}",
                bad.reason
            );
        }
        for id in [
            json!(null),
            json!(1.5),
            json!(true),
            json!(""),
            json!("a\nb"),
            json!([]),
        ] {
            assert_eq!(with("id", id).unwrap_err().external_id, None);
        }
    }

    #[test]
    fn no_port_and_port_zero_take_any_and_a_wrong_number_is_kept_to_be_shown() {
        for value in [json!(null), json!(0)] {
            assert_eq!(with("port", value).unwrap().port, None);
        }
        assert_eq!(row(|row| drop(row.remove("port"))).unwrap().port, None);
        assert_eq!(with("port", json!(-1)).unwrap().port, Some(-1));
        assert_eq!(with("port", json!(70_000)).unwrap().port, Some(70_000));
    }

    #[test]
    fn names_keep_their_letters_and_lose_what_moves_the_reader() {
        assert_eq!(
            clean_name(" جلسه\u{200c}ها\n\u{202e}x "),
            "جلسه\u{200c}ها x"
        );
    }
}
