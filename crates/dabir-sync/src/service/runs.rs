//! Runs: starting them, looking at them, ending them, trying again what failed.

use std::time::Duration;

use dabir_core::{Actor, ActorKind, Page};
use dabir_db::audit;
use dabir_jobs::{JobContext, JobError, JobState};
use sea_orm::DatabaseTransaction;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{RUN, Syncs};
use crate::error::SyncError;
use crate::model::{Cell, Change, Mode, Notes, Run, Status};
use crate::run::{Accepting, RunArgs, fence};
use crate::source::Source;
use crate::store::runs::NewRun;
use crate::store::{cells, findings, runs};

/// A run and all that it found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SyncRunDetail)]
pub struct RunDetail {
    #[serde(flatten)]
    pub run: Run,
    pub notes: Notes,
    /// Its partitions in their order.
    pub cells: Vec<Cell>,
    /// The first differences.
    pub changes: Vec<Change>,
}

/// What became of a start.
enum Started {
    Run(i64),
    Refused(SyncError),
    /// The last run has ended, and its job is about to.
    AlmostOver,
}

/// How long a job is waited for whose run has ended.
const MOMENT: Duration = Duration::from_millis(50);
const LAST_MOMENTS: u32 = 100;
/// How many differences a run's detail has.
const CHANGES: u64 = 100;
/// A source that is asked for what is new is asked for everything this often.
const FULL_EVERY: Duration = Duration::from_secs(86_400);

impl Syncs {
    /// Starts a run.
    ///
    /// # Errors
    /// When there is no such source, it cannot be asked for what is new, or it runs already.
    pub async fn sync(&self, by: &Actor, name: &str, mode: Mode) -> Result<Run, SyncError> {
        self.settle().await?;
        let found = self.source(name).await?;
        check_mode(&found.source, mode)?;
        let id = self.start(by, name, mode, None).await?;
        self.get_run(id).await
    }

    async fn start(
        &self,
        by: &Actor,
        name: &str,
        mode: Mode,
        retry_of: Option<i64>,
    ) -> Result<i64, SyncError> {
        for _ in 0..LAST_MOMENTS {
            match self.try_to_start(by, name, mode, retry_of).await? {
                Started::Run(id) => return Ok(id),
                Started::Refused(error) => return Err(error),
                Started::AlmostOver => tokio::time::sleep(MOMENT).await,
            }
        }
        Err(SyncError::State(format!(
            "the last run of `{name}` does not let go of it"
        )))
    }

    async fn try_to_start(
        &self,
        by: &Actor,
        name: &str,
        mode: Mode,
        retry_of: Option<i64>,
    ) -> Result<Started, SyncError> {
        let tx = self.db().write().await?;
        let args = RunArgs {
            source: name.to_owned(),
            mode,
        };
        let job = RUN.job(&args)?.unique(unique(name)).by(&by.name);
        let job = self.jobs().enqueue(&tx, job).await?;
        if !job.is_new {
            drop(tx);
            return Ok(match self.running(name, job.id).await? {
                Some(error) => Started::Refused(error),
                None => Started::AlmostOver,
            });
        }
        let new = NewRun {
            source: name,
            mode,
            job_id: job.id,
            retry_of,
            by: &by.name,
        };
        let id = runs::insert(&tx, &new, self.now()).await?;
        let after = json!({ "run_id": id, "mode": mode, "retry_of": retry_of });
        self.note(&tx, by, "source.sync", name, after).await?;
        tx.commit().await?;
        self.jobs().wake();
        self.changed();
        Ok(Started::Run(id))
    }

    async fn note(
        &self,
        tx: &DatabaseTransaction,
        by: &Actor,
        action: &'static str,
        source: &str,
        after: Value,
    ) -> Result<(), SyncError> {
        let change = audit::Change {
            action,
            target_kind: "source",
            target_id: source.to_owned(),
            target_name: source.to_owned(),
            before: None,
            after: Some(after),
        };
        audit::append(tx, self.now(), by, vec![change]).await?;
        Ok(())
    }

    /// Why a source cannot be started whose job lives; `None` when its run has ended, and only the
    /// job does not know it yet.
    async fn running(&self, name: &str, job_id: i64) -> Result<Option<SyncError>, SyncError> {
        let run = runs::of_job(self.db().read(), job_id).await?;
        if run.as_ref().is_some_and(|run| run.status.is_end()) {
            return Ok(None);
        }
        Ok(Some(SyncError::Running {
            source_name: name.to_owned(),
            run: run.map_or(0, |run| run.id),
        }))
    }

    pub(super) async fn refuse_while_running(&self, name: &str) -> Result<(), SyncError> {
        let Some(job_id) = self.jobs().find_unique(&unique(name)).await? else {
            return Ok(());
        };
        self.running(name, job_id).await?.map_or(Ok(()), Err)
    }

    /// The work of a job of the kind `sync.due`: starts a run unless there is one.
    pub(super) async fn start_due(&self, name: &str) -> Result<Value, JobError> {
        self.settle().await?;
        let found = match self.source(name).await {
            Err(SyncError::NotFound(_)) => {
                return Ok(json!({ "skipped": "there is no such source" }));
            }
            found => found?,
        };
        let mode = self.due_mode(&found.source).await?;
        let by = Actor::here(ActorKind::System, "schedule");
        match self.start(&by, name, mode, None).await {
            Ok(run) => Ok(json!({ "run_id": run })),
            Err(SyncError::Running { run, .. }) => {
                Ok(json!({ "skipped": "it runs", "run_id": run }))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What is new, where that can be asked for; and everything once a day, to see what is gone.
    async fn due_mode(&self, source: &Source) -> Result<Mode, SyncError> {
        if source.incremental.is_none() {
            return Ok(Mode::Full);
        }
        let full = runs::last_success(self.db().read(), &source.name, Some(Mode::Full)).await?;
        let is_recent = full.is_some_and(|at| {
            at.saturating_add(FULL_EVERY)
                .is_ok_and(|limit| limit > self.now())
        });
        Ok(if is_recent {
            Mode::Incremental
        } else {
            Mode::Full
        })
    }

    /// The run that a job is for; a job that nobody made a run for gets one.
    pub(crate) async fn run_of_job(
        &self,
        ctx: &JobContext,
        args: &RunArgs,
    ) -> Result<Run, JobError> {
        let found = runs::of_job(self.db().read(), ctx.id()).await?;
        if let Some(run) = &found
            && run.status == Status::Success
        {
            return Ok(run.clone());
        }
        let tx = self.db().write().await?;
        let id = match found {
            Some(run) => run.id,
            None => {
                let new = NewRun {
                    source: &args.source,
                    mode: args.mode,
                    job_id: ctx.id(),
                    retry_of: None,
                    by: "system",
                };
                runs::insert(&tx, &new, self.now()).await?
            }
        };
        runs::begin(&tx, id, self.now()).await?;
        fence(ctx, &tx).await?;
        tx.commit().await?;
        self.changed();
        let run = runs::find(self.db().read(), id).await?;
        run.ok_or_else(|| JobError::retry("the run is not there"))
    }

    /// Whether somebody asked for the end of a job, rather than of this process.
    pub(crate) async fn is_cancelled(&self, ctx: &JobContext) -> bool {
        let job = self.jobs().find(ctx.id()).await;
        job.is_ok_and(|job| job.is_some_and(|job| job.is_ending))
    }

    /// Ends runs whose job has ended without them: it was cancelled while it waited, or killed its
    /// workers too often.
    pub(crate) async fn settle(&self) -> Result<(), SyncError> {
        for run in runs::open(self.db().read()).await? {
            let job = match run.job_id {
                Some(id) => self.jobs().find(id).await?,
                None => None,
            };
            let (status, why) = match job {
                Some(job) if !job.state.is_end() => continue,
                Some(job) if job.state == JobState::Cancelled => (Status::Cancelled, None),
                Some(job) if job.state == JobState::SetAside => {
                    let why = "its worker died of it, or with it, three times in a row".to_owned();
                    (Status::Failed, Some(why))
                }
                Some(job) => (Status::Failed, job.last_error),
                None => (Status::Failed, Some("its job is gone".to_owned())),
            };
            let tx = self.db().write().await?;
            runs::finish(&tx, run.id, status, why.as_deref(), self.now()).await?;
            tx.commit().await?;
            self.changed();
        }
        Ok(())
    }

    /// # Errors
    /// When there is none with this id.
    pub async fn get_run(&self, id: i64) -> Result<Run, SyncError> {
        self.settle().await?;
        let run = runs::find(self.db().read(), id).await?;
        run.map(|run| self.timed(run))
            .ok_or(SyncError::NotFound("run"))
    }

    /// A run with its partitions and differences.
    ///
    /// # Errors
    /// When there is none with this id.
    pub async fn run_detail(&self, id: i64) -> Result<RunDetail, SyncError> {
        let run = self.get_run(id).await?;
        let db = self.db().read();
        let cells = cells::of_run(db, id).await?;
        Ok(RunDetail {
            notes: runs::notes(db, id).await?,
            cells: cells.into_iter().map(Cell::from).collect(),
            changes: findings::changes_of_run(db, id, 0, CHANGES).await?,
            run,
        })
    }

    /// The differences of a run after the one with the id `after`.
    ///
    /// # Errors
    /// When there is no such run.
    pub async fn run_changes(
        &self,
        id: i64,
        after: i64,
        limit: u32,
    ) -> Result<Page<Change>, SyncError> {
        self.get_run(id).await?;
        let limit_and_one = u64::from(limit) + 1;
        let rows = findings::changes_of_run(self.db().read(), id, after, limit_and_one).await?;
        Ok(Page::cut(rows, limit, |change| change.id.to_string()))
    }

    /// The runs of a source before the one with the id `before`, the newest first.
    ///
    /// # Errors
    /// When there is no such source and never was.
    pub async fn list_runs(
        &self,
        name: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Page<Run>, SyncError> {
        self.settle().await?;
        if name.contains('\0') {
            return Err(SyncError::NotFound("source"));
        }
        let rows = runs::list(self.db().read(), name, before, u64::from(limit) + 1).await?;
        if rows.is_empty() && before.is_none() {
            self.get_source(name).await?;
        }
        let rows = rows.into_iter().map(|run| self.timed(run)).collect();
        Ok(Page::cut(rows, limit, |run: &Run| run.id.to_string()))
    }

    /// The run with its rate, while it runs.
    pub(super) fn timed(&self, mut run: Run) -> Run {
        let Some(started) = run.started_at.filter(|_| run.status == Status::Running) else {
            return run;
        };
        let seconds = self.now().duration_since(started).as_secs_f64();
        run.duration_seconds = Some(seconds.max(0.0));
        #[expect(clippy::cast_precision_loss, reason = "a rate is for people")]
        let (done, total) = (
            run.progress.done as f64,
            run.progress.total.map(|total| total as f64),
        );
        if seconds >= 1.0 && done > 0.0 {
            let rate = done / seconds;
            run.rate = Some(rate);
            run.seconds_left = total.map(|total| ((total - done) / rate).max(0.0));
        }
        run
    }

    /// Ends a run: one that waits at once, one that runs within two seconds.
    ///
    /// # Errors
    /// When there is none with this id, or it has ended.
    pub async fn cancel_run(&self, by: &Actor, id: i64) -> Result<Run, SyncError> {
        let run = self.get_run(id).await?;
        let (Some(job_id), false) = (run.job_id, run.status.is_end()) else {
            let what = format!("run {id} has ended already");
            return Err(SyncError::State(what));
        };
        let tx = self.db().write().await?;
        self.jobs().cancel_one(&tx, by, job_id).await?;
        self.note(
            &tx,
            by,
            "source.cancel",
            &run.source,
            json!({ "run_id": id }),
        )
        .await?;
        tx.commit().await?;
        self.jobs().heard(job_id);
        self.get_run(id).await
    }

    /// Starts a run for the partitions that a run did not finish.
    ///
    /// # Errors
    /// When there is none with this id, it is not over or succeeded, or its source runs.
    pub async fn retry_run(&self, by: &Actor, id: i64) -> Result<Run, SyncError> {
        let run = self.get_run(id).await?;
        if !matches!(run.status, Status::Failed | Status::Cancelled) {
            let what = format!(
                "run {id} is {}; only what failed or was cancelled is tried again",
                run.status.as_str()
            );
            return Err(SyncError::State(what));
        }
        self.source(&run.source).await?;
        let newest = runs::last(self.db().read(), &run.source).await?;
        if newest.is_some_and(|newest| newest.id != id) {
            let what = format!("a later run than {id} has looked again; start a new one");
            return Err(SyncError::State(what));
        }
        let cells = cells::of_run(self.db().read(), id).await?;
        let is_done = !cells.is_empty() && cells.iter().all(|cell| cell.status == Status::Success);
        // Nothing was begun, or all was done and something is held back: once more from the start.
        let of = (!cells.is_empty() && !is_done).then_some(id);
        let new = self.start(by, &run.source, run.mode, of).await?;
        self.get_run(new).await
    }

    /// Marks the rows as gone that a run held back.
    ///
    /// # Errors
    /// When it holds none back any more, or its source runs.
    pub async fn accept_run(&self, by: &Actor, id: i64) -> Result<Run, SyncError> {
        let run = self.get_run(id).await?;
        let found = self.source(&run.source).await?;
        let tx = self.db().write().await?;
        // A start waits for this turn with its audit, so that none comes in between.
        audit::take_turn(&tx).await?;
        self.refuse_while_running(&run.source).await?;
        let newest = runs::last(&tx, &run.source).await?;
        let Some(run) = newest.filter(|newest| newest.id == id && newest.counts.held > 0) else {
            let what = format!("run {id} holds no rows back, or a later one has looked again");
            return Err(SyncError::State(what));
        };
        let cells = cells::of_run(&tx, id).await?;
        let accepting = Accepting {
            syncs: self,
            run: &run,
            table: &found.source.table,
            cells: &cells,
        };
        let marked = accepting.mark(&tx).await?;
        runs::set_held(&tx, id, marked, self.now()).await?;
        if cells.iter().all(|cell| cell.status == Status::Success) {
            runs::succeed(&tx, id, self.now()).await?;
        }
        findings::forget_seen(&tx, &run.source, None).await?;
        let after = json!({ "run_id": id, "vanished": marked });
        self.note(&tx, by, "source.accept", &run.source, after)
            .await?;
        tx.commit().await?;
        self.changed();
        self.get_run(id).await
    }
}

fn check_mode(source: &Source, mode: Mode) -> Result<(), SyncError> {
    if mode == Mode::Incremental && source.incremental.is_none() {
        let why = "this source has no `incremental`; write `full`";
        return Err(SyncError::invalid("mode", why));
    }
    Ok(())
}

/// While a job with this key lives, there is no other one for the source.
fn unique(name: &str) -> String {
    format!("sync:{name}")
}

impl From<crate::run::cell::Cell> for Cell {
    fn from(cell: crate::run::cell::Cell) -> Self {
        Self {
            pages_done: cell.next_page,
            pages_total: cell.pages(),
            label: cell.label,
            values: cell.values,
            status: cell.status,
            total: cell.total,
            counts: cell.counts,
            error: cell.error,
        }
    }
}
