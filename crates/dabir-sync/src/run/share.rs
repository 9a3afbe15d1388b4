//! Keys that several partitions have, with other values in each: the row of the partition that stands
//! first in the plan counts, whichever came first, so that they do not take turns run by run.

use std::collections::{BTreeMap, HashMap};

use dabir_jobs::JobError;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::cell::Cell;
use super::compare::{Compared, Fate};
use super::write::Writer;
use crate::model::{Mode, Status};
use crate::row;
use crate::store::{findings, rows};

/// What a run knows of keys that several of its partitions have.
#[derive(Default)]
pub(super) struct Shared {
    /// Where each partition stands in the plan.
    positions: HashMap<String, usize>,
    /// The keys of partitions, and how far these were when they were looked at.
    seen: HashMap<usize, (i32, u64, Vec<u64>)>,
    /// Rows that yielded to a partition which may not have them any more.
    open: Vec<Open>,
}

struct Open {
    holder: usize,
    label: String,
    key: String,
}

/// How many rows are looked at again at the end.
const MOST_OPEN: usize = 50_000;
const WARNING: &str = "some keys are in several partitions, with other values in each; the first \
     partition's count. To keep them all, add the field that tells the partitions apart to `key`";

impl Shared {
    pub(super) fn of(cells: &[Cell]) -> Self {
        let labels = cells.iter().enumerate();
        Self {
            positions: labels.map(|(n, cell)| (cell.label.clone(), n)).collect(),
            ..Self::default()
        }
    }
}

/// Whether a partition was read completely, so that it has no other keys than those that it showed.
fn is_read(cell: &Cell) -> bool {
    cell.status == Status::Success && cell.error.is_none()
}

impl Writer<'_> {
    /// Finds out which rows of the cell `n` yield to those of partitions before it.
    pub(super) async fn yield_to_others(
        &mut self,
        tx: &DatabaseTransaction,
        n: usize,
        compared: &mut [Compared<'_>],
    ) -> Result<(), DbErr> {
        for row in compared {
            if row.fate == Fate::Written && row.is_shared && self.yields(tx, n, row).await? {
                row.fate = Fate::Yields;
                if !self.notes.warnings.iter().any(|known| known == WARNING) {
                    self.notes.warnings.push(WARNING.to_owned());
                }
            }
        }
        Ok(())
    }

    async fn yields(
        &mut self,
        tx: &DatabaseTransaction,
        n: usize,
        row: &mut Compared<'_>,
    ) -> Result<bool, DbErr> {
        let Some(known) = row.known else {
            return Ok(false);
        };
        let Some(holder) = known.cell.as_ref().or(known.owner.as_ref()) else {
            return Ok(false);
        };
        let position = self.shared.positions.get(holder).copied();
        if self.run.mode == Mode::Incremental {
            // Only what changed comes, so that only this run's own rows say where a key is.
            return Ok(known.run == self.run.id && position.is_some_and(|holder| holder < n));
        }
        let Some(position) = position else {
            // It is asked for by another run, or no more.
            row.is_shared &= !(self.run.is_whole && known.cell.is_some());
            return Ok(!self.run.is_whole);
        };
        if position >= n || self.has(tx, position, row.key).await? {
            return Ok(position < n);
        }
        let cell = self.run.plan.cell(n);
        if is_read(&self.run.plan.cell(position)) {
            // That one has it no more. Of several, others may have it still.
            row.is_shared &= known.cell.is_none();
            return Ok(false);
        }
        if self.shared.open.len() < MOST_OPEN {
            self.shared.open.push(Open {
                holder: position,
                label: cell.label,
                key: row.key.to_owned(),
            });
        }
        Ok(true)
    }

    /// Whether a partition has had this key in this run.
    async fn has(&mut self, tx: &impl ConnectionTrait, n: usize, key: &str) -> Result<bool, DbErr> {
        let cell = self.run.plan.cell(n);
        let is_fresh =
            |(pass, page, _): &&(i32, u64, Vec<u64>)| (*pass, *page) == (cell.pass, cell.next_page);
        if self.shared.seen.get(&n).filter(is_fresh).is_none() {
            let seen = findings::seen_from(tx, self.run.id, cell.position, 0).await?;
            self.shared
                .seen
                .insert(n, (cell.pass, cell.next_page, seen));
        }
        let hash = row::key_hash(key);
        let seen = self.shared.seen.get(&n);
        Ok(seen.is_some_and(|(_, _, seen)| seen.binary_search(&hash).is_ok()))
    }

    /// Once all partitions were read: rows that yielded to one which does not have them after all are
    /// handed over, and written by the next run.
    pub(super) async fn hand_over(&mut self) -> Result<(), JobError> {
        let open = std::mem::take(&mut self.shared.open);
        if open.is_empty() {
            return Ok(());
        }
        let tx = self.run.syncs.db().write().await?;
        for row in open {
            let holder = self.run.plan.cell(row.holder);
            if is_read(&holder) && !self.has(&tx, row.holder, &row.key).await? {
                rows::hand_over(&tx, &self.run.source.table, &row.label, &row.key).await?;
            }
        }
        self.commit(tx, BTreeMap::new()).await?;
        Ok(())
    }
}
