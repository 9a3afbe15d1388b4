//! What others do with files: the rules, readable without knowing HTTP or SQL.

mod uploads;
mod files;
mod find;
mod analyse;
mod clean;

use std::path::PathBuf;
use std::sync::Arc;

use dabir_core::{Actor, Clock, Event, Events};
use dabir_db::{Db, audit};
use dabir_http::{Identity, Role};
use dabir_jobs::{HandlersBuilder, Jobs};
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::Value;

pub use analyse::{ANALYSE, AnalyseArgs};
pub use clean::CLEAN;
pub use files::{Alike, Bulk};
pub use uploads::{Checksum, Outcome};

use crate::config::FilesConfig;
use crate::error::FilesError;
use crate::model::{File, FileState};
use crate::objects::Objects;
use crate::rights::Subjects;
use crate::run::Helper;
use crate::store;

/// The files of one house. Clones share them.
#[derive(Clone)]
pub struct Files {
    shared: Arc<Shared>,
}

/// What files need.
pub struct FilesSetup {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    pub jobs: Jobs,
    pub config: FilesConfig,
    pub objects: Objects,
    pub helper: Helper,
    pub subjects: Arc<dyn Subjects>,
    /// Where copies are made that live as long as one job.
    pub scratch: PathBuf,
}

type Shared = FilesSetup;

impl Files {
    #[must_use]
    pub fn new(setup: FilesSetup) -> Self {
        let shared = Arc::new(setup);
        Self { shared }
    }

    /// Adds the code of the jobs. Only a process that reaches the files' bytes does them.
    #[must_use]
    pub fn handlers(&self, handlers: HandlersBuilder) -> HandlersBuilder {
        let (analyse, clean) = (self.clone(), self.clone());
        handlers
            .on(&ANALYSE, move |ctx, args: AnalyseArgs| {
                let files = analyse.clone();
                async move { files.analyse(ctx, args.file_id).await }
            })
            .on(&CLEAN, move |ctx, _| {
                let files = clean.clone();
                async move { files.clean(ctx).await }
            })
    }

    #[must_use]
    pub fn config(&self) -> FilesConfig {
        self.shared.config
    }

    /// The bytes of files.
    #[must_use]
    pub fn objects(&self) -> &Objects {
        &self.shared.objects
    }

    /// A file that `who` may see.
    async fn seen(&self, who: &Identity, id: &str) -> Result<File, FilesError> {
        let found = store::files::find(self.shared.db.read(), id).await?;
        let file = found.ok_or(FilesError::NotFound)?;
        if has(who, &file) || (file.deleted_at.is_none() && self.is_shared(who, id).await?) {
            return Ok(file);
        }
        Err(FilesError::NotFound)
    }

    /// Whether `who` may see something that the file is attached to.
    async fn is_shared(&self, who: &Identity, id: &str) -> Result<bool, DbErr> {
        for to in store::files::attachments(self.shared.db.read(), id).await? {
            let subjects = &self.shared.subjects;
            if subjects
                .may_see(who, &to.subject_kind, &to.subject_id)
                .await
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A file that `who` may change.
    async fn held(&self, who: &Identity, id: &str) -> Result<File, FilesError> {
        let file = self.seen(who, id).await?;
        if has(who, &file) {
            return Ok(file);
        }
        Err(FilesError::NotYours)
    }

    /// Says that lists show something else now.
    fn changed(&self, file: &File, state: FileState) {
        self.shared.events.publish(Event::FileChanged {
            id: file.id.clone(),
            state: state.as_str().to_owned(),
            owner_id: file.owner_id.clone(),
        });
    }

    async fn note(
        &self,
        tx: &DatabaseTransaction,
        by: &Actor,
        action: &'static str,
        file: &File,
        (before, after): (Option<Value>, Option<Value>),
    ) -> Result<(), DbErr> {
        let change = audit::Change {
            action,
            target_kind: "file",
            target_id: file.id.clone(),
            target_name: file.name.clone(),
            before,
            after,
        };
        audit::append(tx, self.shared.clock.now(), by, vec![change]).await?;
        Ok(())
    }
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files").finish_non_exhaustive()
    }
}

/// Whose files somebody's are: a person's, or the installation's own.
pub(crate) fn owner_of(who: &Identity) -> &str {
    who.user_id.as_deref().unwrap_or(&who.id)
}

fn has(who: &Identity, file: &File) -> bool {
    who.role == Role::Admin || file.owner_id == owner_of(who)
}
