//! The analysis of a file, as a job: fetched, read by the helper, counted, kept.

use std::time::Duration;

use dabir_core::{Actor, ActorKind};
use dabir_db::{outbox, stale};
use dabir_extract::{Code, Refusal};
use dabir_http::Identity;
use dabir_jobs::{JobContext, JobError, JobsError, Kind, NewJob};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Files;
use super::uploads::happening;
use crate::analysis::{Analysed, analyse};
use crate::error::FilesError;
use crate::model::{File, FileProblem, FileState};
use crate::objects::{content_key, thumbnail_key};
use crate::run::Extract;
use crate::sniff::{LOOKED_AT, Sniffed, agree, expected, of_format, sniff};
use crate::{name, store};

/// Says what is in a file.
pub const ANALYSE: Kind<AnalyseArgs> = Kind::new("file.analyse", "files")
    .max_attempts(ATTEMPTS)
    .timeout(Duration::from_secs(600));
const ATTEMPTS: i32 = 3;

/// Which file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnalyseArgs {
    pub file_id: String,
}

/// What is done one after the other, as the job's progress says it.
const STAGES: [&str; 4] = ["fetching", "reading", "counting", "saving"];

impl Files {
    /// Has a file analysed again.
    ///
    /// # Errors
    /// When it is not theirs, or nothing reads its kind.
    pub async fn start_analysis(
        &self,
        by: &Actor,
        who: &Identity,
        id: &str,
    ) -> Result<File, FilesError> {
        let file = self.held(who, id).await?;
        if file.state == FileState::Stored {
            return Err(FilesError::NoReader);
        }
        let now = self.shared.clock.now();
        let tx = self.shared.db.write().await?;
        let made = self
            .shared
            .jobs
            .enqueue(&tx, analyse_job(&file, by)?)
            .await?;
        store::results::set_state(&tx, id, FileState::Waiting, Some(made.id), now).await?;
        tx.commit().await?;
        self.shared.jobs.wake();
        self.changed(&file, FileState::Waiting);
        self.seen(who, id).await
    }

    /// The work of a job.
    pub(super) async fn analyse(&self, ctx: JobContext, id: String) -> Result<Value, JobError> {
        let found = store::files::find(self.shared.db.read(), &id).await;
        let Some(mut file) = found.map_err(JobError::retry)? else {
            return Ok(json!({ "state": "gone" }));
        };
        self.begin(&file).await.map_err(JobError::retry)?;
        let made = self.read(&ctx, &file).await;
        match made {
            Ok((made, found)) => {
                said(&ctx, 3);
                self.keep(&ctx, &mut file, made, &found).await?;
                Ok(json!({ "state": "analysed" }))
            }
            Err(Unread::Ends) => Err(JobError::Cancelled),
            Err(Unread::Not(refusal)) if refusal.code.may_pass() && ctx.attempt() < ATTEMPTS => {
                Err(JobError::retry(refusal))
            }
            Err(Unread::Not(refusal)) => {
                ctx.warn(format!("{}: {refusal}", refusal.code.as_str()));
                self.fail(&ctx, &mut file, &refusal).await?;
                if refusal.code.may_pass() {
                    return Err(JobError::fail(refusal));
                }
                Ok(json!({ "state": "failed", "code": refusal.code, "detail": refusal.detail }))
            }
        }
    }

    async fn begin(&self, file: &File) -> Result<(), FilesError> {
        let now = self.shared.clock.now();
        let tx = self.shared.db.write().await?;
        store::results::set_state(&tx, &file.id, FileState::Analysing, None, now).await?;
        tx.commit().await?;
        self.changed(file, FileState::Analysing);
        Ok(())
    }

    /// Reads a file and counts what is in it.
    async fn read(&self, ctx: &JobContext, file: &File) -> Result<(Analysed, Sniffed), Unread> {
        said(ctx, 0);
        let away = |error: &dyn std::fmt::Display| {
            Unread::Not(Refusal::new(
                Code::Helper,
                format!("the file cannot be fetched: {error}"),
            ))
        };
        let found = self.sniff(file).await.map_err(|error| away(&error))?;
        let Some(reader) = found.reader else {
            let detail = "nothing here reads files of this kind";
            return Err(Unread::Not(Refusal::new(Code::UnknownKind, detail)));
        };
        let (objects, key) = (&self.shared.objects, content_key(&file.id));
        let opened = objects.file(&key, &self.shared.scratch).await;
        let opened = opened.map_err(|error| away(&error))?;
        said(ctx, 1);
        let read = tokio::select! {
            read = self.shared.helper.read(reader, opened) => read,
            () = ctx.ends().cancelled() => return Err(Unread::Ends),
        };
        let extract: Extract = read.map_err(Unread::Not)?;
        said(ctx, 2);
        let made = ctx.blocking(move || analyse(extract)).await;
        let broke = |_| {
            Unread::Not(Refusal::new(
                Code::Helper,
                "counting what is in it broke off",
            ))
        };
        Ok((made.map_err(broke)?, found))
    }

    async fn sniff(&self, file: &File) -> Result<Sniffed, FilesError> {
        let end = file.size.min(LOOKED_AT as u64);
        let mut head = Vec::new();
        if end > 0 {
            let key = content_key(&file.id);
            let mut bytes = self.shared.objects.get(&key, Some(0..end)).await?;
            while let Some(more) = bytes.try_next().await? {
                head.extend_from_slice(&more);
            }
        }
        Ok(sniff(&head, &file.name))
    }

    /// Keeps what was made, unless another worker has the job by now.
    async fn keep(
        &self,
        ctx: &JobContext,
        file: &mut File,
        made: Analysed,
        found: &Sniffed,
    ) -> Result<(), JobError> {
        describe(file, &made, found);
        if let Some(jpeg) = &made.thumbnail {
            let key = thumbnail_key(&file.id);
            let put = self.shared.objects.put(&key, jpeg.clone().into()).await;
            put.map_err(JobError::retry)?;
        }
        file.state = FileState::Analysed;
        let now = self.shared.clock.now();
        let kept = async {
            let tx = self.shared.db.write().await?;
            ctx.lease().save(&tx, &()).await?;
            store::results::set_analysed(&tx, file, &made, now).await?;
            stale::mark(&tx, now, "file", &[file.id.as_str()]).await?;
            let by = Actor::here(ActorKind::System, "dabir");
            outbox::say(
                &tx,
                now,
                &by,
                happening("file.analysed", file, vec![file.owner_id.clone()]),
            )
            .await?;
            tx.commit().await?;
            Ok::<_, FilesError>(())
        };
        kept.await.map_err(lost)?;
        self.changed(file, file.state);
        Ok(())
    }

    async fn fail(
        &self,
        ctx: &JobContext,
        file: &mut File,
        refusal: &Refusal,
    ) -> Result<(), JobError> {
        let problem = FileProblem {
            code: refusal.code.as_str().to_owned(),
            detail: refusal.detail.clone(),
        };
        file.state = FileState::Failed;
        file.error = Some(problem.clone());
        let now = self.shared.clock.now();
        let kept = async {
            let tx = self.shared.db.write().await?;
            ctx.lease().save(&tx, &()).await?;
            store::results::set_failed(&tx, &file.id, &problem, now).await?;
            let by = Actor::here(ActorKind::System, "dabir");
            outbox::say(
                &tx,
                now,
                &by,
                happening("file.failed", file, vec![file.owner_id.clone()]),
            )
            .await?;
            tx.commit().await?;
            Ok::<_, FilesError>(())
        };
        kept.await.map_err(lost)?;
        self.changed(file, file.state);
        Ok(())
    }
}

/// Why a file was not read.
enum Unread {
    Not(Refusal),
    /// The job is to end.
    Ends,
}

/// The job of a file's analysis; there is one at a time.
pub(super) fn analyse_job(file: &File, by: &Actor) -> Result<NewJob, JobsError> {
    let file_id = file.id.clone();
    let job = ANALYSE.job(&AnalyseArgs { file_id })?;
    Ok(job.unique(format!("file.analyse:{}", file.id)).by(&by.name))
}

/// An archive is known for what it is once it was opened.
fn describe(file: &mut File, made: &Analysed, found: &Sniffed) {
    (file.kind, file.media_type) = match of_format(&made.analysis.format) {
        Some((kind, media_type)) => (kind.to_owned(), media_type.to_owned()),
        None => (found.kind.to_owned(), found.media_type.clone()),
    };
    let told = name::ending(&file.name).and_then(|ending| expected(&ending));
    file.mismatch = told.is_some_and(|told| !agree(told, &file.kind));
}

fn lost(error: FilesError) -> JobError {
    match error {
        FilesError::Jobs(JobsError::LeaseLost) => JobError::LeaseLost,
        other => JobError::retry(other),
    }
}

fn said(ctx: &JobContext, stage: usize) {
    ctx.progress(stage as u64, Some(STAGES.len() as u64), STAGES[stage]);
}
