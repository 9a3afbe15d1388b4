//! Where a page of the list of meetings ends, as text that callers hand back.

use dabir_core::Timestamp;
use dabir_core::encode::hex;

use crate::error::MeetingError;
use crate::model::{Meeting, SortBy};
use crate::service::is_plain;
use crate::store::{After, Key};

/// What the list is sorted by, the last row's key of that, and its id.
pub(crate) fn write(meeting: &Meeting, by: SortBy) -> String {
    let key = match Key::of(meeting, by) {
        Key::Time(at) => at.as_millisecond().to_string(),
        Key::Name(key) => hex(&key),
    };
    format!("{}.{key}.{}", word(by), meeting.id)
}

/// # Errors
/// When it is none of ours, or one of a list that was sorted otherwise.
pub(crate) fn read(cursor: &str, by: SortBy) -> Result<After, MeetingError> {
    parse(cursor, by).ok_or_else(|| {
        let allowed = "pass `next_cursor` of the page before, unchanged and with the same `sort`";
        MeetingError::invalid("cursor", allowed.to_owned())
    })
}

fn parse(cursor: &str, by: SortBy) -> Option<After> {
    let (key, id) = cursor
        .strip_prefix(word(by))?
        .strip_prefix('.')?
        .split_once('.')
        .filter(|(_, id)| is_plain(id))?;
    let key = match by {
        SortBy::End | SortBy::Begin => {
            Key::Time(Timestamp::from_millisecond(key.parse().ok()?).ok()?)
        }
        SortBy::Name => Key::Name(bytes(key)?),
    };
    Some(After {
        key,
        id: id.to_owned(),
    })
}

fn word(by: SortBy) -> &'static str {
    match by {
        SortBy::End => "e",
        SortBy::Begin => "b",
        SortBy::Name => "n",
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::local;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_only_for_its_own_order() {
        let meeting = local("a");
        for by in [SortBy::End, SortBy::Begin, SortBy::Name] {
            let after = After {
                key: Key::of(&meeting, by),
                id: "a".to_owned(),
            };
            assert_eq!(read(&write(&meeting, by), by).unwrap(), after);
        }
        assert!(read(&write(&meeting, SortBy::End), SortBy::Begin).is_err());
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in [
            "",
            "x",
            "e",
            "e.",
            "e.1",
            "e.x.a",
            "n.1.a.\0",
            "n.zz.a",
            "n.é.a",
            "e.99999999999999999.a",
        ] {
            for by in [SortBy::End, SortBy::Name] {
                assert!(read(text, by).is_err(), "{text:?}");
            }
        }
    }
}
