//! The tables of telling others. One question, one function.

pub(crate) mod choices;
pub(crate) mod deliveries;
pub(crate) mod inbox;
pub(crate) mod messages;
pub(crate) mod webhooks;

pub(crate) use dabir_db::sql::{execute, places, query, time, time_if_any};

use dabir_core::Timestamp;
use sea_orm::{DbErr, QueryResult, Value};

/// An instant as a parameter.
fn at(time: Timestamp) -> Value {
    time.as_millisecond().into()
}

fn at_if_any(time: Option<Timestamp>) -> Value {
    time.map(Timestamp::as_millisecond).into()
}

/// A column of counts, which are never below zero.
fn count(row: &QueryResult, column: &str) -> Result<u64, DbErr> {
    let value: i64 = row.try_get("", column)?;
    Ok(u64::try_from(value).unwrap_or(0))
}

/// A column of JSON that this crate wrote.
fn json<T: serde::de::DeserializeOwned>(row: &QueryResult, column: &str) -> Result<T, DbErr> {
    let text: String = row.try_get("", column)?;
    serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string()))
}
