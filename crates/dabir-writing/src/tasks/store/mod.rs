//! The tables of tasks. One question, one function; what differs between the databases stays here.

pub(crate) mod task;
pub(crate) mod list;
pub(crate) mod ranks;
pub(crate) mod tags;
pub(crate) mod activity;

pub(crate) use dabir_db::sql::{ROWS, execute, insert, places, query, tuples};
