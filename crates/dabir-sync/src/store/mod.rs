//! The tables of sync, and those that it fills. One question, one function; what differs between the
//! databases stays here.

pub(crate) mod cells;
pub(crate) mod findings;
pub(crate) mod notices;
pub(crate) mod rows;
pub(crate) mod runs;
pub(crate) mod sources;
pub(crate) mod table;

pub(crate) use dabir_db::sql::{count, execute, is_postgres, query, time, time_if_any};

use sea_orm::{DbErr, QueryResult};

fn count_if_any(row: &QueryResult, column: &str) -> Result<Option<u64>, DbErr> {
    let value: Option<i64> = row.try_get("", column)?;
    Ok(value.and_then(|value| u64::try_from(value).ok()))
}

/// Counts fit into the databases' numbers.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Texts as one parameter: PostgreSQL's way to write a list, or JSON for SQLite.
fn list(is_postgres: bool, texts: &[&str]) -> String {
    if !is_postgres {
        return serde_json::to_string(texts).unwrap_or_default();
    }
    let mut list = List::default();
    for text in texts {
        list.text(Some(text));
    }
    list.end()
}

/// `{"a",NULL,3}`: how PostgreSQL reads a list of any type.
#[derive(Default)]
struct List {
    text: String,
}

impl List {
    fn begin(&mut self) {
        self.text.push(if self.text.is_empty() { '{' } else { ',' });
    }

    fn text(&mut self, value: Option<&str>) {
        self.begin();
        let Some(value) = value else {
            self.text.push_str("NULL");
            return;
        };
        self.text.push('"');
        let mut rest = value;
        while let Some(at) = rest.find(['"', '\\']) {
            self.text.push_str(&rest[..at]);
            self.text.push('\\');
            self.text.push_str(&rest[at..=at]);
            rest = &rest[at + 1..];
        }
        self.text.push_str(rest);
        self.text.push('"');
    }

    fn bare(&mut self, value: Option<impl ToString>) {
        self.begin();
        match value {
            Some(value) => self.text.push_str(&value.to_string()),
            None => self.text.push_str("NULL"),
        }
    }

    fn end(self) -> String {
        if self.text.is_empty() {
            return "{}".to_owned();
        }
        self.text + "}"
    }
}

/// A question's `IN` for a list that is one parameter.
fn in_list(is_postgres: bool, column: &str, place: usize) -> String {
    if is_postgres {
        format!("{column} = ANY(${place}::text::text[])")
    } else {
        format!("{column} IN (SELECT value FROM json_each(${place}))")
    }
}
