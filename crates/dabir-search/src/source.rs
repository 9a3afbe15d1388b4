//! Where the things come from that are found: others know them, and tell through this.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use dabir_core::Findable;
use dabir_http::Identity;
use sea_orm::DbErr;

/// The things of one kind, given by the app.
#[async_trait]
pub trait Source: Send + Sync + 'static {
    /// What is to be found of these now. What the answer lacks is found no more.
    async fn findable(&self, ids: &[&str]) -> Result<Vec<Findable>, DbErr>;
    /// Those of these that `who` may see now.
    async fn seen(&self, who: &Identity, ids: &[&str]) -> Result<Vec<String>, DbErr>;
}

/// The sources of all kinds. Clones share them.
#[derive(Clone, Default)]
pub struct Sources(BTreeMap<&'static str, Arc<dyn Source>>);

impl Sources {
    /// With things of one kind more.
    #[must_use]
    pub fn with(mut self, kind: &'static str, source: impl Source) -> Self {
        self.0.insert(kind, Arc::new(source));
        self
    }

    /// What is to be found of these kinds and ids.
    pub(crate) async fn findable<'a>(
        &self,
        things: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Vec<Findable>, DbErr> {
        let mut found = Vec::new();
        for (kind, ids) in by_kind(things) {
            if let Some(source) = self.0.get(kind) {
                found.extend(source.findable(&ids).await?);
            }
        }
        Ok(found)
    }

    /// Those of these kinds and ids that `who` may see.
    pub(crate) async fn seen<'a>(
        &self,
        who: &Identity,
        things: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<BTreeSet<(String, String)>, DbErr> {
        let mut seen = BTreeSet::new();
        for (kind, ids) in by_kind(things) {
            if let Some(source) = self.0.get(kind) {
                let ids = source.seen(who, &ids).await?.into_iter();
                seen.extend(ids.map(|id| (kind.to_owned(), id)));
            }
        }
        Ok(seen)
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn by_kind<'a>(
    things: impl Iterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
    things.for_each(|(kind, id)| kinds.entry(kind).or_default().push(id));
    kinds
}
