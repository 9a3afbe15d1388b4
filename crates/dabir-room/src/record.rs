//! One line of the journal: `crc32-hex space JSON`, the private part last. The first line is its head.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::model::{Private, Record};

const PRIVATE_KEY: &[u8] = br#","private":{"#;

/// Length of the checksum and the space after it.
const PREFIX: usize = 9;

/// What the first line of a journal says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    /// Which count of offsets follows: a journal that begins again has another.
    epoch: String,
}

/// A record in its two forms.
#[derive(Debug)]
pub struct Encoded {
    /// What people see.
    pub event: Bytes,
    /// The journal's line, with its line break.
    pub line: Vec<u8>,
}

/// Encodes `record` for people and for the journal.
///
/// # Errors
/// Does not happen with the types of this crate, all of which serialise.
pub fn encode(record: &Record) -> serde_json::Result<Encoded> {
    let event = serde_json::to_vec(&record.event)?;
    let mut line = Vec::with_capacity(PREFIX + event.len() + 1);
    line.resize(PREFIX, b' ');
    line.extend_from_slice(&event);
    if record.private != Private::default() {
        line.pop();
        line.extend_from_slice(br#","private":"#);
        serde_json::to_writer(&mut line, &record.private)?;
        line.push(b'}');
    }
    seal(&mut line);
    Ok(Encoded {
        event: event.into(),
        line,
    })
}

/// Puts the checksum of what follows it into its place, and the line break at the end.
fn seal(line: &mut Vec<u8>) {
    let checksum = format!("{:08x}", crc32fast::hash(&line[PREFIX..]));
    line[..PREFIX - 1].copy_from_slice(checksum.as_bytes());
    line.push(b'\n');
}

/// The first line of a journal of this epoch.
///
/// # Errors
/// Does not happen: a string always serialises.
pub fn encode_head(epoch: &str) -> serde_json::Result<Vec<u8>> {
    let mut line = vec![b' '; PREFIX];
    let epoch = epoch.to_owned();
    serde_json::to_writer(&mut line, &Head { epoch })?;
    seal(&mut line);
    Ok(line)
}

/// The epoch of the journal that begins with this line; `None` when it is no head.
#[must_use]
pub fn decode_head(line: &[u8]) -> Option<String> {
    let head: Head = serde_json::from_slice(json_of(line)?).ok()?;
    Some(head.epoch)
}

/// Reads a line; `None` when it is not whole.
#[must_use]
pub fn decode(line: &[u8]) -> Option<Record> {
    serde_json::from_slice(json_of(line)?).ok()
}

/// The JSON of a line whose checksum is right.
#[must_use]
pub fn json_of(line: &[u8]) -> Option<&[u8]> {
    let line = line.strip_suffix(b"\n")?;
    let (prefix, json) = line.split_at_checked(PREFIX)?;
    let checksum = std::str::from_utf8(prefix.strip_suffix(b" ")?).ok()?;
    let checksum = u32::from_str_radix(checksum, 16).ok()?;
    (checksum == crc32fast::hash(json)).then_some(json)
}

/// A record's JSON without what only the room may know.
#[must_use]
pub fn public_part(json: &[u8]) -> Cow<'_, [u8]> {
    // Inside a JSON text every quote has a backslash before it, so this finds the key alone.
    let private = json
        .windows(PRIVATE_KEY.len())
        .rposition(|window| window == PRIVATE_KEY);
    match private {
        Some(at) => [&json[..at], b"}"].concat().into(),
        None => json.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, What};

    fn record(text: &str, seat: Option<&str>) -> Record {
        Record {
            event: Event {
                offset: 7,
                at: "2026-11-21T14:00:00Z".parse().unwrap(),
                what: What::Chat {
                    from: "Ali".into(),
                    from_id: "p".into(),
                    text: text.into(),
                    nonce: None,
                },
            },
            private: Private {
                seat: seat.map(Into::into),
                ..Private::default()
            },
        }
    }

    #[test]
    fn a_line_gives_back_the_record_and_what_people_saw() {
        for record in [
            record("سلام", None),
            record(r#"x","private":{"seat":"fake"}"#, Some("h")),
            record(r#"","private":{"#, None),
        ] {
            let Encoded { event, line } = encode(&record).unwrap();
            assert_eq!(decode(&line), Some(record));
            assert_eq!(public_part(json_of(&line).unwrap()), &event[..]);
            assert!(!event.windows(4).any(|part| part == b"\"h\"}"));
        }
    }

    #[test]
    fn a_head_and_a_record_are_not_taken_for_each_other() {
        let head = encode_head("e1").unwrap();
        assert_eq!(decode_head(&head).as_deref(), Some("e1"));
        assert_eq!(decode(&head), None);
        assert_eq!(decode_head(&encode(&record("x", None)).unwrap().line), None);
    }

    #[test]
    fn any_changed_byte_breaks_the_line() {
        let line = encode(&record("hello", None)).unwrap().line;
        for at in 0..line.len() {
            let mut broken = line.clone();
            broken[at] ^= 0x11;
            assert_eq!(decode(&broken), None, "byte {at}");
            assert_eq!(decode(&line[..at]), None, "cut at {at}");
        }
    }
}
