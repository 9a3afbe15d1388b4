//! What stands under the key `Clients_status`: a field for each list, a JSON array each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use crate::name::Username;
use crate::sets::Kind;

pub(super) const KEY: &str = "Clients_status";
/// Beside the key: under which epoch it was written, and which names in `active_clients` are ours.
pub(super) const NOTE: &str = "Clients_status:dabir";

pub(super) const ACTIVE: &str = "active_clients";
pub(super) const LOST: &str = "connecting_internet_error";
pub(super) const TO_CLOSE: &str = "clients_to_close";

/// What others say, and we take in.
pub(super) const THEIRS: [&str; 3] = [ACTIVE, LOST, TO_CLOSE];
/// What only we say.
pub(super) const OURS: [(&str, Kind); 3] = [
    ("paused_clients", Kind::Paused),
    ("blocked_clients", Kind::Blocked),
    ("deactivate_clients", Kind::Deactivated),
];

/// The longest list.
const MAX_NAMES: usize = 100_000;
/// The longest text of a field that others write, in bytes.
const MAX_FIELD: u64 = 8 << 20;
/// The longest text of all fields, in bytes, unless ours are longer.
const MAX_TEXT: u64 = 64 << 20;

/// The fields as they stand there.
pub(super) type Fields = BTreeMap<String, Vec<u8>>;

/// Every field that we know.
pub(super) fn fields() -> impl Iterator<Item = &'static str> {
    THEIRS
        .into_iter()
        .chain(OURS.into_iter().map(|(field, _)| field))
}

/// How long the texts of our fields are to be, in bytes.
pub(super) type Lengths = BTreeMap<&'static str, u64>;

/// Whether a field is to be read: what others write, up to a length, and of ours what may be right.
pub(super) fn is_read(field: &str, length: u64, ours: &Lengths) -> bool {
    ours.get(field)
        .map_or(length <= MAX_FIELD, |right| length == *right)
}

/// The longest text of all fields that is read, in bytes.
pub(super) fn most(ours: &Lengths) -> u64 {
    MAX_TEXT.max(2 * ours.values().sum::<u64>())
}

/// The names in a field; nobody when there is none.
pub(super) fn names(text: Option<&[u8]>) -> Result<BTreeSet<Username>, String> {
    let Some(text) = text else {
        return Ok(BTreeSet::new());
    };
    let names: Vec<Username> = serde_json::from_slice(text)
        .map_err(|error| format!("it is not a JSON array of names: {error}"))?;
    match names.len() {
        0..=MAX_NAMES => Ok(names.into_iter().collect()),
        many => Err(format!("{many} names are more than {MAX_NAMES}")),
    }
}

/// A field of these names.
pub(super) fn text<'a>(names: impl IntoIterator<Item = &'a Username>) -> Vec<u8> {
    let names: Vec<&str> = names.into_iter().map(Username::as_str).collect();
    // Names are texts: there is nothing that JSON could not say.
    serde_json::to_vec(&names).unwrap_or_default()
}

/// All fields of one JSON text, others' too, each as it stands there.
pub(super) fn unpack(text: &[u8]) -> Result<Fields, String> {
    let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(text)
        .map_err(|error| format!("it is not a JSON object: {error}"))?;
    let fields = fields.into_iter();
    let bytes = |value: Box<RawValue>| String::from(Box::<str>::from(value)).into_bytes();
    Ok(fields.map(|(field, value)| (field, bytes(value))).collect())
}

/// One JSON text of all fields.
pub(super) fn pack(fields: &Fields) -> Vec<u8> {
    let mut text = vec![b'{'];
    for (at, (field, value)) in fields.iter().enumerate() {
        if at > 0 {
            text.extend_from_slice(b", ");
        }
        text.extend(serde_json::to_vec(field).unwrap_or_default());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value);
    }
    text.push(b'}');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_with_suspicion() {
        let read = |text: &str| names(Some(text.as_bytes())).map(|names| names.len());
        assert_eq!(names(None), Ok(BTreeSet::new()));
        assert_eq!(read("[]"), Ok(0));
        assert_eq!(read(" [\"ali\", \"mina\", \"ali\"] "), Ok(2));
        for wrong in [
            "",
            "null",
            "{}",
            "[1]",
            "[\"\"]",
            "[\"a/b\"]",
            "[\"ali\"",
            "ali",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let many: Vec<String> = (0..=MAX_NAMES).map(|n| n.to_string()).collect();
        assert!(read(&serde_json::to_string(&many).unwrap()).is_err());
    }

    #[test]
    fn what_others_keep_in_the_text_stays_as_it_is() {
        let text =
            r#"{"active_clients": ["a"], "theirs": {"n": 1.50, "big": 12345678901234567890}}"#;
        let mut fields = unpack(text.as_bytes()).unwrap();
        fields.insert("paused_clients".to_owned(), b"[\"b\"]".to_vec());
        let packed = String::from_utf8(pack(&fields)).unwrap();
        let wanted = r#"{"active_clients": ["a"], "paused_clients": ["b"], "theirs": {"n": 1.50, "big": 12345678901234567890}}"#;
        assert_eq!(packed, wanted);
        for wrong in ["", "[]", "7", "{\"a\": }", "\"{}\""] {
            unpack(wrong.as_bytes()).unwrap_err();
        }
    }
}
