//! What search finds of files: their names and the text that is in them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use dabir_core::Findable;
use dabir_http::Identity;
use sea_orm::DbErr;

use super::{Files, has};
use crate::model::{Attachment, File};
use crate::store;

/// So much of a text is found, in letters.
const FOUND: i32 = 1 << 20;

/// Files by what they are attached to: by its kind, then by its id.
type Links = BTreeMap<String, BTreeMap<String, Vec<String>>>;

impl Files {
    /// What is to be found of those of these that are not deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn findable(&self, ids: &[&str]) -> Result<Vec<Findable>, DbErr> {
        let db = self.shared.db.read();
        let mut texts = store::results::texts(db, ids, FOUND).await?;
        let mut shared = self.shared_with(ids).await?;
        let files = store::files::by_ids(db, ids).await?.into_iter();
        let findable = files.map(|file| Findable {
            kind: "file".to_owned(),
            readers: readers(&file, shared.remove(&file.id).unwrap_or_default()),
            body: texts.remove(&file.id).unwrap_or_default(),
            id: file.id,
            title: file.name,
            updated_at: file.updated_at,
        });
        Ok(findable.collect())
    }

    /// Those of these that `who` may see and that are not deleted, with a few questions however many
    /// they are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn visible(&self, who: &Identity, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        let there = store::files::by_ids(self.shared.db.read(), ids).await?;
        let (own, others): (Vec<File>, Vec<File>) =
            there.into_iter().partition(|file| has(who, file));
        let others: Vec<&str> = others.iter().map(|file| file.id.as_str()).collect();
        let mut visible: HashSet<String> = own.into_iter().map(|file| file.id).collect();
        for (kind, things) in self.links(&others).await? {
            let ids: Vec<&str> = things.keys().map(String::as_str).collect();
            for thing in self.shared.subjects.seen(who, &kind, &ids).await? {
                visible.extend(things.get(&thing).into_iter().flatten().cloned());
            }
        }
        Ok(visible.into_iter().collect())
    }

    /// Who sees what these files are attached to, each by the file's id.
    async fn shared_with(&self, ids: &[&str]) -> Result<HashMap<String, Vec<String>>, DbErr> {
        let mut shared: HashMap<String, Vec<String>> = HashMap::new();
        for (kind, things) in self.links(ids).await? {
            let ids: Vec<&str> = things.keys().map(String::as_str).collect();
            let readers = self.shared.subjects.readers(&kind, &ids).await?;
            for (thing, files) in things {
                let words = readers.get(&thing).into_iter().flatten();
                for file in files {
                    shared
                        .entry(file)
                        .or_default()
                        .extend(words.clone().cloned());
                }
            }
        }
        Ok(shared)
    }

    async fn links(&self, ids: &[&str]) -> Result<Links, DbErr> {
        let mut links = Links::new();
        for (file, to) in store::files::links(self.shared.db.read(), ids).await? {
            let Attachment {
                subject_kind,
                subject_id,
            } = to;
            let things = links.entry(subject_kind).or_default();
            things.entry(subject_id).or_default().push(file);
        }
        Ok(links)
    }
}

/// Its owner, the admins, and those who see what it is attached to.
fn readers(file: &File, shared_with: Vec<String>) -> Vec<String> {
    let own = [format!("user:{}", file.owner_id), "role:admin".to_owned()];
    let all: BTreeSet<String> = own.into_iter().chain(shared_with).collect();
    all.into_iter().collect()
}
