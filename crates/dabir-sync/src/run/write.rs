//! Writing pages: rows, quarantine, differences, what was seen and how far the cell is go into one
//! transaction, with the checkpoint that fences it.

use std::collections::{BTreeMap, HashMap, HashSet};

use dabir_core::Timestamp;
use dabir_core::text::{cut, one_line};
use dabir_jobs::{JobContext, JobError};
use sea_orm::{DatabaseTransaction, DbErr, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::Run;
use super::cell::{Answered, Cell};
use super::compare::{Compared, Fate, Fields, Ground};
use super::plan::Work;
use super::prepare::Prepared;
use super::share::Shared;
use crate::columns::{At, Column, Columns, Growth, MAX_COLUMNS, Type};
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
    /// The last run that met the field of each column.
    met: Vec<i64>,
    pub(super) shared: Shared,
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
            met: table::met(db, &run.source.table).await?,
            shared: Shared::of(&run.plan.cells()),
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
                self.page(&tx, cell, &work, prepared).await?;
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
        work: &Work,
        page: Prepared,
    ) -> Result<(), JobError> {
        let now = self.run.syncs.now();
        let name = &self.run.source.table;
        let growth = self.columns.grow(&page.rows);
        table::grow(tx, name, &self.columns, &growth, now).await?;
        self.note(&growth);
        let fields = self.fields(tx, &page.rows).await?;
        let keys: Vec<&str> = page.keyed.iter().map(|(_, key)| key.as_str()).collect();
        let known = rows::known(tx, name, &keys).await?;
        let mut compared = self.compare(&page, &cell.label, &fields, &known);
        self.yield_to_others(tx, work.cell, &mut compared).await?;
        let (written, left): (Vec<_>, Vec<_>) = compared
            .into_iter()
            .partition(|row| row.fate == Fate::Written);
        self.sample(tx, &page.rows, &fields, &written).await?;
        self.upsert(tx, &cell.label, &page, &fields, &written)
            .await?;
        self.share(tx, &cell.label, &written, &left).await?;
        self.quarantine(tx, &cell.label, work.page, &page).await?;
        let seen_at = cells::seen_at(cell.pass, work.page);
        findings::see(tx, self.run.id, cell.position, seen_at, &page.seen).await?;
        let new = written.iter().filter(|row| row.known.is_none()).count() as u64;
        // A second pass over a cell finds its own rows again.
        let of_first = |count: usize| if cell.pass == 1 { count as u64 } else { 0 };
        cell.counts.add(Counts {
            new,
            changed: written.len() as u64 - new,
            same: of_first(left.len()),
            failed: of_first(page.bad.len()),
            ..Counts::default()
        });
        self.get_on(tx, cell, &page).await
    }

    /// Brings a cell to where it is after a page.
    async fn get_on(
        &self,
        tx: &DatabaseTransaction,
        cell: &mut Cell,
        page: &Prepared,
    ) -> Result<(), JobError> {
        if let Some(cursor) = &page.cursor {
            cell.advance(cursor);
        }
        cell.status = Status::Running;
        let answered = Answered {
            rows: page.served(),
            keyless: page.keyless,
            doubled: page.doubled,
            total: page.total,
            digest: page.digest,
            is_all: !self.run.gateway.has_pages(),
        };
        if cell.take(&answered, self.run.source.page_size) {
            let from = cells::seen_at(cell.pass, 0);
            let seen = findings::seen_from(tx, self.run.id, cell.position, from).await?;
            cell.end_pass(seen.len() as u64);
        }
        Ok(())
    }

    async fn upsert(
        &self,
        tx: &DatabaseTransaction,
        label: &str,
        page: &Prepared,
        fields: &Fields,
        written: &[Compared<'_>],
    ) -> Result<(), JobError> {
        let mut groups: BTreeMap<&[usize], Vec<&Compared<'_>>> = BTreeMap::new();
        for row in written {
            groups.entry(&row.nulls).or_default().push(row);
        }
        for (nulls, group) in groups {
            let mut places = fields.places.clone();
            places.extend(nulls.iter().map(|place| Some(self.columns.at(*place))));
            let upsert = PageUpsert {
                table: &self.run.source.table,
                columns: &self.columns,
                page,
                places: &places,
                run_id: self.run.id,
                now: self.run.syncs.now(),
            };
            let rows = group.into_iter();
            let rows = rows.map(|row| {
                let cell = (!row.is_shared).then(|| label.to_owned());
                (row.row, row.key, row.hash, cell)
            });
            upsert.write(tx, rows).await?;
        }
        Ok(())
    }

    /// Notes which rows other partitions have too.
    async fn share(
        &self,
        tx: &DatabaseTransaction,
        label: &str,
        written: &[Compared<'_>],
        left: &[Compared<'_>],
    ) -> Result<(), JobError> {
        let is_others = |row: &&Compared<'_>| {
            let known = row.known.and_then(|known| known.cell.as_deref());
            known.is_some_and(|cell| cell != label)
        };
        let shared: Vec<&str> = left.iter().filter(is_others).map(|row| row.key).collect();
        rows::share(tx, &self.run.source.table, &shared).await?;
        let is_of_several = |row: &&Compared<'_>| row.is_shared;
        let owned = written.iter().filter(is_of_several).map(|row| row.key);
        rows::own(
            tx,
            &self.run.source.table,
            label,
            &owned.collect::<Vec<_>>(),
        )
        .await?;
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
        if let Some(field) = &growth.left_out {
            self.warn_of(field);
        }
        // On a first run all columns are new, which is no news.
        if self.run.is_first {
            self.notes.added.clear();
        }
    }

    fn warn_of(&mut self, field: &str) {
        let head = format!("a table has {MAX_COLUMNS} columns at most");
        let is_told = |warning: &String| warning.starts_with(&head);
        if !self.notes.warnings.iter().any(is_told) {
            let field = cut(&one_line(field), 100);
            let warning = format!("{head}: `{field}` and what else is new is left out");
            self.notes.warnings.push(warning);
        }
    }

    /// Where the values of the page's fields go, and what is known of those that it lacks.
    async fn fields(&mut self, tx: &DatabaseTransaction, rows: &Rows) -> Result<Fields, DbErr> {
        let run_id = self.run.id;
        let fields = rows.fields.iter();
        let mut places: Vec<_> = fields.map(|field| self.columns.of_field(field)).collect();
        let count = self.columns.all.len();
        self.met.resize(count, 0);
        let mut is_here = vec![false; count];
        let mut fresh = Vec::new();
        for At { place, .. } in places.iter().flatten() {
            is_here[*place] = true;
            if self.met[*place] != run_id {
                self.met[*place] = run_id;
                fresh.push(*place);
            }
        }
        table::meet(tx, &self.run.source.table, &fresh, run_id).await?;
        let lacking = (0..count).filter(|place| !is_here[*place]);
        let (empty, unknown): (Vec<_>, Vec<_>) =
            lacking.partition(|place| self.met[*place] == run_id);
        places.extend(empty.into_iter().map(|place| Some(self.columns.at(place))));
        Ok(Fields { places, unknown })
    }

    fn compare<'p>(
        &mut self,
        page: &'p Prepared,
        label: &str,
        fields: &Fields,
        known: &'p HashMap<String, Known>,
    ) -> Vec<Compared<'p>> {
        let ground = Ground {
            run_id: self.run.id,
            label,
            unknown: &fields.unknown,
            met: &self.met,
        };
        let buffer = &mut self.buffer;
        page.keyed
            .iter()
            .map(|(n, key)| {
                let plain = row::hash(&page.rows, *n, &fields.places, buffer);
                Compared::new(&ground, *n, key, plain, known.get(key))
            })
            .collect()
    }

    /// Keeps some of the differences for people.
    async fn sample(
        &mut self,
        tx: &DatabaseTransaction,
        page: &Rows,
        fields: &Fields,
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
        // What stands in unknown columns stays, so that it is no difference.
        let kept = |row: &Compared<'_>| -> HashSet<&str> {
            let unknown = fields.unknown.iter();
            let kept = unknown.filter(|place| !row.nulls.contains(place));
            kept.map(|place| self.columns.all[*place].name.as_str())
                .collect()
        };
        let changes: Vec<NewChange> = old
            .into_iter()
            .chain(new)
            .filter_map(|row| {
                let after = object(page, row.row, &fields.places, &self.columns);
                let mut before = before.remove(row.key);
                if let Some(before) = &mut before {
                    let kept = kept(row);
                    before.retain(|name, _| !kept.contains(name.as_str()));
                }
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

    /// Notes the columns whose field no page of the run had.
    pub(crate) fn note_missing(&mut self) {
        let all = self.columns.all.iter().enumerate();
        self.notes.missing = all
            .filter(|(place, _)| self.met.get(*place) != Some(&self.run.id))
            .map(|(_, column)| column.name.clone())
            .collect();
    }
}

/// Rows of one page on their way into their table.
pub(crate) struct PageUpsert<'a> {
    pub(crate) table: &'a str,
    pub(crate) columns: &'a Columns,
    pub(crate) page: &'a Prepared,
    /// The column of each of the page's fields; behind them those that are empty in all of its rows.
    pub(crate) places: &'a [Option<At>],
    pub(crate) run_id: i64,
    pub(crate) now: Timestamp,
}

impl PageUpsert<'_> {
    /// Writes rows of the page: their number, key, hash and partition.
    pub(crate) async fn write<'k>(
        &self,
        tx: &DatabaseTransaction,
        rows: impl ExactSizeIterator<Item = (usize, &'k str, i64, Option<String>)>,
    ) -> Result<(), DbErr> {
        let mut used: Vec<usize> = self.places.iter().flatten().map(|at| at.place).collect();
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
            .map(|at| used.binary_search(&at.as_ref()?.place).ok())
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
        upsert.write(tx, written).await
    }
}

/// A row as its table will have it: what is null is left out.
fn object(rows: &Rows, n: usize, places: &[Option<At>], columns: &Columns) -> Map<String, Json> {
    let mut object = Map::new();
    for slot in rows.row(n) {
        let Some(at) = places[usize::from(slot.field)] else {
            continue;
        };
        let column = &columns.all[at.place];
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

/// What of a row differs; `None` when it was only written in another form.
fn difference(
    row: &Compared<'_>,
    before: Option<Map<String, Json>>,
    mut after: Map<String, Json>,
) -> Option<NewChange> {
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
    if row.kind() == "changed" && after.is_empty() && before == Some(Json::Object(Map::new())) {
        return None;
    }
    Some(NewChange {
        key: row.key.to_owned(),
        kind: row.kind(),
        before,
        after: Some(Json::Object(after)),
    })
}
