//! One row as it is kept: its key, its hash, and the values of its columns.

use std::borrow::Cow;

use sea_orm::Value;
use twox_hash::XxHash3_64;

use crate::columns::{At, Type};
use crate::page::{Rows, Shape, Slot};

/// The longest value and the longest key, in bytes.
const MAX_VALUE: usize = 1 << 20;
const MAX_KEY: usize = 1_000;

/// A row's key, or why it has none: the text of one field, the JSON list of the texts of several.
pub(crate) fn key(rows: &Rows, n: usize, fields: &[(u16, &str)]) -> Result<String, String> {
    let part = |(field, name): &(u16, &str)| {
        let slot = rows.row(n).iter().find(|slot| slot.field == *field);
        let text = slot.filter(|slot| slot.shape != Shape::Nested);
        let text = text.and_then(|slot| rows.text(*slot));
        match text {
            Some(text) if !text.trim().is_empty() => Ok(text),
            _ => Err(format!("its key `{name}` is missing or empty")),
        }
    };
    let key = match fields {
        [one] => part(one)?.into_owned(),
        several => {
            let parts: Vec<Cow<'_, str>> = several.iter().map(part).collect::<Result<_, _>>()?;
            serde_json::to_string(&parts).unwrap_or_default()
        }
    };
    if key.len() > MAX_KEY {
        return Err(format!("its key is longer than {MAX_KEY} bytes"));
    }
    if key.contains('\0') {
        return Err("its key has a character that no database keeps".to_owned());
    }
    Ok(key)
}

/// Why a row's values cannot be kept.
pub(crate) fn refuse(rows: &Rows, n: usize) -> Option<String> {
    rows.row(n).iter().find_map(|slot| {
        let name = &rows.fields[usize::from(slot.field)];
        let raw = rows.raw(*slot);
        if raw.len() > MAX_VALUE {
            return Some(format!("its `{name}` is longer than {MAX_VALUE} bytes"));
        }
        // PostgreSQL keeps no NUL, and JSON can only write it escaped.
        let has_nul = slot.shape == Shape::Escaped
            && raw.contains("\\u0000")
            && rows.text(*slot).is_some_and(|text| text.contains('\0'));
        has_nul.then(|| format!("its `{name}` has a character that no database keeps"))
    })
}

/// The hash of a row: 64 bits of XXH3 over the places and types of its columns and their values as
/// the source wrote them. The type is in it so that a row is written again when it is next seen after
/// a column of it widened: no value stays in a form that the column has no more. It is compared with
/// that of the same row alone, never with others', so that one change in 2⁶⁴ would pass unseen. What
/// is null counts as absent, so that a column that is added does not change the rows that lack it.
pub(crate) fn hash(rows: &Rows, n: usize, places: &[Option<At>], buffer: &mut Vec<u8>) -> i64 {
    buffer.clear();
    let slots = rows.row(n);
    let mut known: Vec<(At, Slot)> = Vec::with_capacity(slots.len());
    let mut in_order = true;
    for slot in slots {
        let Some(at) = places[usize::from(slot.field)] else {
            continue;
        };
        if slot.shape == Shape::Null {
            continue;
        }
        in_order &= known.last().is_none_or(|(last, _)| *last < at);
        known.push((at, *slot));
    }
    if !in_order {
        known.sort_unstable_by_key(|(at, _)| *at);
    }
    for (at, slot) in known {
        let raw = rows.raw(slot);
        buffer.extend_from_slice(&u32::try_from(at.place).unwrap_or(u32::MAX).to_le_bytes());
        buffer.push(at.kind as u8);
        buffer.extend_from_slice(&u32::try_from(raw.len()).unwrap_or(u32::MAX).to_le_bytes());
        buffer.extend_from_slice(raw.as_bytes());
    }
    i64::from_le_bytes(XxHash3_64::oneshot(buffer).to_le_bytes())
}

/// The hash of a row whose values in these columns are not known yet: the page has no such fields, and
/// whether the source still has them is seen later.
pub(crate) fn waiting(hash: i64, columns: &[usize]) -> i64 {
    if columns.is_empty() {
        return hash;
    }
    let mut bytes = hash.to_le_bytes().to_vec();
    for place in columns {
        bytes.extend_from_slice(&place.to_le_bytes());
    }
    i64::from_le_bytes(XxHash3_64::oneshot(&bytes).to_le_bytes())
}

/// The hash by which a key is remembered while a run lasts.
pub(crate) fn key_hash(key: &str) -> u64 {
    XxHash3_64::oneshot(key.as_bytes())
}

/// A value for a column of this type, which holds it.
pub(crate) fn value(rows: &Rows, slot: Slot, kind: Type) -> Value {
    match kind {
        Type::Integer => Value::BigInt(integer(rows, slot)),
        Type::Real => Value::Double(real(rows, slot)),
        Type::Text => Value::String(rows.text(slot).map(Cow::into_owned)),
    }
}

/// What stands for nothing in a column of this type.
pub(crate) fn null(kind: Type) -> Value {
    match kind {
        Type::Integer => Value::BigInt(None),
        Type::Real => Value::Double(None),
        Type::Text => Value::String(None),
    }
}

fn integer(rows: &Rows, slot: Slot) -> Option<i64> {
    match slot.shape {
        Shape::Bool => Some(i64::from(rows.raw(slot) == "true")),
        _ => rows.raw(slot).parse().ok(),
    }
}

fn real(rows: &Rows, slot: Slot) -> Option<f64> {
    match slot.shape {
        Shape::Bool => Some(f64::from(rows.raw(slot) == "true")),
        _ => rows.raw(slot).parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::Columns;
    use crate::page::Page;

    fn rows(body: &str) -> Rows {
        Page::read(body.as_bytes().to_vec(), "", None).unwrap().rows
    }

    fn hashes(bodies: &[&str]) -> Vec<i64> {
        let mut columns = Columns::default();
        let mut buffer = Vec::new();
        bodies
            .iter()
            .map(|body| {
                let rows = rows(body);
                columns.grow(&rows);
                let places: Vec<_> = rows.fields.iter().map(|f| columns.of_field(f)).collect();
                hash(&rows, 0, &places, &mut buffer)
            })
            .collect()
    }

    #[test]
    fn a_hash_knows_values_and_not_their_order() {
        let hashes = hashes(&[
            r#"[{"a": 1, "b": "x"}]"#,
            r#"[{"b": "x", "a": 1}]"#,
            r#"[{"a": 1, "b": "x", "c": null}]"#,
            r#"[{"a": 2, "b": "x"}]"#,
            r#"[{"a": 1, "b": "x", "c": 0}]"#,
            r#"[{"a": 1}]"#,
            r#"[{"a": 1.5}]"#,
            r#"[{"a": 1}]"#,
        ]);
        assert_eq!(hashes[0], hashes[1]);
        assert_eq!(hashes[0], hashes[2], "null is absent");
        let mut distinct = hashes[2..].to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 6, "the last one has another type");
    }

    #[test]
    fn a_row_without_its_key_or_with_what_cannot_be_kept_is_refused() {
        let rows = rows(
            r#"[{"id": 1, "t": "a"}, {"t": "a"}, {"id": null, "t": "a"}, {"id": " ", "t": "a"},
                {"id": [1], "t": "a"}, {"id": 2, "t": "a\u0000b"}, {"id": 3, "t": null}]"#,
        );
        let id = [(rows.field("id").unwrap(), "id")];
        let both = [id[0], (rows.field("t").unwrap(), "t")];
        assert_eq!(key(&rows, 0, &id).unwrap(), "1");
        assert_eq!(key(&rows, 0, &both).unwrap(), r#"["1","a"]"#);
        for n in 1..5 {
            assert!(key(&rows, n, &id).unwrap_err().contains("`id`"));
        }
        assert!(refuse(&rows, 5).unwrap().contains("`t`"));
        assert!(key(&rows, 6, &both).unwrap_err().contains("`t`"));
    }
}
