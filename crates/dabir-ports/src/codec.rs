//! The state file's text: how it is written, and what is accepted when it is read.
//!
//! Thousands of free ports make up nearly all of the file. They are copied from, and compared
//! with, the text of the whole range, which is written once: that is what makes a change cheap.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::io::{self, Write};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;
use serde_json::{Map, Value};

use crate::model::{Book, HistoryEntry, Lease, Limits, Settings};
use crate::{PortSet, PortsState};

/// Every port of the range as text, and where each begins.
#[derive(Debug)]
pub(crate) struct RangeText {
    limits: Limits,
    /// `3000, 3001, …, 9000, `
    text: Vec<u8>,
    /// One more than there are ports: the last one is the text's end.
    starts: Vec<usize>,
}

impl RangeText {
    pub(crate) fn new(limits: Limits) -> Self {
        let (mut text, mut starts) = (Vec::new(), vec![0]);
        for port in limits.first..=limits.last {
            text.extend_from_slice(format!("{port}, ").as_bytes());
            starts.push(text.len());
        }
        Self {
            limits,
            text,
            starts,
        }
    }

    /// The text of `count` ports from `first` on, when all are in the range.
    fn cells(&self, first: u32, count: u32) -> Option<&[u8]> {
        let index = first.checked_sub(u32::from(self.limits.first))?;
        let start = *self.starts.get(index as usize)?;
        let end = *self.starts.get((index + count) as usize)?;
        Some(&self.text[start..end])
    }

    fn write(&self, ports: &PortSet, out: &mut Vec<u8>) {
        for (first, last) in ports.runs() {
            let count = u32::from(last - first) + 1;
            out.extend_from_slice(self.cells(u32::from(first), count).unwrap_or_default());
        }
        if !ports.is_empty() {
            out.truncate(out.len() - ", ".len());
        }
    }

    /// Reads a list as [`RangeText::write`] writes it, and what follows it; `None` when the list
    /// is in any way different.
    fn read<'t>(&self, mut text: &'t [u8]) -> Option<(PortSet, &'t [u8])> {
        let mut ports = PortSet::default();
        let mut lowest = 0;
        while !text.starts_with(b"]") {
            let first = leading_number(text).filter(|port| *port >= lowest)?;
            let mut port = first;
            for step in [256, 16, 1] {
                while let Some(rest) = self.skip(text, port, step) {
                    text = rest;
                    port += step;
                }
            }
            if port == first {
                text = self.last_cell(text, port)?;
                port += 1;
            }
            ports.extend((first..port).filter_map(|port| u16::try_from(port).ok()));
            lowest = port;
        }
        Some((ports, text))
    }

    fn skip<'t>(&self, text: &'t [u8], first: u32, count: u32) -> Option<&'t [u8]> {
        text.strip_prefix(self.cells(first, count)?)
    }

    /// The last port of a list, which no comma follows.
    fn last_cell<'t>(&self, text: &'t [u8], port: u32) -> Option<&'t [u8]> {
        let digits = self.cells(port, 1)?.strip_suffix(b", ")?;
        text.strip_prefix(digits).filter(|r| r.starts_with(b"]"))
    }
}

fn leading_number(text: &[u8]) -> Option<u32> {
    let digits = text.iter().take(6).take_while(|b| b.is_ascii_digit());
    let length = digits.count();
    std::str::from_utf8(&text[..length]).ok()?.parse().ok()
}

/// Writes `book` as the state file has it.
pub(crate) fn write(book: &Book, settings: &Settings, range: &RangeText) -> Vec<u8> {
    let mut file = Document::new(range.text.len() + 8_192);
    file.field("current_port", &book.current);
    file.key("free_ports");
    file.out.push(b'[');
    range.write(&book.free, &mut file.out);
    file.out.push(b']');
    file.field("used_ports", &List(&book.used));
    file.field("port_usage", &book.usage);
    file.key("history");
    file.lines([b'[', b']'], &book.history, |entry, file| file.value(entry));
    file.field("last_checked", &book.last_checked);
    file.field("change_count", &book.change_count);
    file.field("last_error", &book.last_error);
    file.field("last_error_time", &book.last_error_time);
    let extra = &book.settings_extra;
    let ours = settings;
    file.field("settings", &AllSettings { ours, extra });
    file.key("leases");
    file.lines([b'{', b'}'], &book.leases, |(port, lease), file| {
        file.out
            .extend_from_slice(format!("\"{port}\": ").as_bytes());
        file.value(lease);
    });
    if book.recoveries > 0 {
        file.field("recoveries", &book.recoveries);
    }
    for (name, value) in &book.extra {
        file.field(name, value);
    }
    file.end()
}

/// A JSON object that is being written, one key a line.
struct Document {
    out: Vec<u8>,
}

impl Document {
    fn new(capacity: usize) -> Self {
        Self {
            out: Vec::with_capacity(capacity),
        }
    }

    fn key(&mut self, name: &str) {
        let opening: &[u8] = if self.out.is_empty() { b"{" } else { b"," };
        self.out.extend_from_slice(opening);
        self.out.extend_from_slice(b"\n  ");
        self.value(name);
        self.out.extend_from_slice(b": ");
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        self.key(name);
        self.value(value);
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) {
        let mut serializer = serde_json::Serializer::with_formatter(&mut self.out, Spaced);
        // Writing to memory cannot fail, and no key here is anything but text or a number.
        let _ = value.serialize(&mut serializer);
    }

    /// A list or an object with one line for each of its items.
    fn lines<T>(
        &mut self,
        [open, close]: [u8; 2],
        items: impl IntoIterator<Item = T>,
        item: impl Fn(T, &mut Self),
    ) {
        self.out.push(open);
        let empty = self.out.len();
        for one in items {
            let comma: &[u8] = if self.out.len() == empty { b"" } else { b"," };
            self.out.extend_from_slice(comma);
            self.out.extend_from_slice(b"\n    ");
            item(one, self);
        }
        if self.out.len() > empty {
            self.out.extend_from_slice(b"\n  ");
        }
        self.out.push(close);
    }

    fn end(mut self) -> Vec<u8> {
        self.out.extend_from_slice(b"\n}\n");
        self.out
    }
}

struct List<'b>(&'b PortSet);

impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

/// Our settings, then those that others keep there.
#[derive(Serialize)]
struct AllSettings<'b> {
    #[serde(flatten)]
    ours: &'b Settings,
    #[serde(flatten)]
    extra: &'b Map<String, Value>,
}

/// On one line with a space after each comma and colon, as Python's `json` writes.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}

/// Reads a state file.
///
/// # Errors
/// Why the text is not to be trusted, for people.
pub(crate) fn read(text: &[u8], limits: Limits, range: &RangeText) -> Result<Book, String> {
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err("the file is empty".to_owned());
    }
    let mut book = match read_by_range(text, range) {
        Some(book) => book,
        None => parse(text)?,
    };
    book.tidy(limits);
    Ok(book)
}

/// Reads a file of our own making, whose free ports need not be parsed one by one.
fn read_by_range(text: &[u8], range: &RangeText) -> Option<Book> {
    const KEY: &[u8] = b"\"free_ports\": [";
    let at = text[..text.len().min(64)]
        .windows(KEY.len())
        .position(|window| window == KEY)?;
    let (head, list) = text.split_at(at + KEY.len());
    let (free, rest) = range.read(list)?;
    let mut book = parse(&[head, rest].concat()).ok()?;
    book.free = free;
    Some(book)
}

fn parse(text: &[u8]) -> Result<Book, String> {
    let file: FileText = serde_json::from_slice(text).map_err(|e| {
        let why = dabir_core::text::one_line(&e.to_string());
        format!("this is no port state: {why}")
    })?;
    Ok(file.0)
}

/// What stands in a file; a type of its own, because a book obeys more rules.
struct FileText(Book);

impl<'de> Deserialize<'de> for FileText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FileVisitor)
    }
}

struct FileVisitor;

impl<'de> Visitor<'de> for FileVisitor {
    type Value = FileText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `free_ports` and `used_ports`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FileText, A::Error> {
        let mut book = Book::default();
        let (mut free, mut used) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "current_port" => book.current = map.next_value()?,
                "free_ports" => free = Some(map.next_value()?),
                "used_ports" => used = Some(map.next_value()?),
                "port_usage" => book.usage = map.next_value()?,
                "history" => book.history = map.next_value::<VecDeque<HistoryEntry>>()?,
                "last_checked" => book.last_checked = map.next_value()?,
                "change_count" => book.change_count = map.next_value()?,
                "last_error" => book.last_error = map.next_value()?,
                "last_error_time" => book.last_error_time = map.next_value()?,
                "settings" => book.settings_extra = settings_extra(map.next_value()?),
                "leases" => book.leases = map.next_value::<BTreeMap<u16, Lease>>()?,
                "recoveries" => book.recoveries = map.next_value()?,
                _ => {
                    book.extra.insert(key, map.next_value()?);
                }
            }
        }
        book.free = free.ok_or_else(|| A::Error::missing_field("free_ports"))?;
        book.used = used.ok_or_else(|| A::Error::missing_field("used_ports"))?;
        check_ports(&book).map_err(A::Error::custom)?;
        for (&port, lease) in &mut book.leases {
            lease.port = port;
        }
        Ok(FileText(book))
    }
}

fn check_ports(book: &Book) -> Result<(), &'static str> {
    if book.current == Some(0) {
        return Err("`current_port` is 0, which is no port");
    }
    if book.leases.contains_key(&0) {
        return Err("port 0 is leased, which is no port");
    }
    Ok(())
}

/// What others keep among the settings: ours are written from the configuration.
fn settings_extra(mut settings: Map<String, Value>) -> Map<String, Value> {
    for ours in ["port_range", "json_path", "history_max"] {
        settings.remove(ours);
    }
    settings
}

/// The book as programs get it.
pub(crate) fn state(book: &Book, settings: Settings) -> PortsState {
    PortsState {
        current_port: book.current,
        free_ports: book.free.iter().collect(),
        used_ports: book.used.iter().collect(),
        port_usage: book.usage.clone(),
        history: book.history.iter().cloned().collect(),
        last_checked: book.last_checked.clone(),
        change_count: book.change_count,
        last_error: book.last_error.clone(),
        last_error_time: book.last_error_time.clone(),
        settings,
        leases: book.leases.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits {
        first: 3000,
        last: 9000,
        history_max: 50,
    };

    fn settings() -> Settings {
        Settings {
            port_range: [3000, 9000],
            json_path: "utils/port_state/dynamic_ports_service1.json".into(),
            history_max: 50,
        }
    }

    fn entry(time: &str, prev: Option<u16>, new: Option<u16>) -> HistoryEntry {
        HistoryEntry {
            time: time.into(),
            prev,
            new,
        }
    }

    /// The state of the port manager's own documentation.
    fn book() -> Book {
        let time = "1403/05/01 12:10 doshanbe";
        Book {
            current: Some(3000),
            free: [8001, 8002, 8003].into_iter().collect(),
            used: [3000].into_iter().collect(),
            usage: [(3000, 3), (8001, 1)].into(),
            history: [
                entry("1403/05/01 12:00 doshanbe", None, Some(3000)),
                entry(time, Some(3000), Some(8001)),
            ]
            .into(),
            last_checked: Some(time.into()),
            change_count: 2,
            ..Book::default()
        }
    }

    #[test]
    fn the_file_has_the_shape_that_other_programs_know() {
        let text = write(&book(), &settings(), &RangeText::new(LIMITS));
        let expected = r#"{
  "current_port": 3000,
  "free_ports": [8001, 8002, 8003],
  "used_ports": [3000],
  "port_usage": {"3000": 3, "8001": 1},
  "history": [
    {"time": "1403/05/01 12:00 doshanbe", "prev": null, "new": 3000},
    {"time": "1403/05/01 12:10 doshanbe", "prev": 3000, "new": 8001}
  ],
  "last_checked": "1403/05/01 12:10 doshanbe",
  "change_count": 2,
  "last_error": null,
  "last_error_time": null,
  "settings": {"port_range": [3000, 9000], "json_path": "utils/port_state/dynamic_ports_service1.json", "history_max": 50},
  "leases": {}
}
"#;
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }

    #[test]
    fn what_is_written_reads_back_with_strange_keys_kept() {
        let range = RangeText::new(LIMITS);
        let mut book = book();
        book.free = (3001..=9000).filter(|p| p % 1000 != 7).collect();
        book.extra.insert("a \"note\"\n".into(), "kept".into());
        book.settings_extra.insert("colour".into(), true.into());
        let text = write(&book, &settings(), &range);
        assert!(read_by_range(&text, &range).is_some());
        assert_eq!(read(&text, LIMITS, &range).unwrap(), book);
        assert_eq!(parse(&text).unwrap(), book);
    }

    #[test]
    fn each_kind_of_damage_is_told_by_its_reason() {
        let range = RangeText::new(LIMITS);
        let good = String::from_utf8(write(&book(), &settings(), &range)).unwrap();
        let check = |from: &str, to: &str, reason: &str| {
            assert!(good.contains(from), "{from}");
            let text = good.replacen(from, to, 1);
            let error = read(text.as_bytes(), LIMITS, &range).unwrap_err();
            assert!(error.contains(reason), "{from} -> {to}: {error}");
        };
        check("8001, 8002", "8001, 70000", "70000");
        check("8001, 8002", "-8001, 8002", "-8001");
        check("8001, 8002", "8001, 8001", "listed twice");
        check("8001, 8002", "0, 8002", "no port");
        check("8001, 8002", "\"8001\", 8002", "string");
        check("[3000]", "3000", "3000");
        check("\"used_ports\"", "\"usedports\"", "used_ports");
        check("\"3000\": 3", "\"x\": 3", "no port state");
        check("\"change_count\": 2", "\"change_count\": -2", "-2");
        check("\"settings\": {", "\"settings\": [{", "no port state");
        check("current_port\": 3000", "current_port\": 0", "0");
        for text in [
            "",
            " \n ",
            "[]",
            "null",
            "{}",
            "{\"a\": 1}",
            "{",
            "\u{feff}{}",
        ] {
            assert!(read(text.as_bytes(), LIMITS, &range).is_err(), "{text:?}");
        }
    }

    #[test]
    fn every_torn_file_is_noticed() {
        let range = RangeText::new(LIMITS);
        let text = write(&book(), &settings(), &range);
        let whole = text.len() - 1;
        for end in 0..whole {
            assert!(read(&text[..end], LIMITS, &range).is_err(), "{end}");
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_to_read_ports_agrees_with_the_slow_one(ports in proptest::collection::btree_set(2990u16..3300, 0..200)) {
            let range = RangeText::new(Limits { first: 2995, last: 3290, history_max: 1 });
            let text = serde_json::to_string(&ports).unwrap().replace(',', ", ");
            let slow: PortSet = serde_json::from_str(&text).unwrap();
            match range.read(&text.as_bytes()[1..]) {
                Some((quick, rest)) => {
                    prop_assert_eq!(&quick, &slow);
                    prop_assert_eq!(rest, b"]");
                }
                None => prop_assert!(ports.iter().any(|p| !(2995..=3290).contains(p))),
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text: Vec<u8>) {
            let range = RangeText::new(LIMITS);
            let _ = read(&text, LIMITS, &range);
            let _ = range.read(&text);
        }
    }
}
