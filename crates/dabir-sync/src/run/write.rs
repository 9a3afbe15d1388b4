//! Writing pages: rows, quarantine, differences, what was seen and how far the cell is go into one
//! transaction, with the checkpoint that fences it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dabir_core::Timestamp;
use dabir_jobs::{JobContext, JobError};
use sea_orm::{DatabaseTransaction, DbErr, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::Run;
use super::cell::{Answered, Cell};
use super::plan::Work;
use super::prepare::Prepared;
use crate::columns::{Column, Columns, Growth, Type};
use crate::model::{Counts, Notes, Status};
use crate::page::{Rows, Shape};
use crate::row;
use crate::store::findings::{NewChange, NewQuarantined, Place};
use crate::store::rows::{Known, Upsert, Written};
use crate::store::runs::Reached;
use crate::store::{cells, findings, rows, runs, table};

/// How far the cells are stands in their rows. That this changes with each page tells a run that
/// gets on from one that kills its worker again and again.
#[derive(Clone, Copy, Debug, Serialize)]
struct Checkpoint {
    // In the order of the alphabet: read and written again, it is the same text.
    pages: u64,
    run_id: i64,
}

/// Writes what a run brings.
pub(crate) struct Writer<'a> {
    pub(crate) run: &'a Run,
    pub(crate) ctx: &'a JobContext,
    pub(crate) columns: Columns,
    pub(crate) notes: Notes,
    /// Columns whose field some page had.
    met: BTreeSet<usize>,
    /// How many differences may still be kept, all and new ones.
    samples: usize,
    new_samples: usize,
    /// How many rows may still go to quarantine.
    cages: usize,
    /// What belongs to no cell.
    pub(crate) beside: Counts,
    buffer: Vec<u8>,
}

/// How many differences of a run are kept, and how many of them may be of new rows.
const SAMPLES: u64 = 1_000;
const NEW_SAMPLES: usize = 200;
/// How many rows of one attempt are kept in quarantine: a wrong key would fill it with the whole
/// list. All of them are counted.
const CAGES: usize = 10_000;

/// A row of a page beside what is known of it.
struct Compared<'a> {
    row: usize,
    key: &'a str,
    hash: i64,
    known: Option<&'a Known>,
}

impl Compared<'_> {
    fn is_same(&self) -> bool {
        self.known
            .is_some_and(|known| known.hash == self.hash && !known.is_gone)
    }

    fn kind(&self) -> &'static str {
        match self.known {
            None => "new",
            Some(known) if known.is_gone => "returned",
            Some(_) => "changed",
        }
    }

    /// The partition that the row belongs to once this one has had it.
    fn cell(&self, label: &str) -> Option<String> {
        match self.known {
            // A row that was gone belongs to whoever brings it back.
            Some(known) if !known.is_gone && known.cell.as_deref() != Some(label) => None,
            _ => Some(label.to_owned()),
        }
    }
}

impl<'a> Writer<'a> {
    pub(crate) async fn open(run: &'a Run, ctx: &'a JobContext) -> Result<Self, JobError> {
        let db = run.syncs.db().read();
        let kept = findings::count_changes(db, run.id).await?;
        let samples = usize::try_from(SAMPLES.saturating_sub(kept)).unwrap_or(0);
        Ok(Self {
            run,
            ctx,
            columns: table::columns(db, &run.source.table).await?,
            notes: runs::notes(db, run.id).await?,
            met: BTreeSet::new(),
            samples,
            new_samples: samples.min(NEW_SAMPLES),
            cages: CAGES,
            beside: Counts::default(),
            buffer: Vec::new(),
        })
    }

    /// Writes pages whose turn it is, and answers how the cells stand after them.
    pub(crate) async fn write(
        &mut self,
        pages: Vec<(Work, Prepared)>,
    ) -> Result<BTreeMap<usize, Cell>, JobError> {
        let tx = self.run.syncs.db().write().await?;
        let mut changed = BTreeMap::new();
        for (work, prepared) in pages {
            let cell = changed
                .entry(work.cell)
                .or_insert_with(|| self.run.plan.cell(work.cell));
            // A page before it may have been the last one, or have begun a second pass.
            let is_wanted = !cell.status.is_end() && cell.pass == work.pass;
            if is_wanted && cell.next_page == work.page {
                self.page(&tx, cell, work.page, prepared).await?;
            }
        }
        self.commit(tx, changed).await
    }

    /// Writes that a page will not come.
    pub(crate) async fn lose(
        &mut self,
        n: usize,
        why: &str,
    ) -> Result<BTreeMap<usize, Cell>, JobError> {
        let mut cell = self.run.plan.cell(n);
        cell.fail(why);
        self.ctx.error(format!("{}: {why}", cell.label));
        let tx = self.run.syncs.db().write().await?;
        self.commit(tx, BTreeMap::from([(n, cell)])).await
    }

    /// Keeps how far the cells and the run are, and lets go of the transaction when the lease is lost.
    pub(crate) async fn commit(
        &self,
        tx: DatabaseTransaction,
        changed: BTreeMap<usize, Cell>,
    ) -> Result<BTreeMap<usize, Cell>, JobError> {
        let now = self.run.syncs.now();
        for cell in changed.values() {
            cells::update(&tx, self.run.id, cell).await?;
            if cell.status == Status::Success
                && let Some(cursor) = &cell.cursor
            {
                let source = &self.run.source.name;
                findings::set_cursor(&tx, source, &cell.label, cursor, self.run.id, now).await?;
            }
        }
        let reached = self.reached(&changed);
        runs::reach(&tx, self.run.id, &reached, now).await?;
        runs::set_notes(&tx, self.run.id, &self.notes).await?;
        let checkpoint = Checkpoint {
            pages: self.pages(&changed),
            run_id: self.run.id,
        };
        self.ctx.lease().save(&tx, &checkpoint).await?;
        tx.commit().await?;
        let done = reached.counts.synced() + reached.counts.failed;
        let total = (reached.expected > 0).then_some(reached.expected.max(done));
        self.ctx.progress(done, total, reached.stage);
        Ok(changed)
    }

    /// A number that is another one whenever a cell got on.
    fn pages(&self, changed: &BTreeMap<usize, Cell>) -> u64 {
        let all = self.run.plan.cells();
        let cells = all.iter().enumerate();
        cells
            .map(|(n, cell)| changed.get(&n).unwrap_or(cell))
            .map(|cell| cell.next_page + u64::from(cell.status.is_end()))
            .sum()
    }

    fn reached(&self, changed: &BTreeMap<usize, Cell>) -> Reached {
        let mut counts = self.beside;
        let (mut expected, mut is_known, mut ended, mut labels) = (0, true, 0, Vec::new());
        let all = self.run.plan.cells();
        for (n, cell) in all.iter().enumerate() {
            let cell = changed.get(&n).unwrap_or(cell);
            counts.add(cell.counts);
            ended += usize::from(cell.status.is_end());
            let had = cell.counts.synced() + cell.counts.failed;
            let total = match cell.status.is_end() {
                true => Some(had),
                false => cell
                    .total
                    .or_else(|| self.run.before.get(&cell.label).copied()),
            };
            is_known &= total.is_some();
            expected += total.unwrap_or(0).max(had);
            if cell.status == Status::Running && labels.len() < 4 {
                labels.push(cell.label.as_str());
            }
        }
        let stage = match ended == all.len() {
            true => String::new(),
            false => format!("{ended}/{} {}", all.len(), labels.join(" ")),
        };
        Reached {
            counts,
            expected: if is_known { expected } else { 0 },
            requests: self.run.gateway.requests(),
            repeats: self.run.gateway.repeats(),
            stage: stage.trim().to_owned(),
        }
    }

    async fn page(
        &mut self,
        tx: &DatabaseTransaction,
        cell: &mut Cell,
        number: u64,
        page: Prepared,
    ) -> Result<(), JobError> {
        let now = self.run.syncs.now();
        let name = &self.run.source.table;
        let growth = self.columns.grow(&page.rows);
        table::grow(tx, name, &self.columns, &growth, now).await?;
        self.note(&growth);
        let places = self.places(&page.rows);
        let keys: Vec<&str> = page.keyed.iter().map(|(_, key)| key.as_str()).collect();
        let known = rows::known(tx, name, &keys).await?;
        let compared = self.compare(&page, &places, &known);
        let (same, written): (Vec<_>, Vec<_>) = compared.into_iter().partition(Compared::is_same);
        self.sample(tx, &page.rows, &places, &written).await?;
        let upsert = PageUpsert {
            table: name,
            columns: &self.columns,
            page: &page,
            places: &places,
            run_id: self.run.id,
            now,
        };
        let rows = written
            .iter()
            .map(|row| (row.row, row.key, row.hash, row.cell(&cell.label)));
        upsert.write(tx, rows).await?;
        let shared: Vec<&str> = same
            .iter()
            .filter(|row| {
                row.known
                    .is_some_and(|known| known.cell.as_deref().is_some_and(|at| at != cell.label))
            })
            .map(|row| row.key)
            .collect();
        rows::share(tx, name, &shared).await?;
        self.quarantine(tx, &cell.label, number, &page).await?;
        let hashes: Vec<u64> = keys.iter().map(|key| row::key_hash(key)).collect();
        let seen_at = number + (u64::try_from(cell.pass).unwrap_or(1) << 32);
        findings::see(tx, self.run.id, cell.position, seen_at, &hashes).await?;
        let new = written.iter().filter(|row| row.known.is_none()).count() as u64;
        // A second pass over a cell finds its own rows again.
        cell.counts.add(Counts {
            new,
            changed: written.len() as u64 - new,
            same: if cell.pass == 1 { same.len() as u64 } else { 0 },
            failed: if cell.pass == 1 {
                page.bad.len() as u64
            } else {
                0
            },
            ..Counts::default()
        });
        if let Some(cursor) = &page.cursor {
            cell.advance(cursor);
        }
        cell.status = Status::Running;
        cell.take(
            &Answered {
                rows: page.served(),
                total: page.total,
                digest: page.digest,
            },
            self.run.source.page_size,
        );
        Ok(())
    }

    fn note(&mut self, growth: &Growth) {
        for place in &growth.added {
            self.notes.added.push(self.columns.all[*place].name.clone());
        }
        for (place, old) in &growth.widened {
            let column = &self.columns.all[*place];
            let (name, old, new) = (&column.name, old.as_str(), column.kind.as_str());
            self.notes.widened.push(format!("{name}: {old} → {new}"));
        }
        // On a first run all columns are new, which is no news.
        if self.run.is_first {
            self.notes.added.clear();
        }
    }

    /// The column of each of the page's fields.
    fn places(&mut self, rows: &Rows) -> Vec<Option<usize>> {
        let places: Vec<_> = rows
            .fields
            .iter()
            .map(|field| self.columns.of_field(field))
            .collect();
        self.met.extend(places.iter().flatten());
        places
    }

    fn compare<'p>(
        &mut self,
        page: &'p Prepared,
        places: &[Option<usize>],
        known: &'p HashMap<String, Known>,
    ) -> Vec<Compared<'p>> {
        let buffer = &mut self.buffer;
        page.keyed
            .iter()
            .map(|(n, key)| Compared {
                row: *n,
                key,
                hash: row::hash(&page.rows, *n, places, buffer),
                known: known.get(key),
            })
            .collect()
    }

    /// Keeps some of the differences for people.
    async fn sample(
        &mut self,
        tx: &DatabaseTransaction,
        page: &Rows,
        places: &[Option<usize>],
        written: &[Compared<'_>],
    ) -> Result<(), JobError> {
        let (mut old, mut new): (Vec<_>, Vec<_>) =
            written.iter().partition(|row| row.known.is_some());
        old.truncate(self.samples);
        new.truncate(self.new_samples.min(self.samples - old.len()));
        self.samples -= old.len() + new.len();
        self.new_samples -= new.len();
        if old.is_empty() && new.is_empty() {
            return Ok(());
        }
        let keys: Vec<&str> = old.iter().map(|row| row.key).collect();
        let mut before = match keys.is_empty() {
            true => HashMap::new(),
            false => rows::values(tx, &self.run.source.table, &self.columns, &keys).await?,
        };
        let changes: Vec<NewChange> = old
            .into_iter()
            .chain(new)
            .map(|row| {
                let after = object(page, row.row, places, &self.columns);
                let before = before.remove(row.key);
                difference(row, before, after)
            })
            .collect();
        let (run, now) = (self.run, self.run.syncs.now());
        findings::add_changes(tx, run.id, &run.source.name, &changes, now).await?;
        Ok(())
    }

    /// Room for differences of rows that are gone.
    pub(crate) fn take_samples(&mut self, wanted: usize) -> usize {
        let taken = wanted.min(self.samples);
        self.samples -= taken;
        taken
    }

    async fn quarantine(
        &mut self,
        tx: &DatabaseTransaction,
        label: &str,
        page: u64,
        prepared: &Prepared,
    ) -> Result<(), JobError> {
        let place = Place {
            run_id: self.run.id,
            source: &self.run.source.name,
            label,
            page: page + 1,
        };
        let bad: Vec<NewQuarantined> = prepared
            .bad
            .iter()
            .take(self.cages)
            .map(|(reason, raw)| NewQuarantined {
                reason: reason.clone(),
                raw: raw.clone(),
            })
            .collect();
        self.cages -= bad.len();
        Ok(findings::quarantine(tx, &place, &bad, self.run.syncs.now()).await?)
    }

    /// Notes the columns whose field no page had.
    pub(crate) fn note_missing(&mut self) {
        let all = self.columns.all.iter().enumerate();
        self.notes.missing = all
            .filter(|(place, _)| !self.met.contains(place))
            .map(|(_, column)| column.name.clone())
            .collect();
    }
}

/// Rows of one page on their way into their table.
pub(crate) struct PageUpsert<'a> {
    pub(crate) table: &'a str,
    pub(crate) columns: &'a Columns,
    pub(crate) page: &'a Prepared,
    /// The column of each of the page's fields.
    pub(crate) places: &'a [Option<usize>],
    pub(crate) run_id: i64,
    pub(crate) now: Timestamp,
}

impl PageUpsert<'_> {
    /// Writes rows of the page: their number, key, hash and partition.
    pub(crate) async fn write<'k>(
        &self,
        tx: &DatabaseTransaction,
        rows: impl Iterator<Item = (usize, &'k str, i64, Option<String>)>,
    ) -> Result<(), DbErr> {
        let mut used: Vec<usize> = self.places.iter().flatten().copied().collect();
        used.sort_unstable();
        let columns: Vec<&Column> = used.iter().map(|place| &self.columns.all[*place]).collect();
        let nulls: Vec<Value> = columns
            .iter()
            .map(|column| row::null(column.kind))
            .collect();
        // The place of each of the page's fields among the columns that are written.
        let slots: Vec<Option<usize>> = self
            .places
            .iter()
            .map(|place| used.binary_search(place.as_ref()?).ok())
            .collect();
        let written = rows.map(|(n, key, hash, cell)| {
            let mut values = nulls.clone();
            for slot in self.page.rows.row(n) {
                if let Some(at) = slots[usize::from(slot.field)] {
                    values[at] = row::value(&self.page.rows, *slot, columns[at].kind);
                }
            }
            Written {
                key: key.to_owned(),
                hash,
                cell,
                search: self.page.search_text(n),
                values,
            }
        });
        let upsert = Upsert {
            table: self.table,
            columns: &columns,
            run_id: self.run_id,
            now: self.now,
        };
        upsert.write(tx, written.collect()).await
    }
}

/// A row as its table will have it: what is null is left out.
fn object(rows: &Rows, n: usize, places: &[Option<usize>], columns: &Columns) -> Map<String, Json> {
    let mut object = Map::new();
    for slot in rows.row(n) {
        let Some(place) = places[usize::from(slot.field)] else {
            continue;
        };
        let column = &columns.all[place];
        let raw = rows.raw(*slot);
        let value = match (slot.shape, column.kind) {
            (Shape::Null, _) => continue,
            (Shape::Bool, Type::Integer | Type::Real) => Json::from(i64::from(raw == "true")),
            (_, Type::Text) => Json::from(rows.text(*slot).unwrap_or_default()),
            _ => serde_json::from_str(raw).unwrap_or_default(),
        };
        object.insert(column.name.clone(), value);
    }
    object
}

fn difference(
    row: &Compared<'_>,
    before: Option<Map<String, Json>>,
    mut after: Map<String, Json>,
) -> NewChange {
    let before = before.map(|mut before| {
        before.retain(|name, old| {
            let is_same = after.get(name) == Some(old);
            if is_same {
                after.remove(name);
            }
            !is_same
        });
        Json::Object(before)
    });
    NewChange {
        key: row.key.to_owned(),
        kind: row.kind(),
        before,
        after: Some(Json::Object(after)),
    }
}
