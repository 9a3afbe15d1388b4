//! A page of rows, read without building a tree: each value stays where it stands in the body, and
//! only what is written to the table is ever made a value of its own.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use twox_hash::XxHash3_64;

/// What a value is in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Null,
    Bool,
    /// A whole number that a real one holds too.
    Int,
    Real,
    /// A number that a real one does not hold exactly.
    Big,
    /// A text without escapes: its bytes are those between its quotes.
    Plain,
    Escaped,
    /// A list or an object.
    Nested,
}

/// One value of a row: which field, what it is, and where it stands in the body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) field: u16,
    pub(crate) shape: Shape,
    start: u32,
    len: u32,
}

/// Where a row's values stand in [`Rows::slots`].
#[derive(Clone, Copy, Debug)]
struct Span {
    first: u32,
    count: u32,
}

/// The rows of one page.
pub(crate) struct Rows {
    body: String,
    /// In the order in which they came.
    pub(crate) fields: Vec<String>,
    slots: Vec<Slot>,
    rows: Vec<Span>,
    /// Elements of the list that are no rows.
    pub(crate) strange: Vec<String>,
    /// Where the list stands in the body.
    list: Range<usize>,
}

/// A page as it was answered.
pub(crate) struct Page {
    pub(crate) rows: Rows,
    pub(crate) total: Option<u64>,
}

/// Why an answer is no page.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PageError {
    #[error("the answer is no JSON: {0}")]
    NoJson(String),
    #[error("the answer has no list at `{0}`")]
    NoRecords(String),
    #[error("the answer has no number at `{0}`")]
    NoTotal(String),
    #[error("the gateway says that it failed: {0}")]
    SaysFailed(String),
    #[error("the answer has more than {MAX_FIELDS} fields in a row")]
    TooManyFields,
    #[error("the answer has more than {MAX_ROWS} rows; ask for fewer, with `page_size`")]
    TooManyRows,
}

const MAX_FIELDS: usize = 2_000;
/// The most rows of one answer: what is known of each takes more memory than the row.
const MAX_ROWS: usize = 200_000;
/// A real number of 64 bits holds every whole one up to here.
const MAX_WHOLE: u64 = 1 << 53;
/// Words by which gateways say whether they did it.
const VERDICTS: [&str; 4] = ["success", "isSuccess", "succeeded", "ok"];
const COMPLAINTS: [&str; 2] = ["error", "errors"];

type Object<'a> = HashMap<Cow<'a, str>, &'a RawValue>;

/// An answer, scanned once: an object by its members, or a list.
struct Answer<'a> {
    whole: &'a str,
    members: Option<Object<'a>>,
}

impl Page {
    /// Reads a body whose rows stand at `records`, and the number of all rows at `total`.
    pub(crate) fn read(
        body: Vec<u8>,
        records: &str,
        total: Option<&str>,
    ) -> Result<Self, PageError> {
        let body =
            String::from_utf8(body).map_err(|_| PageError::NoJson("it is not UTF-8".to_owned()))?;
        let mut reading = Reading::new(body.as_ptr() as usize);
        let total = reading.answer(&Answer::scan(&body)?, records, total)?;
        let rows = Rows {
            fields: reading.fields,
            slots: reading.slots,
            rows: reading.rows,
            strange: reading.strange,
            list: reading.list,
            body,
        };
        Ok(Self { rows, total })
    }
}

impl<'a> Answer<'a> {
    fn scan(body: &'a str) -> Result<Self, PageError> {
        // Some servers begin with a byte order mark.
        let whole = body.trim_start_matches('\u{feff}').trim();
        let members = if whole.starts_with('{') {
            Some(serde_json::from_str(whole).map_err(|e| no_json(&e))?)
        } else {
            None
        };
        Ok(Self { whole, members })
    }

    /// What stands at a dotted place.
    fn at(&self, place: &str) -> Option<&'a str> {
        let mut names = place.split('.').filter(|name| !name.is_empty());
        let Some(first) = names.next() else {
            return Some(self.whole);
        };
        let mut found = self.members.as_ref()?.get(first)?.get();
        for name in names {
            let object: Object<'a> = serde_json::from_str(found).ok()?;
            found = object.get(name)?.get();
        }
        Some(found)
    }

    fn number(&self, place: &str) -> Result<u64, PageError> {
        let number = self.at(place).and_then(|text| {
            let digits = dabir_core::text::ascii_digits(text.trim_matches('"'));
            digits.parse().ok()
        });
        number.ok_or_else(|| PageError::NoTotal(place.to_owned()))
    }

    /// Some gateways answer 200 and say in the body that they failed, with or without half a page.
    fn check_verdict(&self) -> Result<(), PageError> {
        let Some(members) = &self.members else {
            return Ok(());
        };
        let says = |word: &&str| members.get(*word).map(|value| value.get());
        let failed = VERDICTS.iter().any(|word| says(word) == Some("false"));
        let complaint = COMPLAINTS
            .iter()
            .filter_map(says)
            .find(|text| !matches!(*text, "null" | "\"\"" | "[]" | "{}" | "false" | "0"));
        if !failed && complaint.is_none() {
            return Ok(());
        }
        let message = ["message", "Message", "detail"].iter().find_map(says);
        let words = complaint.or(message).unwrap_or("without words");
        Err(PageError::SaysFailed(words.to_owned()))
    }
}

fn no_json(error: &serde_json::Error) -> PageError {
    PageError::NoJson(error.to_string())
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many bytes of memory it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        self.body.len() + self.slots.len() * size_of::<Slot>()
    }

    pub(crate) fn row(&self, n: usize) -> &[Slot] {
        let Span { first, count } = self.rows[n];
        &self.slots[first as usize..(first + count) as usize]
    }

    pub(crate) fn field(&self, name: &str) -> Option<u16> {
        let found = self.fields.iter().position(|field| field == name)?;
        u16::try_from(found).ok()
    }

    /// The value as it stands in the body; of a text what is between its quotes.
    pub(crate) fn raw(&self, slot: Slot) -> &str {
        &self.body[slot.start as usize..(slot.start + slot.len) as usize]
    }

    /// The value as a text: of a text itself, of anything else its JSON. `None` for null.
    pub(crate) fn text(&self, slot: Slot) -> Option<Cow<'_, str>> {
        match slot.shape {
            Shape::Null => None,
            Shape::Escaped => Some(Cow::Owned(self.unescaped(slot))),
            _ => Some(Cow::Borrowed(self.raw(slot))),
        }
    }

    fn unescaped(&self, slot: Slot) -> String {
        let quoted = &self.body[slot.start as usize - 1..(slot.start + slot.len) as usize + 1];
        serde_json::from_str(quoted)
            .or_else(|_| serde_json::from_str(&without_halves(quoted)))
            .unwrap_or_default()
    }

    /// A row as JSON, for people.
    pub(crate) fn json(&self, n: usize) -> Value {
        let values = self.row(n).iter().map(|slot| {
            let raw = self.raw(*slot);
            let value = match slot.shape {
                Shape::Plain | Shape::Escaped => {
                    Value::String(self.text(*slot).unwrap_or_default().into())
                }
                _ => serde_json::from_str(raw).unwrap_or_else(|_| raw.into()),
            };
            (self.fields[usize::from(slot.field)].clone(), value)
        });
        Value::Object(values.collect())
    }

    /// What the list has in it, so that the same page is known when it comes again: what stands
    /// around it may have the time of day.
    pub(crate) fn digest(&self) -> u64 {
        XxHash3_64::oneshot(&self.body.as_bytes()[self.list.clone()])
    }
}

/// What is read of the list so far.
struct Reading {
    /// Where the body begins in memory: places are counted from there.
    base: usize,
    fields: Vec<String>,
    known: HashMap<String, u16>,
    slots: Vec<Slot>,
    rows: Vec<Span>,
    strange: Vec<String>,
    list: Range<usize>,
}

impl Reading {
    fn new(base: usize) -> Self {
        Self {
            base,
            fields: Vec::new(),
            known: HashMap::new(),
            slots: Vec::new(),
            rows: Vec::new(),
            strange: Vec::new(),
            list: 0..0,
        }
    }

    /// Reads the rows of an answer, and says how many there are on all pages.
    fn answer(
        &mut self,
        answer: &Answer<'_>,
        records: &str,
        total: Option<&str>,
    ) -> Result<Option<u64>, PageError> {
        answer.check_verdict()?;
        let total = total.map(|place| answer.number(place)).transpose()?;
        let list = answer.at(records).unwrap_or_default();
        if list == "null" && total == Some(0) {
            return Ok(total);
        }
        if !list.starts_with('[') && answer.members.is_some() {
            return Err(PageError::NoRecords(records.to_owned()));
        }
        let start = list.as_ptr() as usize - self.base;
        self.list = start..start + list.len();
        let mut text = serde_json::Deserializer::from_str(list);
        let read = text.deserialize_seq(List(self)).and_then(|()| text.end());
        if self.fields.len() > MAX_FIELDS {
            return Err(PageError::TooManyFields);
        }
        if self.rows.len() + self.strange.len() > MAX_ROWS {
            return Err(PageError::TooManyRows);
        }
        read.map_err(|e| no_json(&e))?;
        Ok(total)
    }

    /// The number of a field. Rows have their fields in one order, so the guess is nearly always right.
    fn field(&mut self, name: &str, guess: usize) -> u16 {
        if self.fields.get(guess).is_some_and(|field| field == name) {
            return u16::try_from(guess).unwrap_or(u16::MAX);
        }
        // PostgreSQL keeps no NUL.
        let name = name.replace('\0', "");
        if let Some(known) = self.known.get(&name) {
            return *known;
        }
        let number = u16::try_from(self.fields.len()).unwrap_or(u16::MAX);
        self.fields.push(name.clone());
        self.known.insert(name, number);
        number
    }

    fn slot(&self, field: u16, raw: &str) -> Slot {
        let start = raw.as_ptr() as usize - self.base;
        let shape = shape(raw);
        let quotes = u32::from(matches!(shape, Shape::Plain | Shape::Escaped));
        Slot {
            field,
            shape,
            // Bodies are a few MiB at most.
            start: u32::try_from(start).unwrap_or(u32::MAX) + quotes,
            len: u32::try_from(raw.len()).unwrap_or(u32::MAX) - 2 * quotes,
        }
    }
}

/// A text of JSON in which halves of characters, `\ud83d` without the half that belongs to it, became
/// the character that says that there was one.
fn without_halves(quoted: &str) -> String {
    let mut whole = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some(at) = rest.find('\\') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        let (first, second) = (escaped(rest), rest.get(6..).and_then(escaped));
        let taken = match (first, second) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 12,
            (Some(0xd800..0xe000), _) => {
                whole.push('\u{fffd}');
                rest = &rest[6..];
                continue;
            }
            (Some(_), _) => 6,
            // A backslash and what it stands before.
            (None, _) => rest.len().min(2),
        };
        let taken = rest.floor_char_boundary(taken);
        whole.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    whole + rest
}

/// The number of a `\uXXXX` at the beginning.
fn escaped(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

fn shape(raw: &str) -> Shape {
    match raw.as_bytes()[0] {
        b'"' if raw.contains('\\') => Shape::Escaped,
        b'"' => Shape::Plain,
        b'{' | b'[' => Shape::Nested,
        b't' | b'f' => Shape::Bool,
        b'n' => Shape::Null,
        _ => number(raw),
    }
}

fn number(raw: &str) -> Shape {
    if let Ok(whole) = raw.parse::<i64>() {
        return match whole.unsigned_abs() <= MAX_WHOLE {
            true => Shape::Int,
            false => Shape::Big,
        };
    }
    let digits = raw.bytes().filter(u8::is_ascii_digit).count();
    let is_real = raw.contains(['.', 'e', 'E']) && raw.parse::<f64>().is_ok_and(f64::is_finite);
    // Sixteen digits may not come back from a double as they went in.
    if is_real && digits <= 15 {
        Shape::Real
    } else {
        Shape::Big
    }
}

struct List<'a>(&'a mut Reading);

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while self.0.rows.len() + self.0.strange.len() <= MAX_ROWS
            && seq.next_element_seed(Row(self.0))?.is_some()
        {}
        // Told by whoever called, when there are more.
        Ok(())
    }
}

struct Row<'a>(&'a mut Reading);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let first = self.0.slots.len();
        let mut guess = 0;
        let mut in_order = 0;
        while let Some(field) = map.next_key_seed(Field(self.0, guess))? {
            guess = usize::from(field) + 1;
            if self.0.fields.len() > MAX_FIELDS {
                // Told by whoever called; nothing more is kept.
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let raw: &'de RawValue = map.next_value()?;
            let slot = self.0.slot(field, raw.get());
            // A field that comes twice counts as it came last. Those in order come once.
            let before = match guess > in_order {
                true => None,
                false => self.0.slots[first..]
                    .iter_mut()
                    .find(|old| old.field == field),
            };
            match before {
                Some(before) => *before = slot,
                None => self.0.slots.push(slot),
            }
            in_order = in_order.max(guess);
        }
        let count = self.0.slots.len() - first;
        self.0.rows.push(Span {
            first: u32::try_from(first).unwrap_or(u32::MAX),
            count: u32::try_from(count).unwrap_or(u32::MAX),
        });
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element::<Value>()? {
            list.push(value);
        }
        self.0.strange.push(Value::from(list).to_string());
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.strange.push(Value::from(text).to_string());
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.0.strange.push(number.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.0.strange.push(number.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.0.strange.push(number.to_string());
        Ok(())
    }

    fn visit_bool<E>(self, yes: bool) -> Result<(), E> {
        self.0.strange.push(yes.to_string());
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.strange.push("null".to_owned());
        Ok(())
    }
}

/// A field's name, and where in the row it would stand as in the rows before.
struct Field<'a>(&'a mut Reading, usize);

impl<'de> DeserializeSeed<'de> for Field<'_> {
    type Value = u16;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u16, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Field<'_> {
    type Value = u16;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<u16, E> {
        Ok(self.0.field(name, self.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Page, PageError> {
        Page::read(body.as_bytes().to_vec(), "data", Some("totalCount"))
    }

    #[test]
    fn values_are_read_where_they_stand() {
        let page = read(
            r#"{"totalCount": "۳", "data": [
                {"id": 1, "نام": "علی", "x": "a\"b", "r": 1.5, "n": null, "b": true, "l": [1, {"a": 2}]},
                {"نام": "سارا", "id": 12345678901234567890, "extra": -7, "d": 0.1234567890123456789},
                [1], "text", 7, null ]}"#,
        )
        .unwrap();
        assert_eq!(page.total, Some(3));
        let rows = page.rows;
        assert_eq!(rows.fields[..2], ["id", "نام"]);
        let shapes: Vec<Shape> = rows.row(0).iter().map(|slot| slot.shape).collect();
        use Shape::*;
        assert_eq!(shapes, [Int, Plain, Escaped, Real, Null, Bool, Nested]);
        let texts: Vec<_> = rows.row(0).iter().map(|slot| rows.text(*slot)).collect();
        assert_eq!(texts[2].as_deref(), Some("a\"b"));
        assert_eq!(texts[6].as_deref(), Some(r#"[1, {"a": 2}]"#));
        let second = rows.row(1);
        assert_eq!(rows.fields[usize::from(second[0].field)], "نام");
        assert_eq!((second[1].shape, second[3].shape), (Big, Big));
        assert_eq!(rows.json(1)["extra"], -7);
        assert_eq!(rows.strange, ["[1]", "\"text\"", "7", "null"]);
    }

    #[test]
    fn what_is_no_page_is_told_from_an_empty_one() {
        assert_eq!(
            read(r#"{"data": [], "totalCount": 0}"#).unwrap().rows.len(),
            0
        );
        assert_eq!(
            read(r#"{"data": null, "totalCount": 0}"#)
                .unwrap()
                .rows
                .len(),
            0
        );
        for wrong in [
            "",
            "<html>busy</html>",
            r#"{"data": [{"id": 1}, {"id""#,
            r#"{"data": [{"id": 1}] "totalCount": 1}"#,
            r#"{"message": "try later"}"#,
            r#"{"data": null, "totalCount": 5}"#,
            r#"{"data": {"id": 1}, "totalCount": 1}"#,
            r#"{"data": []}"#,
            r#"{"data": [], "totalCount": 0, "success": false, "message": "no"}"#,
            r#"{"data": [{"id": 1}], "totalCount": 1, "error": "partial"}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(Page::read(vec![b'"', 0xff, b'"'], "", None).is_err());
        let list = Page::read(b"[{\"id\": 1}]".to_vec(), "", None).unwrap();
        assert_eq!((list.rows.len(), list.total), (1, None));
    }

    #[test]
    fn half_a_character_costs_itself_alone() {
        let body =
            r#"[{"id": 1, "t": "Ali \ud83d \\ \ud83d\ude00 \udc00\ud83d\u0641", "a\u0000": 1}]"#;
        let page = Page::read(body.into(), "", None).unwrap();
        let text = page.rows.text(page.rows.row(0)[1]).unwrap().into_owned();
        assert_eq!(text, "Ali \u{fffd} \\ 😀 \u{fffd}\u{fffd}ف");
        assert_eq!(page.rows.fields[2], "a");
    }

    #[test]
    fn the_same_rows_are_known_whatever_stands_around_them() {
        let digest = |body: &str| read(body).unwrap().rows.digest();
        let one = digest(r#"{"data": [{"id": 1}], "totalCount": 1, "at": "10:00"}"#);
        assert_eq!(
            digest(r#"{"at": "10:01", "data": [{"id": 1}], "totalCount": 1}"#),
            one
        );
        assert_ne!(digest(r#"{"data": [{"id": 2}], "totalCount": 1}"#), one);
    }

    #[test]
    fn a_page_of_too_many_rows_is_refused_before_it_fills_the_memory() {
        let list = vec!["{}"; MAX_ROWS + 2].join(",");
        let read = Page::read(format!("[{list}]").into(), "", None);
        assert_eq!(read.err(), Some(PageError::TooManyRows));
    }

    #[test]
    fn a_field_that_comes_twice_counts_as_it_came_last() {
        let page = Page::read(br#"[{"id": 1, "a": 1, "id": 2}]"#.to_vec(), "", None).unwrap();
        assert_eq!(page.rows.json(0), serde_json::json!({ "id": 2, "a": 1 }));
        assert_eq!(page.rows.row(0).len(), 2);
    }
}
