//! One page of a list, the same shape for every list of the API.

use serde::{Deserialize, Serialize};

/// One page: the rows, and where the next page begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// The most rows that one page may have.
pub const MAX_LIMIT: u32 = 1_000;
/// How many rows a page has when the caller does not say.
pub const DEFAULT_LIMIT: u32 = 100;

impl<T> Page<T> {
    /// Makes a page from `limit + 1` fetched rows: the extra one only tells that there are more.
    pub fn cut(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let limit = limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = if more { rows.last().map(cursor) } else { None };
        Self {
            items: rows,
            next_cursor,
        }
    }
}
