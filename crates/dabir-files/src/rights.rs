//! Who may see and change what a file is attached to: others know, and tell through this.

use async_trait::async_trait;
use dabir_http::Identity;

/// The rights on tasks, documents and meetings, given by the app.
#[async_trait]
pub trait Subjects: Send + Sync + 'static {
    /// Whether `who` may see it, and so the files that are attached to it.
    async fn may_see(&self, who: &Identity, kind: &str, id: &str) -> bool;
    /// Whether `who` may change it, and so attach files to it.
    async fn may_change(&self, who: &Identity, kind: &str, id: &str) -> bool;
}

/// Nothing that files could be attached to.
#[derive(Clone, Copy, Debug)]
pub struct NoSubjects;

#[async_trait]
impl Subjects for NoSubjects {
    async fn may_see(&self, _: &Identity, _: &str, _: &str) -> bool {
        false
    }

    async fn may_change(&self, _: &Identity, _: &str, _: &str) -> bool {
        false
    }
}
