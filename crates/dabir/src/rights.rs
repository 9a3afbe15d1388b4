//! Who may see and change what files are attached to, as the app knows it.

use async_trait::async_trait;
use dabir_files::Subjects;
use dabir_http::{Identity, Role};

/// Tasks are for everybody who works here: writers and above change them, auditors read them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rights;

#[async_trait]
impl Subjects for Rights {
    async fn may_see(&self, who: &Identity, kind: &str, _: &str) -> bool {
        kind == "task" && who.role != Role::Participant
    }

    async fn may_change(&self, who: &Identity, kind: &str, _: &str) -> bool {
        let works_here = matches!(who.role, Role::Writer | Role::Operator | Role::Admin);
        kind == "task" && works_here
    }
}
