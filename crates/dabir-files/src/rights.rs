//! Who may see and change what files are attached to: others know, and tell through this.

use std::collections::HashMap;

use async_trait::async_trait;
use dabir_core::Actor;
use dabir_http::Identity;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::model::Attachment;

/// The rights on tasks, documents and meetings, given by the app.
#[async_trait]
pub trait Subjects: Send + Sync + 'static {
    /// Those of these things of one kind that `who` may see, and so the files that are attached to them.
    async fn seen(&self, who: &Identity, kind: &str, ids: &[&str]) -> Result<Vec<String>, DbErr>;

    /// Whether `who` may change it, and so attach files to it.
    async fn may_change(&self, who: &Identity, kind: &str, id: &str) -> bool;

    /// How many files may be attached to one thing of this kind.
    fn most(&self, _kind: &str) -> usize {
        usize::MAX
    }

    /// Who may see these things, each by its id, as search knows people: `everyone`, `role:<role>`,
    /// `user:<id>`.
    async fn readers(
        &self,
        _kind: &str,
        _ids: &[&str],
    ) -> Result<HashMap<String, Vec<String>>, DbErr> {
        Ok(HashMap::new())
    }

    /// Keeps which files are attached to it, as part of the change that attached or detached one.
    async fn attached(
        &self,
        _tx: &DatabaseTransaction,
        _by: &Actor,
        _who: &Identity,
        _to: &Attachment,
        _files: Vec<String>,
    ) -> Result<(), DbErr> {
        Ok(())
    }

    /// Tells those who look at it that this changed.
    async fn tell_of(&self, _to: &Attachment) {}

    /// Whether `who` may see it; not while nobody can say.
    async fn may_see(&self, who: &Identity, kind: &str, id: &str) -> bool {
        let seen = self.seen(who, kind, &[id]).await;
        seen.is_ok_and(|seen| !seen.is_empty())
    }
}

/// Nothing that files could be attached to.
#[derive(Clone, Copy, Debug)]
pub struct NoSubjects;

#[async_trait]
impl Subjects for NoSubjects {
    async fn seen(&self, _: &Identity, _: &str, _: &[&str]) -> Result<Vec<String>, DbErr> {
        Ok(Vec::new())
    }

    async fn may_change(&self, _: &Identity, _: &str, _: &str) -> bool {
        false
    }
}
