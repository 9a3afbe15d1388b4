//! One partition of one run: how far it is, and what the next page makes of it.

use std::collections::BTreeMap;

use super::cursor::is_later;
use crate::model::{Counts, Status};
use crate::template::Vars;

/// A partition as the run keeps it.
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
    /// Of them, those without a key,
    pub(crate) keyless: u64,
    /// and those whose key another row of the same page has: the source has them twice.
    pub(crate) doubled: u64,
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
    /// What the source looked like that it was read from.
    pub(crate) shape: String,
}

/// What is known of a page that was answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answered {
    pub(crate) rows: u64,
    pub(crate) keyless: u64,
    pub(crate) doubled: u64,
    pub(crate) total: Option<u64>,
    pub(crate) digest: u64,
    /// Whether the source has no pages, so that this is all of it.
    pub(crate) is_all: bool,
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
            keyless: 0,
            doubled: 0,
            counts: Counts::default(),
            since: None,
            cursor: None,
            digest: None,
            error: None,
            has_moved: false,
            shape: String::new(),
        }
    }

    /// Forgets how far it is.
    pub(crate) fn begin_anew(&mut self) {
        *self = Self {
            since: self.since.take(),
            shape: std::mem::take(&mut self.shape),
            ..Self::new(self.position, std::mem::take(&mut self.values))
        };
    }

    /// Whether the keys of all its pages so far are among those that its run has kept. Where they are
    /// not, nobody knows which rows it had.
    pub(crate) fn is_kept(&self, kept: &BTreeMap<(i32, i64), u64>) -> bool {
        let pages = kept.get(&(self.position, self.pass.into()));
        pages.copied().unwrap_or(0) >= self.next_page
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

    /// What a page makes of the cell that was in turn. Says whether it is the last one of its pass.
    pub(crate) fn take(&mut self, page: &Answered, page_size: u32) -> bool {
        let digest = format!("{:016x}", page.digest);
        if page.rows > 0 && self.digest.as_ref() == Some(&digest) {
            self.fail("two pages in a row are the same; does the request say `{page}`?");
            return false;
        }
        self.digest = Some(digest);
        self.has_moved |= self.total.is_some() && self.total != page.total;
        self.total = page.total;
        if self.next_page == 0 {
            self.page_rows = Some(rows_of_a_page(page, page_size));
        }
        self.next_page += 1;
        self.served += page.rows;
        self.keyless += page.keyless;
        self.doubled += page.doubled;
        page.is_all || page.rows == 0 || self.pages().is_some_and(|pages| self.next_page >= pages)
    }

    /// The end of a pass that saw so many keys. A list that changed while it was read has rows that
    /// no page had, so it is read once more; as has one whose pages overlap, where rows come twice
    /// in place of others.
    pub(crate) fn end_pass(&mut self, keys: u64) {
        let came = keys + self.keyless + self.doubled;
        let wanted = self.total.unwrap_or(self.served);
        let is_whole = !self.has_moved && came >= wanted;
        if !is_whole && self.pass < MOST_PASSES {
            self.begin_pass(self.pass + 1);
            return;
        }
        self.status = Status::Success;
        if !is_whole {
            // What did not come now is asked for again.
            self.cursor = None;
            self.error = Some(format!(
                "the rows moved while they were read: {came} of {wanted} came, so none is taken for gone"
            ));
        } else if self.keyless > 0 {
            self.error = Some(format!(
                "{} rows have no key and may be any, so none is taken for gone",
                self.keyless
            ));
        }
    }

    fn begin_pass(&mut self, pass: i32) {
        self.pass = pass;
        self.next_page = 0;
        self.served = 0;
        self.keyless = 0;
        self.doubled = 0;
        self.total = None;
        self.digest = None;
        self.has_moved = false;
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
    if page.is_all {
        return page.rows.max(page.total.unwrap_or(0)).max(1);
    }
    let asked = u64::from(page_size);
    let is_capped = page.rows < asked && page.total.is_some_and(|total| total > page.rows);
    if is_capped && page.rows > 0 {
        page.rows
    } else {
        asked.max(page.rows).max(1)
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
            ..Answered::default()
        }
    }

    fn after(pages: &[Answered]) -> Cell {
        let mut cell = Cell::new(0, BTreeMap::new());
        for page in pages {
            assert!(!cell.status.is_end(), "{cell:?}");
            if cell.take(page, 100) {
                cell.end_pass(cell.served - cell.keyless - cell.doubled);
            }
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
    fn rows_that_come_twice_stand_in_for_others() {
        let mut cell = Cell::new(0, BTreeMap::new());
        assert!(!cell.take(&page(100, Some(150), 1), 100));
        assert!(cell.take(&page(50, Some(150), 2), 100));
        cell.end_pass(149);
        assert_eq!((cell.pass, cell.status), (2, Status::Pending));
        cell.take(&page(100, Some(150), 1), 100);
        cell.take(&page(50, Some(150), 2), 100);
        cell.end_pass(149);
        assert!(cell.error.unwrap().contains("149 of 150"));
    }

    #[test]
    fn rows_without_a_key_or_twice_on_a_page_are_no_rows_that_moved() {
        let odd = |keyless, doubled| Answered {
            keyless,
            doubled,
            ..page(100, Some(100), 1)
        };
        assert_eq!(after(&[odd(0, 3)]).error, None);
        let keyless = after(&[odd(2, 0)]);
        assert_eq!(keyless.status, Status::Success);
        assert!(keyless.error.unwrap().contains("2 rows have no key"));
    }

    #[test]
    fn a_list_without_pages_is_one_page() {
        let all = Answered {
            is_all: true,
            ..page(700, None, 1)
        };
        let cell = after(&[all]);
        assert_eq!((cell.status, cell.error), (Status::Success, None));
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
    }
}
