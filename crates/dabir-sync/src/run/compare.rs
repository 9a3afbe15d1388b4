//! What becomes of the rows of a page: which are as they were, which are written, and what then
//! stands in the columns of fields that the page does not have.

use crate::columns::At;
use crate::row;
use crate::store::rows::Known;

/// The columns of a table beside the fields of one page.
pub(super) struct Fields {
    /// The column of each of the page's fields; behind them those that other pages of this run have,
    /// so that nothing stands there in the rows of this one.
    pub(super) places: Vec<Option<At>>,
    /// Columns whose field no page of this run has had. A later one may have it, or it has another
    /// name now: what stands there stays until a run has seen that the source still has the field.
    pub(super) unknown: Vec<usize>,
}

/// A row of a page beside what is known of it.
pub(super) struct Compared<'a> {
    pub(super) row: usize,
    pub(super) key: &'a str,
    pub(super) hash: i64,
    pub(super) known: Option<&'a Known>,
    pub(super) fate: Fate,
    /// Unknown columns that turned out to be empty in this row.
    pub(super) nulls: Vec<usize>,
    /// Whether other partitions have it too.
    pub(super) is_shared: bool,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Same,
    Written,
    /// Another partition has the key too, and its row counts.
    Yields,
}

/// In which run rows are compared, and what it knows of fields.
pub(super) struct Ground<'a> {
    pub(super) run_id: i64,
    /// The partition whose page it is.
    pub(super) label: &'a str,
    pub(super) unknown: &'a [usize],
    /// The last run that met the field of each column.
    pub(super) met: &'a [i64],
}

impl<'a> Compared<'a> {
    /// `plain` is the row's hash as if unknown columns had nothing in them.
    pub(super) fn new(
        ground: &Ground<'_>,
        row: usize,
        key: &'a str,
        plain: i64,
        known: Option<&'a Known>,
    ) -> Self {
        let mut compared = Self {
            row,
            key,
            hash: plain,
            known,
            fate: Fate::Written,
            nulls: Vec::new(),
            is_shared: false,
        };
        let Some(known) = known else {
            return compared;
        };
        // A row that was gone belongs to whoever brings it back.
        compared.is_shared = !known.is_gone && known.cell.as_deref() != Some(ground.label);
        compared.weigh(ground, known);
        if known.hash == compared.hash && compared.nulls.is_empty() && !known.is_gone {
            compared.fate = Fate::Same;
        }
        compared
    }

    /// Finds out what hash the row has, and which unknown columns are empty in it.
    fn weigh(&mut self, ground: &Ground<'_>, known: &Known) {
        let plain = self.hash;
        if known.hash == plain || ground.unknown.is_empty() {
            return;
        }
        // Fields that were met after all, by the run that left the row waiting or by a later one. Not
        // by this one: its pages may still turn out to lack them all.
        let is_met = |place: &usize| known.run != ground.run_id && ground.met[*place] >= known.run;
        let (met, unknown): (Vec<usize>, Vec<usize>) =
            ground.unknown.iter().partition(|p| is_met(p));
        let settled = row::waiting(plain, &unknown);
        let waiting = row::waiting(plain, ground.unknown);
        if known.hash == settled {
            self.hash = settled;
        } else if known.hash == waiting {
            self.hash = settled;
            self.nulls = met;
        } else {
            self.hash = waiting;
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self.known {
            None => "new",
            Some(known) if known.is_gone => "returned",
            Some(_) => "changed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: i64 = 7;

    fn known(hash: i64, run: i64) -> Known {
        Known {
            hash,
            cell: Some("a".to_owned()),
            owner: None,
            run,
            is_gone: false,
        }
    }

    /// A row of run 3 on a page without the fields of columns 1 and 2.
    fn compared(known: &Known, met: [i64; 3]) -> (Fate, i64, Vec<usize>) {
        let ground = Ground {
            run_id: 3,
            label: "a",
            unknown: &[1, 2],
            met: &met,
        };
        let compared = Compared::new(&ground, 0, "k", PLAIN, Some(known));
        (compared.fate, compared.hash, compared.nulls)
    }

    #[test]
    fn a_field_that_a_page_lacks_is_empty_once_a_run_has_met_it_elsewhere() {
        let waiting = row::waiting(PLAIN, &[1, 2]);
        // Nothing stood there before.
        let known_plain = known(PLAIN, 2);
        assert_eq!(compared(&known_plain, [2, 2, 2]).0, Fate::Same);
        // Something did, and the row waits.
        let full = known(99, 1);
        assert_eq!(compared(&full, [2, 2, 2]), (Fate::Written, waiting, vec![]));
        // The run that left it waiting met both, one or none of the fields.
        let left = known(waiting, 2);
        assert_eq!(
            compared(&left, [2, 2, 2]),
            (Fate::Written, PLAIN, vec![1, 2])
        );
        let half = row::waiting(PLAIN, &[2]);
        assert_eq!(compared(&left, [2, 2, 1]), (Fate::Written, half, vec![1]));
        assert_eq!(compared(&left, [2, 1, 1]), (Fate::Same, waiting, vec![]));
        assert_eq!(compared(&known(half, 2), [2, 2, 1]).0, Fate::Same);
        // Seen twice in one run, it still waits.
        let now = known(waiting, 3);
        assert_eq!(compared(&now, [3, 2, 2]), (Fate::Same, waiting, vec![]));
    }
}
