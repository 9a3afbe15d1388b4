//! The tables of documents. One question, one function.

pub(crate) mod document;
pub(crate) mod folder;
pub(crate) mod access;
pub(crate) mod content;
pub(crate) mod text;
pub(crate) mod version;
pub(crate) mod person;
pub(crate) mod thread;

pub(crate) use dabir_db::sql::{execute, query, time, time_if_any};

use dabir_core::Timestamp;
use dabir_db::Ts;
use sea_orm::{DbErr, QueryResult};

use crate::people::Named;

fn millis(at: Timestamp) -> i64 {
    Ts::from(at).0
}

fn millis_if_any(at: Option<Timestamp>) -> Option<i64> {
    at.map(millis)
}

fn named(row: &QueryResult, id: &str, name: &str) -> Result<Named, DbErr> {
    Ok(Named {
        id: row.try_get("", id)?,
        name: row.try_get("", name)?,
    })
}

/// A list that is kept as JSON; one that somebody damaged is empty.
fn list<T: serde::de::DeserializeOwned>(row: &QueryResult, column: &str) -> Result<Vec<T>, DbErr> {
    let text: String = row.try_get("", column)?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}
