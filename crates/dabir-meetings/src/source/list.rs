//! The whole list: plain, or in pages as Django REST framework sends them.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::rows::{BadRow, UpstreamRow, kind};

/// The most rows that a list may have; what has more is no list of an institution's meetings.
pub(super) const MAX_ROWS: usize = 100_000;

/// A list that was read to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    pub rows: Vec<UpstreamRow>,
    pub bad: Vec<BadRow>,
    /// It came in several pages. A row that moved between two requests may be on none of them.
    pub paged: bool,
}

/// One page of the list.
#[derive(Debug)]
pub struct ListPage {
    pub values: Vec<Value>,
    /// Where the next page is.
    pub next: Option<String>,
}

/// Reads one answer: `[…]`, or `{"results": […], "next": …}`.
///
/// # Errors
/// In words, when the answer is no such list.
pub fn parse_page(body: &[u8]) -> Result<ListPage, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let value = serde_json::from_slice(body).map_err(|error| not_json(body, &error))?;
    match value {
        Value::Array(values) => Ok(ListPage { values, next: None }),
        Value::Object(mut page) => {
            let next = match page.get("next") {
                Some(Value::String(url)) => Some(url.clone()),
                None | Some(Value::Null) => None,
                Some(other) => return Err(format!("`next` is {}, not an address", kind(other))),
            };
            match page.remove("results") {
                Some(Value::Array(values)) => Ok(ListPage { values, next }),
                _ => Err("the answer is an object without a list in `results`".to_owned()),
            }
        }
        other => Err(format!(
            "the answer is {}, not a list of meetings",
            kind(&other)
        )),
    }
}

fn not_json(body: &[u8], error: &serde_json::Error) -> String {
    if body.is_empty() {
        return "the answer is empty".to_owned();
    }
    if body.trim_ascii_start().first() == Some(&b'<') {
        return "the answer is a web page, not JSON; is the address right, and does it need a token?".to_owned();
    }
    format!("the answer is no whole JSON: {error}")
}

impl Listed {
    /// Sorts the rows into meetings and those set aside. Two rows of one id contradict each
    /// other, so both are set aside, unless they say the same.
    #[must_use]
    pub fn from_values(values: &[Value], tz: &TimeZone) -> Self {
        let mut listed = Self::default();
        let mut first: BTreeMap<String, (usize, UpstreamRow)> = BTreeMap::new();
        let mut twice: Vec<(usize, String)> = Vec::new();
        for (index, value) in values.iter().enumerate() {
            match UpstreamRow::parse(index, value, tz) {
                Err(bad) => listed.bad.push(bad),
                Ok(row) => match first.get(&row.external_id) {
                    Some((_, known)) if *known == row => {}
                    Some(_) => twice.push((index, row.external_id)),
                    None => drop(first.insert(row.external_id.clone(), (index, row))),
                },
            }
        }
        for (index, id) in twice {
            let also = first.remove(&id).map(|(index, _)| index);
            let reason = format!("two different rows have the id {id}");
            for index in also.into_iter().chain([index]) {
                listed.bad.push(BadRow {
                    index,
                    external_id: Some(id.clone()),
                    reason: reason.clone(),
                });
            }
        }
        listed.bad.sort_by_key(|bad| bad.index);
        let mut rows: Vec<_> = first.into_values().collect();
        rows.sort_by_key(|(index, _)| *index);
        listed.rows = rows.into_iter().map(|(_, row)| row).collect();
        listed
    }

    /// Whether a meeting that is not among the rows is really not listed: a row whose id cannot be
    /// read may be any meeting.
    #[must_use]
    pub fn proves_absence(&self) -> bool {
        self.bad.iter().all(|bad| bad.external_id.is_some())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(id: i64, port: i64) -> Value {
        json!({"id": id, "name": "x", "date_time": "2025-06-01T14:00:00Z", "port": port, "is_running": true})
    }

    #[test]
    fn plain_and_paginated_lists_are_read() {
        let plain = parse_page(b"\xef\xbb\xbf[1, 2]").unwrap();
        assert_eq!((plain.values.len(), plain.next), (2, None));
        let page = parse_page(br#"{"results": [1], "next": "http://h/?page=2"}"#).unwrap();
        assert_eq!(
            (page.values.len(), page.next.as_deref()),
            (1, Some("http://h/?page=2"))
        );
    }

    #[test]
    fn what_is_no_list_says_what_it_is() {
        for (body, word) in [
            (&b""[..], "empty"),
            (b"<html>", "web page"),
            (b"{}", "results"),
            (b"null", "null"),
            (b"[{\"id\": 1", "no whole JSON"),
            (b"\"text\"", "text"),
            (br#"{"results": [], "next": 5}"#, "`next`"),
        ] {
            let error = parse_page(body).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn one_bad_row_leaves_the_good_ones_standing() {
        let listed = Listed::from_values(
            &[row(1, 8081), json!({"id": 2}), row(3, 8083)],
            &TimeZone::UTC,
        );
        assert_eq!(listed.rows.len(), 2);
        assert_eq!(listed.bad[0].index, 1);
        assert!(listed.proves_absence());
    }

    #[test]
    fn rows_that_contradict_each_other_are_set_aside_and_equal_ones_are_one() {
        let values = [
            row(1, 8081),
            row(1, 8082),
            row(2, 8083),
            row(2, 8083),
            row(1, 8084),
        ];
        let listed = Listed::from_values(&values, &TimeZone::UTC);
        assert_eq!(listed.rows.len(), 1);
        assert!(listed.bad.iter().all(|bad| bad.reason.contains("id 1")));
    }

    #[test]
    fn a_row_without_an_id_may_be_any_meeting() {
        assert!(!Listed::from_values(&[row(1, 1), json!({})], &TimeZone::UTC).proves_absence());
    }
}
