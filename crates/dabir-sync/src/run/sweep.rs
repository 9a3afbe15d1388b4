//! Rows that are gone at the source: those of completely read partitions that no page had. They are
//! marked and stay; too many at once are held back until somebody accepts it.

use std::collections::{BTreeMap, BTreeSet};

use dabir_core::Timestamp;
use dabir_db::Db;
use sea_orm::DbErr;

use super::cell::Cell;
use crate::model::Status;
use crate::row;
use crate::store::{cells, findings, rows};

/// More than this share of a partition or of all, and more rows than this, are held back.
const SHARE: u64 = 5;
const ROWS: u64 = 50;
/// How many rows are looked at, and marked, at a time.
const AT_ONCE: u64 = 1_000;

/// Whose rows are looked at, and what was found.
pub(crate) struct Sweep<'a> {
    db: &'a Db,
    table: &'a str,
    /// Partitions that were read completely.
    complete: BTreeSet<&'a str>,
    /// Partitions that were not: their rows may well be there.
    incomplete: BTreeSet<&'a str>,
    seen: Vec<u64>,
}

/// What is gone of one group: a partition, or `None` for rows that belong to several, or to a
/// partition that is asked for no more.
pub(crate) type Groups = BTreeMap<Option<String>, Gone>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gone {
    pub(crate) all: u64,
    pub(crate) gone: u64,
}

impl Gone {
    /// Counts rows of which so many are gone.
    fn add(&mut self, all: u64, gone: u64) {
        self.all += all;
        self.gone += gone;
    }

    /// Whether this looks more like a gateway in trouble than like people who left.
    pub(crate) fn is_suspicious(self) -> bool {
        self.gone > ROWS && self.gone.saturating_mul(SHARE) > self.all
    }
}

impl<'a> Sweep<'a> {
    /// `is_whole` says whether these cells are all partitions of the source.
    pub(crate) async fn new(
        db: &'a Db,
        table: &'a str,
        run_id: i64,
        cells: &'a [Cell],
        is_whole: bool,
    ) -> Result<Self, DbErr> {
        let kept = cells::kept_pages(db.read(), run_id).await?;
        let is_complete = |cell: &&Cell| {
            cell.status == Status::Success && cell.error.is_none() && cell.is_kept(&kept)
        };
        let (complete, incomplete): (Vec<&Cell>, Vec<&Cell>) = cells.iter().partition(is_complete);
        let labels = |cells: Vec<&'a Cell>| -> BTreeSet<&'a str> {
            cells.into_iter().map(|cell| cell.label.as_str()).collect()
        };
        let mut sweep = Self {
            db,
            table,
            complete: labels(complete),
            incomplete: labels(incomplete),
            seen: findings::seen(db.read(), run_id).await?,
        };
        if !is_whole {
            // A label that stands for all that was not asked for.
            sweep.incomplete.insert("\0");
        }
        Ok(sweep)
    }

    /// The group that a row is judged with; `None` when it may be somewhere else.
    fn group(&self, cell: Option<String>) -> Option<Option<String>> {
        match cell {
            Some(label) if self.complete.contains(label.as_str()) => Some(Some(label)),
            Some(label) if self.incomplete.contains(label.as_str()) => None,
            _ => self.incomplete.is_empty().then_some(None),
        }
    }

    fn is_gone(&self, key: &str) -> bool {
        self.seen.binary_search(&row::key_hash(key)).is_err()
    }

    /// Counts what is gone, and changes nothing.
    pub(crate) async fn count(&self) -> Result<Groups, DbErr> {
        let mut groups = Groups::new();
        let mut after = String::new();
        loop {
            let batch = rows::walk(self.db.read(), self.table, &after, AT_ONCE * 5).await?;
            let Some((last, _)) = batch.last() else { break };
            after.clone_from(last);
            for (key, cell) in batch {
                if let Some(group) = self.group(cell) {
                    let gone = u64::from(self.is_gone(&key));
                    groups.entry(group).or_default().add(1, gone);
                }
            }
        }
        Ok(groups)
    }

    /// Counts what an earlier attempt at this run has marked already.
    pub(crate) async fn count_marked(&self, groups: &mut Groups, run_id: i64) -> Result<(), DbErr> {
        for (cell, marked) in rows::marked_by(self.db.read(), self.table, run_id).await? {
            if let Some(group) = self.group(cell) {
                groups.entry(group).or_default().add(marked, marked);
            }
        }
        Ok(())
    }

    /// The next keys that are gone in these groups, after `after`; the place to go on from stands
    /// beside them, `None` at the end.
    pub(crate) async fn next(
        &self,
        groups: &BTreeSet<Option<String>>,
        after: &str,
    ) -> Result<(Vec<String>, Option<String>), DbErr> {
        let batch = rows::walk(self.db.read(), self.table, after, AT_ONCE).await?;
        let next = batch.last().map(|(last, _)| last.clone());
        let gone = batch.into_iter().filter_map(|(key, cell)| {
            let group = self.group(cell)?;
            (groups.contains(&group) && self.is_gone(&key)).then_some(key)
        });
        Ok((gone.collect(), next))
    }
}

/// Groups of which too much is gone at once, and the others. Many small partitions that are gone
/// together are as suspicious as a large one.
pub(crate) fn hold(groups: Groups) -> (Groups, Groups) {
    let mut all = Gone::default();
    for gone in groups.values() {
        all.add(gone.all, gone.gone);
    }
    let gone = groups.into_iter().filter(|(_, gone)| gone.gone > 0);
    gone.partition(|(_, gone)| all.is_suspicious() || gone.is_suspicious())
}

/// Marks rows as gone, and keeps some of them as differences.
pub(crate) async fn mark(
    tx: &impl sea_orm::ConnectionTrait,
    place: &Marking<'_>,
    keys: &[String],
    samples: usize,
) -> Result<u64, DbErr> {
    let texts: Vec<&str> = keys.iter().map(String::as_str).collect();
    let marked = rows::mark_gone(tx, place.table, &texts, place.run_id, place.now).await?;
    let changes: Vec<_> = keys
        .iter()
        .take(samples)
        .map(|key| findings::NewChange {
            key: key.clone(),
            kind: "vanished",
            before: None,
            after: None,
        })
        .collect();
    findings::add_changes(tx, place.run_id, place.source, &changes, place.now).await?;
    Ok(marked)
}

/// For whom and when rows are marked.
pub(crate) struct Marking<'a> {
    pub(crate) run_id: i64,
    pub(crate) source: &'a str,
    pub(crate) table: &'a str,
    pub(crate) now: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_and_a_large_share_are_suspicious() {
        let gone = |gone, all| Gone { all, gone }.is_suspicious();
        assert!(!gone(50, 50), "few rows are few, whatever the share");
        assert!(gone(51, 60));
        assert!(!gone(100, 1_000));
        assert!(gone(201, 1_000));
    }

    #[test]
    fn many_small_partitions_are_judged_together() {
        let groups = |partitions: u64, gone| {
            let one = |n: u64| (Some(n.to_string()), Gone { all: 40, gone });
            (0..partitions).map(one).collect::<Groups>()
        };
        let counts = |groups| {
            let (held, free) = hold(groups);
            (held.len(), free.len())
        };
        assert_eq!(counts(groups(20, 40)), (20, 0));
        assert_eq!(counts(groups(20, 4)), (0, 20));
        assert_eq!(counts(groups(1, 40)), (0, 1));
        let mut one_left = groups(20, 0);
        one_left.insert(Some("7".into()), Gone { all: 40, gone: 40 });
        assert_eq!(counts(one_left), (0, 1));
    }
}
