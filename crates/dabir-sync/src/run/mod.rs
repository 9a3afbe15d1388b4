//! One run: partitions are asked for page by page, written as they come, and what is gone at the
//! source is marked at the end. A run that is cut off goes on where its last page was written.

pub(crate) mod cell;
mod command;
mod compare;
pub(crate) mod cursor;
mod finish;
pub(crate) mod partitions;
mod plan;
mod prepare;
mod share;
mod sweep;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dabir_core::Timestamp;
use dabir_jobs::{JobContext, JobError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::error::SyncError;
use crate::gateway::{Gateway, Trouble};
use crate::model::{Mode, Status};
use crate::service::Syncs;
use crate::source::{Source, SourceKind};
use crate::store::{cells, findings, runs, table};
use cell::Cell;
use plan::{Plan, Turn, Work};
use write::Writer;

pub(crate) use finish::Accepting;
pub(crate) use prepare::Prepared;
pub(crate) use write::PageUpsert;

/// What a job of the kind `sync.run` is for. The run's row knows the rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunArgs {
    pub source: String,
    pub mode: Mode,
}

/// A run at work.
pub(crate) struct Run {
    pub(crate) syncs: Syncs,
    pub(crate) id: i64,
    pub(crate) source: Source,
    mode: Mode,
    pub(crate) gateway: Gateway,
    pub(crate) plan: Plan,
    /// How many rows each partition had the last time.
    pub(crate) before: BTreeMap<String, u64>,
    /// Whether no run has filled the table as a whole yet, so that all columns are new.
    pub(crate) is_first: bool,
    /// Whether this attempt is not the run's first.
    is_resumed: bool,
    /// Whether its cells are all partitions of the source.
    is_whole: bool,
}

/// What those who ask tell the one who writes.
enum News {
    Page(Work, Box<Prepared>),
    Lost(Work, String),
    /// No other page will come either.
    Over(String),
}

/// News, and whom to tell when it is written.
type Told = (News, oneshot::Sender<()>);

/// How a run came to its end without being done.
enum Cut {
    /// The gateway lets us in no more, or the time is over.
    Failed(String),
    Job(JobError),
}

impl From<JobError> for Cut {
    fn from(error: JobError) -> Self {
        Self::Job(error)
    }
}

impl From<sea_orm::DbErr> for Cut {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Job(error.into())
    }
}

impl From<dabir_jobs::JobsError> for Cut {
    fn from(error: dabir_jobs::JobsError) -> Self {
        Self::Job(error.into())
    }
}

/// How many rows and bytes one transaction writes, about.
const MOST_ROWS: u64 = 2_000;
const MOST_BYTES: usize = 4 << 20;

/// The work of a job of the kind `sync.run`.
pub(crate) async fn work(syncs: Syncs, ctx: JobContext, args: RunArgs) -> Result<Value, JobError> {
    let row = syncs.run_of_job(&ctx, &args).await?;
    if row.status == Status::Success {
        return Ok(json!({ "run_id": row.id }));
    }
    let ended = match syncs.source(&args.source).await {
        Ok(found) if found.source.kind == SourceKind::Command => {
            command::work(&syncs, &ctx, &row, &found.source).await
        }
        Ok(_) => pages(&syncs, &ctx, &row).await,
        Err(SyncError::Db(error)) => return Err(error.into()),
        Err(error) => Err(Cut::Failed(error.to_string())),
    };
    match ended {
        Ok(()) => Ok(json!({ "run_id": row.id })),
        Err(Cut::Failed(why)) => {
            end(&syncs, &ctx, row.id, Status::Failed, Some(&why)).await?;
            Err(JobError::fail(why))
        }
        Err(Cut::Job(JobError::Cancelled)) => {
            if syncs.is_cancelled(&ctx).await {
                end(&syncs, &ctx, row.id, Status::Cancelled, None).await?;
            }
            Err(JobError::Cancelled)
        }
        Err(Cut::Job(error)) => Err(error),
    }
}

/// Writes how a run ended, unless it is somebody else's by now.
async fn end(
    syncs: &Syncs,
    ctx: &JobContext,
    run_id: i64,
    status: Status,
    why: Option<&str>,
) -> Result<(), JobError> {
    let tx = syncs.db().write().await?;
    runs::finish(&tx, run_id, status, why, syncs.now()).await?;
    fence(ctx, &tx).await?;
    tx.commit().await?;
    syncs.changed();
    Ok(())
}

/// Fails when the job is another worker's by now. What a later attempt has to know stays as it is:
/// a job that only begins again and again does not get on.
pub(crate) async fn fence(
    ctx: &JobContext,
    tx: &sea_orm::DatabaseTransaction,
) -> Result<(), JobError> {
    let kept = ctx.checkpoint::<Value>().unwrap_or_default();
    Ok(ctx.lease().save(tx, &kept).await?)
}

async fn pages(syncs: &Syncs, ctx: &JobContext, row: &crate::model::Run) -> Result<(), Cut> {
    let run = Run::open(syncs, ctx, row).await?;
    let run = Arc::new(run);
    let mut writer = Writer::open(&run, ctx).await?;
    let limit = run.time_left(row);
    let fetched = tokio::select! {
        fetched = fetch_and_write(&run, ctx, &mut writer) => fetched,
        () = tokio::time::sleep(limit) => {
            let limit = run.source.timeout;
            Err(Cut::Failed(format!("it was not done within {limit}; a retry goes on where it stopped")))
        }
    };
    run.plan.stop();
    fetched?;
    writer.hand_over().await?;
    run.sweep(&mut writer).await?;
    run.conclude(ctx, &mut writer).await
}

/// Asks with as many hands as the source allows, and writes what they bring.
async fn fetch_and_write(
    run: &Arc<Run>,
    ctx: &JobContext,
    writer: &mut Writer<'_>,
) -> Result<(), Cut> {
    let (tell, mut told) = mpsc::channel::<Told>(64);
    let mut hands = JoinSet::new();
    for _ in 0..run.source.concurrency {
        hands.spawn(fetch(run.clone(), tell.clone()));
    }
    drop(tell);
    let mut early = Early::new();
    loop {
        let first = tokio::select! {
            told = told.recv() => told,
            () = ctx.ends().cancelled() => None,
        };
        ctx.check()?;
        let Some(first) = first else { break };
        let mut news = vec![first];
        while let Ok(more) = told.try_recv() {
            news.push(more);
        }
        for (news, written) in news {
            match news {
                News::Page(work, page) => early.push((work, page, written)),
                News::Lost(work, why) => {
                    if run.plan.turn(&work) != Turn::Over {
                        let cells = writer.lose(work.cell, &why).await?;
                        run.plan.keep(cells);
                    }
                    run.plan.done(work.cell);
                }
                News::Over(why) => return Err(Cut::Failed(why)),
            }
        }
        write_what_is_due(run, writer, &mut early).await?;
        // Those who look on are told now and then; those who wait for the disk are done.
        run.syncs.changed();
    }
    ctx.check()?;
    Ok(())
}

/// Pages that came and are not written yet.
type Early = Vec<(Work, Box<Prepared>, oneshot::Sender<()>)>;

/// Writes the pages whose turn it is, some at a time, and forgets those that nobody wants.
async fn write_what_is_due(
    run: &Run,
    writer: &mut Writer<'_>,
    early: &mut Early,
) -> Result<(), Cut> {
    early.sort_by_key(|(work, ..)| (work.cell, work.page));
    loop {
        for (work, ..) in early.extract_if(.., |(work, ..)| run.plan.turn(work) == Turn::Over) {
            run.plan.done(work.cell);
        }
        let (batch, waiting): (Vec<_>, Vec<_>) = take_due(run, early).into_iter().unzip();
        if batch.is_empty() {
            return Ok(());
        }
        let cells = writer.write(batch).await?;
        run.plan.keep(cells);
        for (cell, _written) in waiting {
            run.plan.done(cell);
        }
    }
}

type Due = ((Work, Prepared), (usize, oneshot::Sender<()>));

/// Takes pages that follow those in the table, as many as one transaction may write.
fn take_due(run: &Run, early: &mut Early) -> Vec<Due> {
    let (mut rows, mut bytes) = (0, 0);
    let mut next: BTreeMap<usize, u64> = BTreeMap::new();
    let due = early.extract_if(.., |(work, page, _)| {
        let next = next
            .entry(work.cell)
            .or_insert_with(|| run.plan.cell(work.cell).next_page);
        let is_due = work.page == *next && rows < MOST_ROWS && bytes < MOST_BYTES;
        if is_due {
            *next += 1;
            rows += page.served();
            bytes += page.rows.bytes();
        }
        is_due
    });
    due.map(|(work, page, written)| {
        let cell = work.cell;
        ((work, *page), (cell, written))
    })
    .collect()
}

/// One hand: asks for a page, and for the next when that one is written. So a crash repeats one page
/// a hand at most.
async fn fetch(run: Arc<Run>, tell: mpsc::Sender<Told>) {
    while let Some((work, cell)) = run.plan.next().await {
        let news = match run.gateway.fetch(&cell, work.page).await {
            Ok(page) => {
                let page = Prepared::at(page, &run.source, run.syncs.now());
                News::Page(work, Box::new(page))
            }
            Err(Trouble::Lost(why)) => {
                let why = format!("page {}: {}", work.page + 1, run.gateway.clean(&why));
                News::Lost(work, why)
            }
            Err(Trouble::Auth(why) | Trouble::Busy(why, _)) => News::Over(run.gateway.clean(&why)),
            Err(Trouble::Unknown(status, _)) => {
                News::Over(format!("the gateway answered {status}"))
            }
        };
        let (written, is_written) = oneshot::channel();
        if tell.send((news, written)).await.is_err() {
            return;
        }
        // An error is as good as an answer: it is written, or nobody writes any more.
        let _ = is_written.await;
    }
}

impl Run {
    async fn open(syncs: &Syncs, ctx: &JobContext, row: &crate::model::Run) -> Result<Self, Cut> {
        let found = syncs.source(&row.source).await;
        let found = found.map_err(|error| Cut::Failed(error.to_string()))?;
        let source = found.source.clone();
        let given = found.given();
        let gateway = Gateway::new(
            source.clone(),
            syncs.egress(),
            given,
            syncs.pace(),
            Some(ctx.clone()),
        )
        .map_err(Cut::Failed)?;
        let made = make_table(syncs, &source).await?;
        let db = syncs.db().read();
        let is_first = made || runs::last_success(db, &source.name, None).await?.is_none();
        let mut found = cells_to_go_on_with(syncs, ctx, row, &source).await?;
        let is_resumed = !found.is_empty();
        if found.is_empty() {
            found = begin_cells(syncs, ctx, row, &source).await?;
        }
        for cell in &mut found {
            // Cells of a run that is tried again as a whole begin anew where they stopped.
            if matches!(cell.status, Status::Failed | Status::Cancelled) {
                cell.status = Status::Pending;
                cell.error = None;
            }
        }
        Ok(Self {
            syncs: syncs.clone(),
            id: row.id,
            mode: row.mode,
            gateway,
            plan: Plan::new(found),
            before: cells::last_counts(db, &source.name, row.id).await?,
            is_first,
            is_resumed,
            is_whole: row.retry_of.is_none(),
            source,
        })
    }

    fn time_left(&self, row: &crate::model::Run) -> Duration {
        let started = row.started_at.unwrap_or_else(|| self.syncs.now());
        let limit = self.source.timeout.get();
        let gone = Duration::try_from(self.syncs.now().duration_since(started)).unwrap_or_default();
        limit.saturating_sub(gone)
    }
}

/// Makes the source's table when it is missing, and tells whether it did.
async fn make_table(syncs: &Syncs, source: &Source) -> Result<bool, Cut> {
    let db = syncs.db();
    match table::owner(db.read(), &source.table).await? {
        Some(owner) if owner == source.name => return Ok(false),
        Some(owner) => {
            let what = format!(
                "the table `{}` belongs to the source `{owner}`",
                source.table
            );
            return Err(Cut::Failed(what));
        }
        None => {}
    }
    let tx = db.write().await?;
    if table::exists(&tx, &source.table).await? {
        let what = format!(
            "the table `{}` is there already and not the sync's; write another `table`",
            source.table
        );
        return Err(Cut::Failed(what));
    }
    table::create(&tx, &source.table, &source.name, syncs.now()).await?;
    findings::forget_cursors(&tx, &source.name).await?;
    tx.commit().await?;
    Ok(true)
}

/// The cells of a run that was begun before. One whose keys were forgotten since begins anew: nobody
/// could tell which of its rows are gone. All do when the source is another one now.
async fn cells_to_go_on_with(
    syncs: &Syncs,
    ctx: &JobContext,
    row: &crate::model::Run,
    source: &Source,
) -> Result<Vec<Cell>, Cut> {
    let db = syncs.db().read();
    let mut found = cells::of_run(db, row.id).await?;
    let shape = partitions::shape(source);
    if found.iter().any(|cell| cell.shape != shape) {
        let tx = syncs.db().write().await?;
        cells::forget(&tx, row.id).await?;
        fence(ctx, &tx).await?;
        tx.commit().await?;
        return Ok(Vec::new());
    }
    let kept = cells::kept_pages(db, row.id).await?;
    for cell in &mut found {
        let is_needed = row.mode == Mode::Full || cell.status != Status::Success;
        if is_needed && !cell.is_kept(&kept) {
            cell.begin_anew();
        }
    }
    Ok(found)
}

/// Finds the partitions of a run that begins, and keeps them.
async fn begin_cells(
    syncs: &Syncs,
    ctx: &JobContext,
    row: &crate::model::Run,
    source: &Source,
) -> Result<Vec<Cell>, Cut> {
    let db = syncs.db().read();
    let shape = partitions::shape(source);
    let mut found = match row.retry_of {
        Some(before) => partitions::unfinished(db, before, &shape, syncs.now()).await?,
        None => partitions::all(db, source).await?.map_err(Cut::Failed)?,
    };
    if row.mode == Mode::Incremental {
        let cursors = cells::cursors(db, &source.name, &shape).await?;
        partitions::ask_since(&mut found, source, &cursors);
    }
    let tx = syncs.db().write().await?;
    if row.retry_of.is_none() {
        findings::forget_seen(&tx, &source.name, Some(row.id)).await?;
    }
    for (n, cell) in found.iter_mut().enumerate() {
        let old = cell.position;
        cell.shape.clone_from(&shape);
        cell.position = i32::try_from(n).unwrap_or(i32::MAX);
        cells::insert(&tx, row.id, cell).await?;
        if let Some(before) = row.retry_of
            && cell.next_page > 0
        {
            findings::pass_on_seen(&tx, (before, old), (row.id, cell.position)).await?;
        }
    }
    fence(ctx, &tx).await?;
    tx.commit().await?;
    Ok(found)
}

/// An instant by which cells that were cut off may still be gone on with.
pub(super) fn is_fresh(ended: Option<Timestamp>, now: Timestamp) -> bool {
    const FRESH: Duration = Duration::from_secs(3_600);
    ended.is_some_and(|ended| {
        Duration::try_from(now.duration_since(ended)).is_ok_and(|gone| gone <= FRESH)
    })
}
