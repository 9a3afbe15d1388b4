//! The tables of jobs. One question, one function; what differs between the databases stays here.

pub(crate) mod job;
pub(crate) mod lease;
pub(crate) mod logs;
pub(crate) mod news;
pub(crate) mod queues;
pub(crate) mod schedules;
pub(crate) mod workers;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(crate) use dabir_db::sql::{count, execute, is_postgres, places, query};

/// PostgreSQL's texts have no room for a NUL, and neither has its JSON.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}
