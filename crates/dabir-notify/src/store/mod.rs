//! The tables of telling others. One question, one function.

pub(crate) mod choices;
pub(crate) mod deliveries;
pub(crate) mod inbox;
pub(crate) mod messages;
pub(crate) mod webhooks;

pub(crate) use dabir_db::sql::{
    ROWS, count, execute, insert as insert_rows, json, places, query, time, time_if_any, tuples,
};

use dabir_core::Timestamp;
use sea_orm::Value;

/// An instant as a parameter.
fn at(time: Timestamp) -> Value {
    time.as_millisecond().into()
}

fn at_if_any(time: Option<Timestamp>) -> Value {
    time.map(Timestamp::as_millisecond).into()
}
