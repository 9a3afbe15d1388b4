//! Clients from a file: CSV as spreadsheets write it, or JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// One client of a file, and the line where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub line: usize,
    pub username: String,
    /// What is `None` stays as it is.
    pub name: Option<String>,
    pub room: Option<String>,
    pub pipeline: Option<String>,
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("it is no UTF-8; save it as `CSV UTF-8`")]
    Encoding,
    #[error("the first line names no column `username`")]
    NoUsername,
    #[error("line {line}: {why}")]
    Line { line: u64, why: String },
    #[error("it has a line of more than {} KiB", MAX_LINE >> 10)]
    LongLine,
    #[error("it is not `{{\"clients\": [{{\"username\": …}}]}}`: {0}")]
    Json(#[from] serde_json::Error),
    #[error("it has more than {},000 clients; divide it into smaller files", MAX_ROWS / 1_000)]
    TooMany,
}

/// The most clients that a file may have.
pub const MAX_ROWS: usize = 100_000;
/// The longest line of a table, in bytes: its cells are counted before any is looked at.
const MAX_LINE: usize = 64 << 10;

/// What of a table is read.
const COLUMNS: [&str; 4] = ["username", "name", "room", "pipeline"];

/// What a JSON file says of a client.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    username: String,
    name: Option<String>,
    room: Option<String>,
    pipeline: Option<String>,
}

/// A client, or a username alone.
struct Item(Client);

/// Clients up to one more than are taken; what follows is not kept.
struct Items(Vec<Item>);

#[derive(Deserialize)]
struct File {
    clients: Items,
}

/// Reads `{"clients": ["ali", {"username": "mina", "name": "…"}]}`; lines are counted by clients.
///
/// # Errors
/// When it is anything else, or has too many.
pub fn read_json(bytes: &[u8]) -> Result<Vec<Row>, Unreadable> {
    let file: File = serde_json::from_slice(without_mark(bytes))?;
    let Items(items) = file.clients;
    if items.len() > MAX_ROWS {
        return Err(Unreadable::TooMany);
    }
    let rows = items.into_iter().zip(1..).map(|(Item(client), line)| Row {
        line,
        username: client.username,
        name: client.name,
        room: client.room,
        pipeline: client.pipeline,
    });
    Ok(rows.collect())
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemVisitor)
    }
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ItemsVisitor)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a username, or a client that has one")
    }

    fn visit_str<E: Error>(self, username: &str) -> Result<Item, E> {
        Ok(Item(Client {
            username: username.to_owned(),
            name: None,
            room: None,
            pipeline: None,
        }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Item, A::Error> {
        Client::deserialize(MapAccessDeserializer::new(map)).map(Item)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of clients")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Items, A::Error> {
        let mut items = Vec::new();
        while items.len() <= MAX_ROWS
            && let Some(item) = list.next_element()?
        {
            items.push(item);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Items(items))
    }
}

/// Reads a table whose first line names its columns: `username`, and if wanted `name`, `room` and
/// `pipeline`. Others are left alone, and so is what an empty cell is about.
///
/// # Errors
/// When it is no table, has no column `username`, or has too many clients.
pub fn read_csv(bytes: &[u8]) -> Result<Vec<Row>, Unreadable> {
    let bytes = without_mark(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::Encoding)?;
    if text.split(['\r', '\n']).any(|line| line.len() > MAX_LINE) {
        return Err(Unreadable::LongLine);
    }
    let mut table = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(bytes);
    let columns = columns(table.headers().map_err(unreadable)?);
    let username = columns.get("username").ok_or(Unreadable::NoUsername)?;
    let mut lines = Lines::default();
    let mut rows = Vec::new();
    for record in table.records() {
        let record = record.map_err(unreadable)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == MAX_ROWS {
            return Err(Unreadable::TooMany);
        }
        let cell = |column: &str| {
            let text = record.get(*columns.get(column)?)?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        rows.push(Row {
            line: record.position().map_or(0, |at| lines.at(bytes, at.byte())),
            username: record.get(*username).unwrap_or_default().to_owned(),
            name: cell("name"),
            room: cell("room"),
            pipeline: cell("pipeline"),
        });
    }
    Ok(rows)
}

/// Counts lines from record to record: the reader's own count is one behind where lines end with two
/// characters.
#[derive(Default)]
struct Lines {
    counted: usize,
    passed: usize,
}

impl Lines {
    fn at(&mut self, bytes: &[u8], begin: u64) -> usize {
        let mut begin = usize::try_from(begin)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let is_end = |at: usize| matches!(bytes.get(at), Some(b'\r' | b'\n'));
        while is_end(begin) {
            begin += 1;
        }
        let between = bytes.get(self.counted..begin).unwrap_or_default();
        self.passed += between.iter().filter(|byte| **byte == b'\n').count();
        self.counted = begin;
        self.passed + 1
    }
}

/// Some programs begin a file with a byte order mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Spreadsheets write a comma, a semicolon or a tab, by the language of the machine.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default();
    let count = |mark: u8| head.bytes().filter(|byte| *byte == mark).count();
    let marks = [b',', b';', b'\t'].into_iter().rev();
    marks.max_by_key(|mark| count(*mark)).unwrap_or(b',')
}

fn columns(head: &csv::StringRecord) -> BTreeMap<&'static str, usize> {
    let known = |name: &str| {
        COLUMNS
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name))
    };
    let mut columns = BTreeMap::new();
    for (at, name) in head.iter().enumerate() {
        columns.extend(known(name).map(|name| (*name, at)));
    }
    columns
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "`map_err` hands the error over"
)]
fn unreadable(error: csv::Error) -> Unreadable {
    Unreadable::Line {
        line: error.position().map_or(1, csv::Position::line),
        why: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: usize, username: &str, name: Option<&str>, room: Option<&str>) -> Row {
        Row {
            line,
            username: username.to_owned(),
            name: name.map(str::to_owned),
            room: room.map(str::to_owned),
            pipeline: None,
        }
    }

    #[test]
    fn tables_of_all_spreadsheets_are_read() {
        let wanted = [
            row(2, "ali", Some("علی رضایی"), None),
            row(4, "mina", None, Some("board")),
        ];
        for mark in [",", ";", "\t"] {
            let text =
                "\u{feff}Username,name,Room,age\r\nali, علی رضایی ,,9\r\n,,,\r\nmina,,board\r\n";
            let text = text.replace(',', mark);
            assert_eq!(read_csv(text.as_bytes()).unwrap(), wanted, "{mark}");
        }
        let quoted = "username,name\nali,\"a \"\"b\"\", c\nd\"\nmina,\n";
        let rows = read_csv(quoted.as_bytes()).unwrap();
        assert_eq!(rows[0].name.as_deref(), Some("a \"b\", c\nd"));
        assert_eq!(rows[1].line, 4);
    }

    #[test]
    fn json_names_clients_or_tells_of_them() {
        let text = r#"{"clients": ["ali", {"username": "mina", "room": "board"}]}"#;
        let wanted = [
            row(1, "ali", None, None),
            row(2, "mina", None, Some("board")),
        ];
        assert_eq!(read_json(text.as_bytes()).unwrap(), wanted);
        for wrong in [
            "",
            "[]",
            "{}",
            r#"{"clients": [7]}"#,
            r#"{"clients": [{"name": "a"}]}"#,
        ] {
            read_json(wrong.as_bytes()).unwrap_err();
        }
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for wrong in [&b""[..], b"name,room\nali,board\n", b"username\n\xff\xfe\n"] {
            read_csv(wrong).unwrap_err();
        }
    }
}
