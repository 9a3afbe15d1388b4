//! The end of a run: what is gone at the source is marked, and what became of the cells is told.

use std::collections::{BTreeMap, BTreeSet};

use dabir_jobs::{JobContext, JobError};
use sea_orm::DatabaseTransaction;

use super::cell::Cell;
use super::sweep::{Marking, Sweep, hold, mark};
use super::write::Writer;
use super::{Cut, Run};
use crate::error::SyncError;
use crate::model::{Counts, Mode, Status};
use crate::service::Syncs;
use crate::store::{findings, runs};

/// How many runs of a source are remembered, and how many of its rows in quarantine.
const KEPT_RUNS: u64 = 500;
const KEPT_ROWS: u64 = 10_000;

impl Run {
    /// Marks what is gone at the source.
    pub(super) async fn sweep(&self, writer: &mut Writer<'_>) -> Result<(), Cut> {
        if self.mode != Mode::Full {
            return Ok(());
        }
        let mut cells = self.plan.cells();
        let db = self.syncs.db();
        let found = Sweep::new(db, &self.source.table, self.id, &cells, self.is_whole).await?;
        let mut groups = found.count().await?;
        if self.is_resumed {
            found.count_marked(&mut groups, self.id).await?;
        }
        let (held, free) = hold(groups);
        let marked: BTreeSet<Option<String>> = free.keys().cloned().collect();
        self.mark(writer, &found, &marked).await?;
        drop(found);
        for (group, gone) in free {
            credit(&mut cells, writer, group.as_deref()).vanished += gone.gone;
        }
        for (group, gone) in held {
            let name = group.clone().unwrap_or_default();
            writer.notes.warnings.push(format!(
                "{} of {} rows of `{name}` are gone at the source; none is marked before somebody accepts it",
                gone.gone, gone.all
            ));
            credit(&mut cells, writer, group.as_deref()).held += gone.gone;
        }
        self.plan.keep(cells.into_iter().enumerate().collect());
        Ok(())
    }

    async fn mark(
        &self,
        writer: &mut Writer<'_>,
        found: &Sweep<'_>,
        groups: &BTreeSet<Option<String>>,
    ) -> Result<(), Cut> {
        let mut after = String::new();
        while !groups.is_empty() {
            writer.ctx.check()?;
            let (keys, next) = found.next(groups, &after).await?;
            if !keys.is_empty() {
                let tx = self.syncs.db().write().await?;
                let place = Marking {
                    run_id: self.id,
                    source: &self.source.name,
                    table: &self.source.table,
                    now: self.syncs.now(),
                };
                let samples = writer.take_samples(keys.len());
                mark(&tx, &place, &keys, samples).await?;
                writer.commit(tx, BTreeMap::new()).await?;
            }
            match next {
                Some(next) => after = next,
                None => break,
            }
        }
        Ok(())
    }

    /// The end of a run whose cells have all ended.
    pub(super) async fn conclude(
        &self,
        ctx: &JobContext,
        writer: &mut Writer<'_>,
    ) -> Result<(), Cut> {
        let cells = self.plan.cells();
        let has_rows = cells.iter().any(|cell| cell.counts.synced() > 0);
        if self.is_whole && self.mode == Mode::Full && has_rows {
            writer.note_missing();
        }
        let verdict = verdict(&cells, writer.beside.held, self.mode);
        let status = match verdict {
            None => Status::Success,
            Some(_) => Status::Failed,
        };
        let tx = self.syncs.db().write().await?;
        let is_held = cells.iter().any(|cell| cell.counts.held > 0) || writer.beside.held > 0;
        if status == Status::Success
            || (!is_held && cells.iter().all(|cell| cell.status == Status::Success))
        {
            findings::forget_seen(&tx, &self.source.name, None).await?;
        }
        runs::forget(&tx, &self.source.name, KEPT_RUNS).await?;
        let is_all = self.mode == Mode::Full && self.is_whole && status == Status::Success;
        let run_id = is_all.then_some(self.id);
        findings::forget_quarantined(&tx, &self.source.name, run_id, KEPT_ROWS).await?;
        let changed = cells.into_iter().enumerate().collect();
        // The end of the run and its last counts are one.
        runs::finish(&tx, self.id, status, verdict.as_deref(), self.syncs.now()).await?;
        writer.commit(tx, changed).await?;
        self.syncs.changed();
        match verdict {
            None => Ok(()),
            Some(why) => {
                ctx.error(&why);
                Err(Cut::Job(JobError::fail(why)))
            }
        }
    }
}

/// Where what is gone of a group is counted.
fn credit<'c>(
    cells: &'c mut [Cell],
    writer: &'c mut Writer<'_>,
    group: Option<&str>,
) -> &'c mut Counts {
    let cell = cells
        .iter_mut()
        .find(|cell| Some(cell.label.as_str()) == group);
    cell.map_or(&mut writer.beside, |cell| &mut cell.counts)
}

/// Why a run has failed: the cells that did, and what is held back.
fn verdict(cells: &[Cell], held_beside: u64, mode: Mode) -> Option<String> {
    let failed: Vec<&Cell> = cells
        .iter()
        .filter(|cell| cell.status != Status::Success)
        .collect();
    let held = held_beside + cells.iter().map(|cell| cell.counts.held).sum::<u64>();
    let mut words = Vec::new();
    if !failed.is_empty() {
        let each: Vec<String> = failed
            .iter()
            .map(|cell| {
                let why = cell.error.as_deref().unwrap_or("it was not reached");
                if cell.label.is_empty() {
                    why.to_owned()
                } else {
                    format!("{}: {why}", cell.label)
                }
            })
            .collect();
        let head = match cells.len() {
            1 => String::new(),
            all => format!("{} of {all} partitions failed; ", failed.len()),
        };
        words.push(format!("{head}{}", each.join("; ")));
    }
    let bad: u64 = cells.iter().map(|cell| cell.counts.failed).sum();
    // Of a few rows that changed, all may well be bad.
    if mode == Mode::Full && bad > 0 && cells.iter().all(|cell| cell.counts.synced() == 0) {
        words.push(format!(
            "none of the {bad} rows could be taken; the quarantine says why"
        ));
    }
    if held > 0 {
        words.push(format!(
            "{held} rows are gone at the source at once, which is more than is likely; none was marked, accept it if it is right"
        ));
    }
    (!words.is_empty()).then(|| words.join("; "))
}

/// Marking what a run held back, once somebody accepted it.
pub(crate) struct Accepting<'a> {
    pub(crate) syncs: &'a Syncs,
    pub(crate) run: &'a crate::model::Run,
    pub(crate) table: &'a str,
    pub(crate) cells: &'a [Cell],
}

impl Accepting<'_> {
    /// Marks them in this transaction, and tells how many they were.
    pub(crate) async fn mark(&self, tx: &DatabaseTransaction) -> Result<u64, SyncError> {
        let db = self.syncs.db();
        let groups = self.groups();
        let whole = self.run.retry_of.is_none();
        let found = Sweep::new(db, self.table, self.run.id, self.cells, whole).await?;
        let place = Marking {
            run_id: self.run.id,
            source: &self.run.source,
            table: self.table,
            now: self.syncs.now(),
        };
        let (mut after, mut marked) = (String::new(), 0);
        loop {
            let (keys, next) = found.next(&groups, &after).await?;
            marked += mark(tx, &place, &keys, 0).await?;
            match next {
                Some(next) => after = next,
                None => return Ok(marked),
            }
        }
    }

    /// The groups of which something is held back.
    fn groups(&self) -> BTreeSet<Option<String>> {
        let of_cells: u64 = self.cells.iter().map(|cell| cell.counts.held).sum();
        let held = self.cells.iter().filter(|cell| cell.counts.held > 0);
        let mut groups: BTreeSet<_> = held.map(|cell| Some(cell.label.clone())).collect();
        if self.run.counts.held > of_cells {
            groups.insert(None);
        }
        groups
    }
}
