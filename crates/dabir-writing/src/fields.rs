//! The body of a request, read field by field, so that every field that is wrong is named at once.

use std::collections::HashSet;
use std::hash::Hash;

use dabir_core::text::{moves_the_reader, one_line};
use dabir_http::FieldError;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::WritingError;

/// The longest id of anything, in bytes.
const MAX_ID: usize = 64;

/// What of an object is not read yet, and what was wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    left: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    pub(crate) fn of(object: Map<String, Value>) -> Self {
        Self {
            left: object,
            errors: Vec::new(),
        }
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.left.contains_key(field)
    }

    /// A field; `None` when it is not there or wrong.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, field: &str) -> Option<T> {
        let value = self.left.remove(field)?;
        let read = serde_json::from_value(value);
        read.map_err(|error| self.refuse(field, error.to_string()))
            .ok()
    }

    /// Passes over a field that cannot be set.
    pub(crate) fn ignore(&mut self, field: &str) {
        self.left.remove(field);
    }

    pub(crate) fn refuse(&mut self, field: &str, detail: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.to_owned(),
            detail: detail.into(),
        });
    }

    /// A text on one line, of 1 to `most` characters without spaces around it.
    pub(crate) fn line(&mut self, field: &str, text: &str, most: usize) -> String {
        let text = text.trim();
        if text.is_empty() || text.chars().nth(most).is_some() {
            self.refuse(field, format!("write 1 to {most} characters"));
        } else if text.chars().any(moves_the_reader) {
            self.refuse(field, "write one line, without control characters");
        }
        text.to_owned()
    }

    /// A text of at most so many characters.
    pub(crate) fn text(&mut self, field: &str, text: &str, most: usize) {
        if text.chars().nth(most).is_some() {
            self.refuse(field, format!("write at most {most} characters"));
        } else if text.contains('\0') {
            self.refuse(field, "a text has no NUL characters");
        }
    }

    /// Ids of things, at most so many, each once; none when they are refused.
    pub(crate) fn ids(&mut self, field: &str, ids: Vec<String>, most: usize) -> Vec<String> {
        if let Some(wrong) = ids.iter().find(|id| !is_id(id)) {
            self.refuse(field, format!("`{}` is no id", one_line(wrong)));
            return Vec::new();
        }
        let ids = once(ids, String::clone);
        if self.count(field, ids.len(), most) {
            ids
        } else {
            Vec::new()
        }
    }

    /// Whether there are no more than are allowed.
    pub(crate) fn count(&mut self, field: &str, count: usize, most: usize) -> bool {
        let is_allowed = count <= most;
        if !is_allowed {
            self.refuse(field, format!("at most {most} are allowed, not {count}"));
        }
        is_allowed
    }

    /// # Errors
    /// When a field was wrong, or nothing reads it.
    pub(crate) fn end(mut self) -> Result<(), WritingError> {
        let unknown: Vec<String> = self.left.keys().map(|field| one_line(field)).collect();
        for field in unknown {
            self.refuse(&field, "there is no such field");
        }
        if self.errors.is_empty() {
            return Ok(());
        }
        Err(WritingError::Invalid(self.errors))
    }
}

/// Whether it may be the id of anything.
pub(crate) fn is_id(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(is_plain)
}

/// The first of each that has the same key.
pub(crate) fn once<T, K: Eq + Hash>(all: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = HashSet::new();
    all.into_iter()
        .filter(|one| seen.insert(key(one)))
        .collect()
}
