//! What is thrown away: uploads that nobody goes on with, and files that were deleted long ago.

use dabir_core::{Actor, ActorKind};
use dabir_jobs::{CatchUp, JobContext, JobError, Kind, NewSchedule, Timing};
use serde_json::{Value, json};

use super::Files;
use super::files::KEPT;
use crate::error::FilesError;
use crate::model::Upload;
use crate::store;

/// Throws away what is too old.
pub const CLEAN: Kind<Value> = Kind::new("files.clean", "files").max_attempts(3);

const SCHEDULE: &str = "files.clean";
/// So many at a time.
const AT_ONCE: u32 = 200;

impl Files {
    /// Has it done every hour.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_schedule(&self) -> Result<(), FilesError> {
        let schedule = NewSchedule {
            name: SCHEDULE.to_owned(),
            kind: CLEAN.name.to_owned(),
            queue: CLEAN.queue.to_owned(),
            args: json!({}),
            timing: Timing::Every(dabir_core::Span::from_secs(3_600)),
            timezone: "UTC".to_owned(),
            catch_up: CatchUp::Once,
            enabled: true,
        };
        let tx = self.shared.db.write().await?;
        self.shared.jobs.put_schedule(&tx, &schedule).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The work of a job.
    pub(super) async fn clean(&self, ctx: JobContext) -> Result<Value, JobError> {
        let (uploads, files) = self.throw_away().await.map_err(JobError::retry)?;
        ctx.info(format!(
            "{uploads} uploads and {files} files were thrown away"
        ));
        Ok(json!({ "uploads": uploads, "files": files }))
    }

    /// Throws away what is too old; tells how many uploads and files.
    ///
    /// # Errors
    /// When the database or the storage fails; what was done until then stays done.
    pub async fn throw_away(&self) -> Result<(usize, usize), FilesError> {
        let now = self.shared.clock.now();
        let (mut uploads, mut files) = (0, 0);
        loop {
            let expired = store::uploads::expired(self.shared.db.read(), now, AT_ONCE).await?;
            let count = expired.len();
            for upload in expired {
                self.end_expired(upload).await?;
            }
            uploads += count;
            if count < AT_ONCE as usize {
                break;
            }
        }
        loop {
            let before = now.saturating_sub(KEPT).unwrap_or(now);
            let purged = self.purge(before, AT_ONCE).await?;
            files += purged;
            if purged < AT_ONCE as usize {
                return Ok((uploads, files));
            }
        }
    }

    /// Of what has come whole nothing is thrown away, though nobody asked for it any more.
    async fn end_expired(&self, upload: Upload) -> Result<(), FilesError> {
        if upload.received < upload.size {
            return self.forget_upload(&upload.id).await;
        }
        let by = Actor::here(ActorKind::System, "dabir");
        self.finish_if_whole(&by, upload).await.map(drop)
    }
}
