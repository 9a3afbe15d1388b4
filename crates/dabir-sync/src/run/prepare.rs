//! What can be done to a page before it is its turn to be written: keys, rows that cannot be taken,
//! the newest value of the field that grows, and the text that people search by.

use std::collections::HashMap;

use dabir_core::{Timestamp, names};

use crate::page::{Page, Rows};
use crate::row;
use crate::run::cursor;
use crate::source::Source;

/// A page, ready to be written.
pub(crate) struct Prepared {
    pub(crate) rows: Rows,
    pub(crate) total: Option<u64>,
    /// Rows that can be kept, each key once, by their numbers.
    pub(crate) keyed: Vec<(usize, String)>,
    /// The hashes of all its keys, of rows that cannot be kept too: they are there.
    pub(crate) seen: Vec<u64>,
    /// How many rows have no key,
    pub(crate) keyless: u64,
    /// and how many have one that came before on this page.
    pub(crate) doubled: u64,
    /// Why, and the row as JSON.
    pub(crate) bad: Vec<(String, String)>,
    pub(crate) cursor: Option<String>,
    pub(crate) digest: u64,
    /// The fields that people search by.
    searched: Vec<u16>,
}

/// Parts of the names of fields that people search by.
const NAMES: [&str; 6] = ["name", "family", "surname", "title", "نام", "عنوان"];
/// How many fields are searched, at most.
const MOST: usize = 6;

impl Prepared {
    pub(crate) fn new(page: Page, source: &Source) -> Self {
        Self::at(page, source, Timestamp::MAX)
    }

    /// A page that came at `now`: values of the field that grows which lie beyond tomorrow are no
    /// times at which anything changed.
    pub(crate) fn at(page: Page, source: &Source, now: Timestamp) -> Self {
        let Page { rows, total } = page;
        let mut bad: Vec<(String, String)> = rows
            .strange
            .iter()
            .map(|raw| ("it is no object".to_owned(), raw.clone()))
            .collect();
        let fields: Vec<(u16, &str)> = source
            .key
            .iter()
            .map(|name| (rows.field(name).unwrap_or(u16::MAX), name.as_str()))
            .collect();
        let mut keyed: Vec<(usize, String)> = Vec::with_capacity(rows.len());
        let mut places: HashMap<u64, usize> = HashMap::with_capacity(rows.len());
        let mut seen: Vec<u64> = Vec::with_capacity(rows.len());
        for n in 0..rows.len() {
            let key = row::key(&rows, n, &fields).map(|key| (row::key_hash(&key), key));
            seen.extend(key.as_ref().ok().map(|(hash, _)| *hash));
            let key = match row::refuse(&rows, n) {
                Some(why) => Err(why),
                None => key,
            };
            match key {
                Ok((hash, key)) => {
                    // A key that comes twice counts as it came last.
                    let place = *places.entry(hash).or_insert(keyed.len());
                    match keyed.get_mut(place) {
                        Some(before) => before.0 = n,
                        None => keyed.push((n, key)),
                    }
                }
                Err(why) => bad.push((why, rows.json(n).to_string())),
            }
        }
        let cursor = newest(&rows, source, now);
        let with_key = seen.len();
        seen.sort_unstable();
        seen.dedup();
        Self {
            keyless: (rows.len() + rows.strange.len() - with_key) as u64,
            doubled: (with_key - seen.len()) as u64,
            seen,
            searched: searched(&rows, source),
            digest: rows.digest(),
            total,
            keyed,
            bad,
            cursor,
            rows,
        }
    }

    /// How many rows the gateway gave.
    pub(crate) fn served(&self) -> u64 {
        (self.rows.len() + self.rows.strange.len()) as u64
    }

    /// What people find a row by.
    pub(crate) fn search_text(&self, n: usize) -> Option<String> {
        let slots = self.rows.row(n).iter();
        let texts = slots
            .filter(|slot| self.searched.contains(&slot.field))
            .filter_map(|slot| self.rows.text(*slot));
        let texts: Vec<_> = texts.collect();
        (!texts.is_empty()).then(|| names::search_text(&texts.join(" ")))
    }
}

/// The newest value of the field that grows; compared as [`super::cell::Cell::advance`] does, which
/// also has the last word.
fn newest(rows: &Rows, source: &Source, now: Timestamp) -> Option<String> {
    let field = rows.field(&source.incremental.as_ref()?.field)?;
    let mut newest = super::cell::Cell::new(0, Default::default());
    for n in 0..rows.len() {
        let slot = rows.row(n).iter().find(|slot| slot.field == field);
        let text = slot.and_then(|slot| rows.text(*slot));
        // PostgreSQL keeps no NUL.
        if let Some(text) =
            text.filter(|text| !text.contains('\0') && !cursor::is_beyond(text, now))
        {
            newest.advance(&text);
        }
    }
    newest.cursor
}

/// The key's fields, and those that look like names.
fn searched(rows: &Rows, source: &Source) -> Vec<u16> {
    let is_name = |field: &str| {
        let lower = field.to_lowercase();
        NAMES.iter().any(|name| lower.contains(name))
    };
    let keys = source.key.iter().filter_map(|name| rows.field(name));
    let names = rows.fields.iter().filter(|field| is_name(field));
    let mut searched: Vec<u16> = keys
        .chain(names.filter_map(|name| rows.field(name)))
        .collect();
    searched.truncate(MOST);
    searched
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_is_sorted_into_rows_and_what_cannot_be_taken() {
        let source: Source = serde_json::from_value(json!({
            "name": "s", "table": "t", "key": ["id"], "request": { "url": "https://h.example/" },
            "incremental": { "field": "at", "param": "since" },
        }))
        .unwrap();
        let body = r#"[{"id": 1, "نام": "علي", "at": "b"}, {"id": 2, "at": "c"}, {"at": "z"}, 7,
                      {"id": 1, "نام": "رضا", "at": "a"}]"#;
        let page = Page::read(body.into(), "", None).unwrap();
        let prepared = Prepared::new(page, &source);
        assert_eq!(prepared.keyed, [(3, "1".to_owned()), (1, "2".to_owned())]);
        assert_eq!(prepared.bad.len(), 2);
        assert_eq!(prepared.served(), 5);
        assert_eq!((prepared.keyless, prepared.doubled), (2, 1));
        assert_eq!(prepared.cursor.as_deref(), Some("z"));
        assert_eq!(prepared.search_text(0).as_deref(), Some("1 علی"));
    }

    #[test]
    fn a_row_that_cannot_be_kept_is_there_all_the_same() {
        let source: Source = serde_json::from_value(json!({
            "name": "s", "table": "t", "key": ["id"], "request": { "url": "https://h.example/" },
        }))
        .unwrap();
        let body = r#"[{"id": 1, "t": "a\u0000"}, {"id": 2}]"#;
        let prepared = Prepared::new(Page::read(body.into(), "", None).unwrap(), &source);
        assert_eq!((prepared.keyed.len(), prepared.bad.len()), (1, 1));
        assert_eq!((prepared.seen.len(), prepared.keyless), (2, 0));
    }
}
