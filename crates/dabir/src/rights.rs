//! Who may see and change what files are attached to, as the app knows it.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use dabir_core::Actor;
use dabir_files::{Attachment, Subjects};
use dabir_http::{Identity, Role};
use dabir_writing::documents::{Right, Who};
use dabir_writing::tasks::MAX_FILES;
use dabir_writing::{Documents, Doer, Tasks};
use sea_orm::{DatabaseTransaction, DbErr};

/// Tasks are for everybody who works here: writers and above change them, auditors read them.
/// Documents say themselves who may do what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rights {
    /// A process without the API has none and asks nothing of them.
    known: Arc<OnceLock<Known>>,
}

#[derive(Debug)]
struct Known {
    tasks: Tasks,
    documents: Documents,
}

impl Rights {
    /// Tasks and documents are made after files, which ask about them.
    pub(crate) fn know(&self, tasks: Tasks, documents: Documents) {
        // It is told once; another time it would be the same.
        let _ = self.known.set(Known { tasks, documents });
    }

    async fn is_task(&self, id: &str) -> bool {
        match self.known.get() {
            Some(known) => known.tasks.get(id).await.is_ok_and(|task| task.id == id),
            None => false,
        }
    }

    async fn has(&self, who: &Identity, id: &str, needed: Right) -> bool {
        let Some(known) = self.known.get() else {
            return false;
        };
        let document = known.documents.get(&Who::new(who.actor(), who), id).await;
        document.is_ok_and(|document| document.right >= needed)
    }
}

#[async_trait]
impl Subjects for Rights {
    async fn seen(&self, who: &Identity, kind: &str, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        match (self.known.get(), kind) {
            (Some(known), "task") => known.tasks.seen(who, ids).await,
            (Some(known), "document") => {
                let reader = Who::new(who.actor(), who);
                known.documents.seen(&reader, ids).await
            }
            _ => Ok(Vec::new()),
        }
    }

    fn most(&self, kind: &str) -> usize {
        match kind {
            "task" => MAX_FILES,
            _ => usize::MAX,
        }
    }

    async fn readers(
        &self,
        kind: &str,
        ids: &[&str],
    ) -> Result<HashMap<String, Vec<String>>, DbErr> {
        match (self.known.get(), kind) {
            (Some(known), "task") => known.tasks.readers(ids).await,
            (Some(known), "document") => known.documents.readers(ids).await,
            _ => Ok(HashMap::new()),
        }
    }

    async fn attached(
        &self,
        tx: &DatabaseTransaction,
        by: &Actor,
        who: &Identity,
        to: &Attachment,
        files: Vec<String>,
    ) -> Result<(), DbErr> {
        let Some(known) = self.known.get().filter(|_| to.subject_kind == "task") else {
            return Ok(());
        };
        let by = Doer::new(by.clone(), who);
        let tasks = &known.tasks;
        tasks.keep_files(tx, &by, &to.subject_id, files).await
    }

    async fn tell_of(&self, to: &Attachment) {
        let Some(known) = self.known.get().filter(|_| to.subject_kind == "task") else {
            return;
        };
        if let Err(error) = known.tasks.tell_of(&to.subject_id).await {
            tracing::debug!(%error, "nobody is told that a task changed: {error}");
        }
    }

    async fn may_change(&self, who: &Identity, kind: &str, id: &str) -> bool {
        match kind {
            "task" => {
                matches!(who.role, Role::Writer | Role::Operator | Role::Admin)
                    && self.is_task(id).await
            }
            "document" => self.has(who, id, Right::Edit).await,
            _ => false,
        }
    }
}
