//! Who may see and change what files are attached to, as the app knows it.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use dabir_files::Subjects;
use dabir_http::{Identity, Role};
use dabir_writing::Documents;
use dabir_writing::documents::{Right, Who};

/// Tasks are for everybody who works here: writers and above change them, auditors read them.
/// Documents say themselves who may do what.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rights {
    /// A process without the API has no documents and asks nothing of them.
    documents: Arc<OnceLock<Documents>>,
}

impl Rights {
    /// Documents are made after files, which ask about them.
    pub(crate) fn know(&self, documents: Documents) {
        // It is told once; another time it would be the same.
        let _ = self.documents.set(documents);
    }

    async fn has(&self, who: &Identity, id: &str, needed: Right) -> bool {
        let Some(documents) = self.documents.get() else {
            return false;
        };
        let document = documents.get(&Who::new(who.actor(), who), id).await;
        document.is_ok_and(|document| document.right >= needed)
    }
}

#[async_trait]
impl Subjects for Rights {
    async fn may_see(&self, who: &Identity, kind: &str, id: &str) -> bool {
        match kind {
            "task" => who.role != Role::Participant,
            "document" => self.has(who, id, Right::View).await,
            _ => false,
        }
    }

    async fn may_change(&self, who: &Identity, kind: &str, id: &str) -> bool {
        match kind {
            "task" => matches!(who.role, Role::Writer | Role::Operator | Role::Admin),
            "document" => self.has(who, id, Right::Edit).await,
            _ => false,
        }
    }
}
