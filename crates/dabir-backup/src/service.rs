//! What a server does with backups: it makes them by schedule and when asked, and tells how it went.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use dabir_core::{Actor, ActorKind, Event, Events, Timestamp};
use dabir_db::audit;
use dabir_db::outbox::{self, Happening};
use dabir_jobs::{
    CatchUp, HandlersBuilder, Job, JobContext, JobError, Jobs, Kind, NewSchedule, Timing,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::config::BackupConfig;
use crate::course::Course;
use crate::create::{House, Made, apart};
use crate::error::BackupError;
use crate::metrics::Metrics;
use crate::model::{Backup, Name};
use crate::shelf::Shelf;
use crate::verify::{Verified, verify};

/// Makes a backup.
pub const MAKE: Kind<BackupArgs> = Kind::new("backup", "backup").max_attempts(ATTEMPTS);
/// Opens a backup and counts what is in it.
pub const VERIFY: Kind<VerifyArgs> = Kind::new("backup.verify", "backup").max_attempts(ATTEMPTS);
/// How often either is tried.
const ATTEMPTS: i32 = 3;

/// The schedule of the house's own backups.
const SCHEDULE: &str = "backup";

/// A backup has everything, so nothing is to be said about it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct BackupArgs {}

/// Which backup is to be verified.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VerifyArgs {
    pub name: String,
}

/// The backups of a server. Clones share them.
#[derive(Clone, Debug)]
pub struct Backups {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    house: House,
    shelf: Shelf,
    events: Events,
    jobs: Jobs,
    config: BackupConfig,
    timezone: String,
    metrics: Metrics,
}

/// What backups need.
#[derive(Debug)]
pub struct BackupsSetup {
    pub house: House,
    pub events: Events,
    pub jobs: Jobs,
    pub config: BackupConfig,
    /// Where `[backup] at` is read.
    pub timezone: String,
    pub metrics: Metrics,
}

impl Backups {
    #[must_use]
    pub fn new(setup: BackupsSetup) -> Self {
        Self {
            shared: Arc::new(Shared {
                shelf: Shelf::new(setup.config.folder(&setup.house.data_dir)),
                house: setup.house,
                events: setup.events,
                jobs: setup.jobs,
                config: setup.config,
                timezone: setup.timezone,
                metrics: setup.metrics,
            }),
        }
    }

    /// Adds the code of the jobs. Only a process that has the house's own data folder does them.
    #[must_use]
    pub fn handlers(&self, handlers: HandlersBuilder) -> HandlersBuilder {
        let (make, check) = (self.clone(), self.clone());
        handlers
            .on(&MAKE, move |ctx, _| {
                let make = make.clone();
                async move { make.make(ctx).await }
            })
            .on(&VERIFY, move |ctx, args: VerifyArgs| {
                let check = check.clone();
                async move { check.check(ctx, args.name).await }
            })
    }

    /// Brings the schedule to what the configuration says.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_schedule(&self) -> Result<(), BackupError> {
        let tx = self.shared.house.db.write().await?;
        if self.shared.config.enabled {
            self.shared.jobs.put_schedule(&tx, &self.schedule()).await?;
        } else {
            self.shared.jobs.remove_schedule(&tx, SCHEDULE).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    fn schedule(&self) -> NewSchedule {
        let config = &self.shared.config;
        let timing = match config.time_of_day() {
            Some((hour, minute)) => Timing::Cron(format!("{minute} {hour} * * *")),
            None => Timing::Every(config.interval),
        };
        NewSchedule {
            name: SCHEDULE.to_owned(),
            kind: MAKE.name.to_owned(),
            queue: MAKE.queue.to_owned(),
            args: json!({}),
            timing,
            timezone: self.shared.timezone.clone(),
            catch_up: CatchUp::Once,
            enabled: true,
        }
    }

    /// Every backup, the newest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn list(&self) -> Result<Vec<Backup>, BackupError> {
        let shelf = self.shared.shelf.clone();
        apart(move || shelf.list()).await
    }

    /// From which age on the newest backup tells that the house makes none any more.
    #[must_use]
    pub fn old_after(&self) -> Duration {
        self.shared.config.old_after()
    }

    /// Asks for a backup; when one is being made already, for none beside it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start(&self, by: &Actor) -> Result<Job, BackupError> {
        let new = MAKE.job(&BackupArgs {})?.unique(MAKE.name).by(&by.name);
        let change = change("backup.make", "");
        self.enqueue(by, new, change).await
    }

    /// Asks for a backup to be opened and counted.
    ///
    /// # Errors
    /// When there is none of this name, or the database fails.
    pub async fn start_verify(&self, by: &Actor, name: &str) -> Result<Job, BackupError> {
        let name = self.find(name)?.to_string();
        let key = format!("{}:{name}", VERIFY.name);
        let change = change("backup.verify", &name);
        let new = VERIFY.job(&VerifyArgs { name })?.unique(key).by(&by.name);
        self.enqueue(by, new, change).await
    }

    async fn enqueue(
        &self,
        by: &Actor,
        new: dabir_jobs::NewJob,
        change: audit::Change,
    ) -> Result<Job, BackupError> {
        let jobs = &self.shared.jobs;
        let tx = self.shared.house.db.write().await?;
        let made = jobs.enqueue(&tx, new).await?;
        if made.is_new {
            audit::append(&tx, self.now(), by, vec![change]).await?;
        }
        tx.commit().await?;
        jobs.wake();
        Ok(jobs.get(made.id).await?)
    }

    /// Opens a backup for somebody who takes it away, which the audit keeps.
    ///
    /// # Errors
    /// When there is none of this name, or the database fails.
    pub async fn take_away(&self, by: &Actor, name: &str) -> Result<(Name, File), BackupError> {
        let name = self.find(name)?;
        let file = self.shared.shelf.open(&name)?;
        let change = change("backup.download", &name.to_string());
        let tx = self.shared.house.db.write().await?;
        audit::append(&tx, self.now(), by, vec![change]).await?;
        tx.commit().await?;
        Ok((name, file))
    }

    fn find(&self, text: &str) -> Result<Name, BackupError> {
        let name: Name = text.parse()?;
        self.shared.shelf.open(&name)?;
        Ok(name)
    }

    async fn make(&self, ctx: JobContext) -> Result<Made, JobError> {
        let course = course(&ctx);
        let made = self.shared.house.back_up(&self.shared.shelf, &course).await;
        let made = match made {
            Ok(made) => made,
            Err(error) => return Err(self.not_made(&ctx, error).await),
        };
        self.prune(&ctx, &made.name).await;
        for left_out in &made.left_out {
            ctx.warn(format!("{} is left out: {}", left_out.path, left_out.why));
        }
        let (name, rows, files) = (&made.name, made.rows, made.files);
        tracing::info!("backup {name} is made and verified: {rows} rows, {files} files");
        let detail = format!("{rows} rows, {files} files");
        self.say("backup.made", name, &detail).await;
        self.tell(name, "made", detail);
        Ok(made)
    }

    /// Says outside that none was made, once nobody tries it any more.
    async fn not_made(&self, ctx: &JobContext, error: BackupError) -> JobError {
        let is_over = matches!(error, BackupError::Damaged { .. }) || ctx.attempt() >= ATTEMPTS;
        if is_over && is_failure(&error, ctx.attempt()) {
            self.say("backup.failed", "", &error.told()).await;
        }
        self.failed(ctx, "a backup", error)
    }

    /// Says something outside. The backup is what it is, also when that is not written down.
    async fn say(&self, event: &'static str, name: &str, detail: &str) {
        let happening = Happening {
            event,
            subject_kind: "backup",
            subject_id: name.to_owned(),
            subject_name: name.to_owned(),
            data: json!({ "name": name, "detail": detail }),
            concerns: Vec::new(),
        };
        let said = async {
            let tx = self.shared.house.db.write().await?;
            let by = Actor::here(ActorKind::System, "dabir");
            outbox::say(&tx, self.now(), &by, happening).await?;
            tx.commit().await
        };
        if let Err(error) = said.await {
            tracing::warn!(%error, "nobody is told of {event}: {error}");
        }
    }

    /// What cannot be removed now is removed after the next one.
    async fn prune(&self, ctx: &JobContext, made: &str) {
        let Shared { shelf, config, .. } = &*self.shared;
        match prune(shelf, config, made, self.now()).await {
            Ok(gone) => gone
                .iter()
                .for_each(|name| ctx.info(format!("removed {name}"))),
            Err(error) => {
                let why = error.told();
                tracing::warn!("old backups stay: {why}");
                ctx.warn(format!("old backups stay: {why}"));
            }
        }
    }

    async fn check(&self, ctx: JobContext, name: String) -> Result<Verified, JobError> {
        let parsed: Name = name.parse().map_err(JobError::from)?;
        let Shared { shelf, house, .. } = &*self.shared;
        let verified = verify(shelf, &parsed, &house.clock, &course(&ctx)).await;
        let verified = verified.map_err(|error| self.failed(&ctx, &name, error))?;
        self.tell(&name, "verified", format!("{} rows", verified.rows));
        Ok(verified)
    }

    /// Tells whoever listens that something failed.
    fn failed(&self, ctx: &JobContext, name: &str, error: BackupError) -> JobError {
        if is_failure(&error, ctx.attempt()) {
            let why = error.told();
            tracing::error!("{name} failed: {why}");
            self.shared.metrics.failed();
            self.tell(name, "failed", why);
        }
        error.into()
    }

    fn tell(&self, name: &str, status: &str, detail: String) {
        self.shared.events.publish(Event::BackupChanged {
            name: name.to_owned(),
            status: status.to_owned(),
            detail,
        });
    }

    fn now(&self) -> Timestamp {
        self.shared.house.clock.now()
    }
}

/// Whether it went wrong: who waits for another one has not failed before the last attempt, who was told
/// to end did not fail, and what is not here may stand in another server's folder.
fn is_failure(error: &BackupError, attempt: i32) -> bool {
    match error {
        BackupError::Stopped | BackupError::NotFound(_) => false,
        BackupError::Busy(_) => attempt >= ATTEMPTS,
        _ => true,
    }
}

/// Removes the backups that need not be kept now that `made` is there, and answers their names.
///
/// # Errors
/// When another process works on them, or one cannot be removed.
pub async fn prune(
    shelf: &Shelf,
    config: &BackupConfig,
    made: &str,
    now: Timestamp,
) -> Result<Vec<Name>, BackupError> {
    let (shelf, keep, made) = (shelf.clone(), config.keep.clone(), made.parse()?);
    apart(move || shelf.hold()?.prune(&keep, &made, now)).await
}

fn change(action: &'static str, name: &str) -> audit::Change {
    audit::Change {
        action,
        target_kind: "backup",
        target_id: name.to_owned(),
        target_name: name.to_owned(),
        ..audit::Change::default()
    }
}

fn course(ctx: &JobContext) -> Course {
    let told = ctx.clone();
    Course::new(ctx.ends().clone(), move |bytes, stage| {
        told.progress(bytes, None, stage);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_that_is_not_here_did_not_fail() {
        let missing = BackupError::NotFound("dabir_20261121_182502.tar.zst".to_owned());
        assert!(!is_failure(&missing, ATTEMPTS));
        assert!(!is_failure(&BackupError::Stopped, ATTEMPTS));
        assert!(is_failure(&BackupError::damaged("x", "why"), 1));
    }

    #[test]
    fn whoever_found_another_one_at_it_each_time_failed() {
        let busy = BackupError::Busy("backups".into());
        let told = (1..=ATTEMPTS).map(|attempt| is_failure(&busy, attempt));
        assert_eq!(told.collect::<Vec<_>>(), [false, false, true]);
    }
}
