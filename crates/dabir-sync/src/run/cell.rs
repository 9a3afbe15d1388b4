//! One partition of one run: how far it is, and what the next page makes of it.

use std::collections::BTreeMap;

use crate::model::{Counts, Status};
use crate::template::Vars;

/// A partition as the run keeps it. Everything but [`Cell::has_moved`] is in the database.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) position: i32,
    pub(crate) label: String,
    pub(crate) values: BTreeMap<String, String>,
    pub(crate) status: Status,
    /// Counted from 0; those before it are in the table.
    pub(crate) next_page: u64,
    /// How many rows the gateway says there are.
    pub(crate) total: Option<u64>,
    /// How many rows a page has: what was asked for, or what the gateway gives.
    pub(crate) page_rows: Option<u64>,
    /// The rows may have moved while they were read, so that they are read a second time.
    pub(crate) pass: i32,
    /// Rows that came in this pass.
    pub(crate) served: u64,
    pub(crate) counts: Counts,
    /// From where on rows were asked for.
    pub(crate) since: Option<String>,
    /// The newest value of the field that grows.
    pub(crate) cursor: Option<String>,
    /// What the page before had in it.
    pub(crate) digest: Option<String>,
    pub(crate) error: Option<String>,
    /// Whether the number of rows changed in this pass.
    pub(crate) has_moved: bool,
}

/// What is known of a page that was answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answered {
    pub(crate) rows: u64,
    pub(crate) total: Option<u64>,
    pub(crate) digest: u64,
}

/// How often a partition is read whose rows move.
const MOST_PASSES: i32 = 2;

impl Cell {
    pub(crate) fn new(position: i32, values: BTreeMap<String, String>) -> Self {
        let label: Vec<&str> = values.values().map(String::as_str).collect();
        Self {
            position,
            label: label.join("/"),
            values,
            status: Status::Pending,
            next_page: 0,
            total: None,
            page_rows: None,
            pass: 1,
            served: 0,
            counts: Counts::default(),
            since: None,
            cursor: None,
            digest: None,
            error: None,
            has_moved: false,
        }
    }

    pub(crate) fn vars(&self, page: u64, first_page: u32, page_size: u32) -> Vars<'_> {
        let page = i64::try_from(page).unwrap_or(i64::MAX);
        Vars {
            partitions: &self.values,
            page: page.saturating_add(first_page.into()),
            page_size: page_size.into(),
        }
    }

    /// How many pages there are, once a first one has said it.
    pub(crate) fn pages(&self) -> Option<u64> {
        Some(self.total?.div_ceil(self.page_rows?))
    }

    /// What a page makes of the cell that was in turn.
    pub(crate) fn take(&mut self, page: &Answered, page_size: u32) {
        let digest = format!("{:016x}", page.digest);
        if page.rows > 0 && self.digest.as_ref() == Some(&digest) {
            return self.fail("two pages in a row are the same; does the request say `{page}`?");
        }
        self.digest = Some(digest);
        self.has_moved |= self.total.is_some() && self.total != page.total;
        self.total = page.total;
        if self.next_page == 0 {
            self.page_rows = Some(rows_of_a_page(page, page_size));
        }
        self.next_page += 1;
        self.served += page.rows;
        let is_last = page.rows == 0 || self.pages().is_some_and(|pages| self.next_page >= pages);
        if is_last {
            self.end_pass();
        }
    }

    /// A list that changed while it was read has rows that no page had, so it is read once more.
    fn end_pass(&mut self) {
        let is_short = self.total.is_some_and(|total| self.served < total);
        if !self.has_moved && !is_short {
            self.status = Status::Success;
        } else if self.pass < MOST_PASSES {
            self.pass += 1;
            self.next_page = 0;
            self.served = 0;
            self.total = None;
            self.digest = None;
            self.has_moved = false;
        } else {
            self.status = Status::Success;
            let total = self.total.unwrap_or_default();
            self.error = Some(format!(
                "the rows moved while they were read: {} of {total} came, so none is taken for gone",
                self.served
            ));
        }
    }

    pub(crate) fn fail(&mut self, why: &str) {
        self.status = Status::Failed;
        self.error = Some(why.to_owned());
    }

    /// Takes a value of the field that grows.
    pub(crate) fn advance(&mut self, value: &str) {
        if self
            .cursor
            .as_deref()
            .is_none_or(|old| is_later(value, old))
        {
            self.cursor = Some(value.to_owned());
        }
    }
}

/// A gateway may give fewer rows a page than it was asked for.
fn rows_of_a_page(page: &Answered, page_size: u32) -> u64 {
    let asked = u64::from(page_size);
    let is_capped = page.rows < asked && page.total.is_some_and(|total| total > page.rows);
    if is_capped && page.rows > 0 {
        page.rows
    } else {
        asked.max(page.rows).max(1)
    }
}

/// Whether one value of a field that grows comes after another: numbers by their value, times and
/// other texts by their letters.
fn is_later(value: &str, than: &str) -> bool {
    match (value.parse::<f64>(), than.parse::<f64>()) {
        (Ok(value), Ok(than)) => value > than,
        _ => value > than,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rows: u64, total: Option<u64>, digest: u64) -> Answered {
        Answered {
            rows,
            total,
            digest,
        }
    }

    fn after(pages: &[Answered]) -> Cell {
        let mut cell = Cell::new(0, BTreeMap::new());
        for page in pages {
            assert!(!cell.status.is_end(), "{cell:?}");
            cell.take(page, 100);
        }
        cell
    }

    #[test]
    fn a_known_total_says_where_the_end_is() {
        let cell = after(&[page(100, Some(150), 1), page(50, Some(150), 2)]);
        assert_eq!((cell.status, cell.error), (Status::Success, None));
        assert_eq!(after(&[page(0, Some(0), 1)]).status, Status::Success);
        let capped = after(&[page(60, Some(150), 1)]);
        assert_eq!(capped.pages(), Some(3), "pages are smaller than asked for");
    }

    #[test]
    fn without_a_total_an_empty_page_is_the_end() {
        let open = after(&[page(100, None, 1), page(40, None, 2)]);
        assert_eq!(open.status, Status::Pending);
        let ended = after(&[page(100, None, 1), page(40, None, 2), page(0, None, 3)]);
        assert_eq!(ended.status, Status::Success);
    }

    #[test]
    fn rows_that_move_are_read_twice_and_then_no_more() {
        let moved = [page(100, Some(150), 1), page(51, Some(151), 2)];
        let second = after(&moved);
        assert_eq!((second.pass, second.next_page), (2, 0));
        let steady = after(
            &[
                &moved[..],
                &[page(100, Some(151), 1), page(51, Some(151), 2)],
            ]
            .concat(),
        );
        assert_eq!((steady.status, steady.error), (Status::Success, None));
        let never = after(&[&moved[..], &moved[..]].concat());
        assert_eq!(never.status, Status::Success);
        assert!(never.error.unwrap().contains("moved"));
    }

    #[test]
    fn a_gateway_that_repeats_a_page_is_found_out() {
        let cell = after(&[page(100, None, 7), page(100, None, 7)]);
        assert_eq!(cell.status, Status::Failed);
    }

    #[test]
    fn the_newest_value_counts() {
        let mut cell = Cell::new(0, BTreeMap::new());
        for value in ["9", "10", "2"] {
            cell.advance(value);
        }
        assert_eq!(cell.cursor.as_deref(), Some("10"));
        for (later, than) in [
            ("2026-11-21T10:00:00Z", "2026-11-21T09:59:59Z"),
            ("1405/08/30", "1405/08/29"),
        ] {
            assert!(is_later(later, than) && !is_later(than, later) && !is_later(than, than));
        }
    }
}
