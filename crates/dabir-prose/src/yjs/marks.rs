//! Marks as formatting attributes, and values between JSON and Yjs.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use yrs::types::Attrs;
use yrs::{Any, Number};

use crate::node::Mark;

/// How many bytes of a hash the editor keeps.
const HASH_BYTES: usize = 6;

/// The formatting that says `marks`.
pub(super) fn to_attrs(marks: &[Mark]) -> Attrs {
    let value = |mark: &Mark| any(&Value::Object(mark.attrs()));
    marks
        .iter()
        .map(|mark| (key(mark).into(), value(mark)))
        .collect()
}

/// The marks that formatting says, as JSON. `null` takes formatting back.
pub(super) fn to_json(attrs: &Attrs) -> Vec<Value> {
    let set = attrs
        .iter()
        .filter(|(_, value)| !matches!(value, Any::Null | Any::Undefined));
    set.map(|(key, value)| {
        let mut mark = Map::new();
        mark.insert("type".to_owned(), name(key).into());
        mark.insert("attrs".to_owned(), json(value));
        Value::Object(mark)
    })
    .collect()
}

/// The attribute that carries `mark`. Comments may cover one text several times, and one attribute
/// has one value, so the editor gives each its own name with a hash of the mark.
fn key(mark: &Mark) -> String {
    match mark {
        Mark::Comment { id } => format!("comment--{}", comment_hash(id)),
        _ => mark.name().to_owned(),
    }
}

/// The mark that an attribute carries.
fn name(key: &str) -> &str {
    match key.rsplit_once("--") {
        Some((name, hash)) if hash.len() == 8 && hash.bytes().all(is_base64) => name,
        _ => key,
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

/// What y-prosemirror makes of `{type: "comment", attrs: {id}}`: SHA-256 over its binary form, folded.
fn comment_hash(id: &str) -> String {
    let mut bytes = Vec::new();
    push_object(&mut bytes, 2);
    push_key(&mut bytes, "type");
    push_string(&mut bytes, "comment");
    push_key(&mut bytes, "attrs");
    push_object(&mut bytes, 1);
    push_key(&mut bytes, "id");
    push_string(&mut bytes, id);
    let digest = Sha256::digest(&bytes);
    let mut folded = [0_u8; HASH_BYTES];
    for (n, byte) in digest.iter().enumerate() {
        folded[n % HASH_BYTES] ^= byte;
    }
    STANDARD.encode(folded)
}

fn push_object(bytes: &mut Vec<u8>, len: usize) {
    bytes.push(118);
    push_number(bytes, len);
}

fn push_string(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(119);
    push_key(bytes, text);
}

fn push_key(bytes: &mut Vec<u8>, text: &str) {
    push_number(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

/// A number in groups of seven bits, as lib0 writes it.
fn push_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number > 127 {
        bytes.push(128 | (number & 127) as u8);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// A JSON value as Yjs holds it.
pub(super) fn any(value: &Value) -> Any {
    match value {
        Value::Null => Any::Null,
        Value::Bool(flag) => Any::Bool(*flag),
        Value::Number(number) => Any::Number(match number.as_i64() {
            Some(whole) => Number::Int(whole),
            None => Number::Float(number.as_f64().unwrap_or_default()),
        }),
        Value::String(text) => Any::String(text.as_str().into()),
        Value::Array(list) => Any::Array(list.iter().map(any).collect()),
        Value::Object(map) => {
            let map: HashMap<String, Any> = map.iter().map(|(k, v)| (k.clone(), any(v))).collect();
            Any::Map(Arc::new(map))
        }
    }
}

/// A value of Yjs as JSON; what JSON does not have becomes `null`.
pub(super) fn json(value: &Any) -> Value {
    match value {
        Any::Bool(flag) => (*flag).into(),
        Any::Number(Number::Int(whole)) => (*whole).into(),
        Any::Number(Number::Float(number)) => (*number).into(),
        Any::String(text) => text.as_ref().into(),
        Any::Array(list) => list.iter().map(json).collect(),
        Any::Map(map) => map
            .iter()
            .map(|(k, v)| (k.clone(), json(v)))
            .collect::<Map<_, _>>()
            .into(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_hashes_and_nothing_else() {
        assert_eq!(name("comment--AbCd+/=1"), "comment");
        assert_eq!(name("bold"), "bold");
        assert_eq!(name("my--mark"), "my--mark");
    }
}
