//! Files that are there: looking at them, naming, deleting, attaching.

use std::time::Duration;

use dabir_core::{Actor, Page, Timestamp};
use dabir_db::sql::ROWS;
use dabir_db::{Ts, audit, outbox, stale};
use dabir_http::{Identity, Role};
use dabir_text::Fingerprint;
use sea_orm::{DatabaseTransaction, DbErr};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::uploads::happening;
use super::{Files, has, owner_of};
use crate::analysis::Analysis;
use crate::error::FilesError;
use crate::model::{Attachment, File, FileFilter};
use crate::objects::{content_key, thumbnail_key};
use crate::store;
use crate::{name, sniff};

/// How long a deleted file can be had back.
pub(super) const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);
/// So many files are compared with one to find those that are nearly the same.
const COMPARED: u32 = 50_000;
/// So many are told.
const ALIKE: usize = 50;
/// The longest picture that a page shows, in bytes.
const MAX_SHOWN: u64 = 16 * 1024 * 1024;
/// The longest id and kind of what files are attached to.
const MAX_SUBJECT: usize = 64;

/// A file that is the same as another, or nearly.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Alike {
    pub file: File,
    /// Byte for byte; else their texts are nearly the same.
    pub same: bool,
}

/// What is to be done with many files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bulk {
    Analyse,
    Delete,
    Restore,
}

impl Files {
    /// Files before a place in the list, the newest first: one's own; what is attached to something
    /// that one may see; to admins those of all.
    ///
    /// # Errors
    /// When the cursor is none, or one may not see what they are attached to.
    pub async fn list(
        &self,
        who: &Identity,
        filter: FileFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<File>, FilesError> {
        let mut filter = filter;
        if let Some(to) = &filter.attached {
            let subjects = &self.shared.subjects;
            if !subjects
                .may_see(who, &to.subject_kind, &to.subject_id)
                .await
            {
                return Ok(Page::cut(Vec::new(), limit, |_: &File| String::new()));
            }
        } else if who.role != Role::Admin {
            filter.owner_id = Some(owner_of(who).to_owned());
        }
        if filter.deleted && who.role != Role::Admin {
            filter.owner_id = Some(owner_of(who).to_owned());
        }
        let before = cursor.map(place).transpose()?;
        let before = before.as_ref().map(|(at, id)| (*at, id.as_str()));
        let rows = store::files::list(self.shared.db.read(), &filter, before, limit + 1).await?;
        Ok(Page::cut(rows, limit, |file| {
            format!("{}-{}", Ts::from(file.created_at).0, file.id)
        }))
    }

    /// # Errors
    /// When there is none, or it is not for them.
    pub async fn get(&self, who: &Identity, id: &str) -> Result<File, FilesError> {
        self.seen(who, id).await
    }

    /// The files with these ids that are there, in any order, whoever asks: what a list beside tasks
    /// tells of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_ids(&self, ids: &[&str]) -> Result<Vec<File>, FilesError> {
        Ok(store::files::by_ids(self.shared.db.read(), ids).await?)
    }

    /// Gives a file another name. With `version` only when it has not changed since.
    ///
    /// # Errors
    /// When it is not theirs, or has changed.
    pub async fn rename(
        &self,
        by: &Actor,
        who: &Identity,
        id: &str,
        new: &str,
        version: Option<i64>,
    ) -> Result<File, FilesError> {
        let file = self.held(who, id).await?;
        if new.trim().is_empty() {
            return Err(FilesError::invalid("name", "write a name"));
        }
        if version.is_some_and(|version| version != file.version) {
            return Err(FilesError::Changed);
        }
        let new = name::clean(new);
        let expected = name::ending(&new).and_then(|ending| sniff::expected(&ending));
        let mismatch = expected.is_some_and(|expected| !sniff::agree(expected, &file.kind));
        let now = self.shared.clock.now();
        let tx = self.shared.db.write().await?;
        if !store::files::rename(&tx, &file, &new, mismatch, now).await? {
            return Err(FilesError::Changed);
        }
        let names = (
            Some(json!({ "name": file.name })),
            Some(json!({ "name": new })),
        );
        self.note(&tx, by, "file.rename", &file, names).await?;
        tx.commit().await?;
        self.changed(&file, file.state);
        self.seen(who, id).await
    }

    /// Deletes a file; for thirty days it can be had back.
    ///
    /// # Errors
    /// When it is not theirs.
    pub async fn delete(&self, by: &Actor, who: &Identity, id: &str) -> Result<(), FilesError> {
        self.set_deleted(by, who, id, true).await
    }

    /// Has a deleted file back.
    ///
    /// # Errors
    /// When it is not theirs, or is gone for good.
    pub async fn restore(&self, by: &Actor, who: &Identity, id: &str) -> Result<File, FilesError> {
        self.set_deleted(by, who, id, false).await?;
        self.seen(who, id).await
    }

    async fn set_deleted(
        &self,
        by: &Actor,
        who: &Identity,
        id: &str,
        deleted: bool,
    ) -> Result<(), FilesError> {
        let file = self.held(who, id).await?;
        let now = self.shared.clock.now();
        let tx = self.shared.db.write().await?;
        if store::files::set_deleted(&tx, id, deleted, now).await? {
            let action = if deleted {
                "file.delete"
            } else {
                "file.restore"
            };
            self.note(&tx, by, action, &file, (None, None)).await?;
            if deleted {
                let gone = happening("file.deleted", &file, Vec::new());
                outbox::say(&tx, now, by, gone).await?;
            }
        }
        tx.commit().await?;
        self.changed(&file, file.state);
        Ok(())
    }

    /// What a file is attached to, as far as `who` may see it.
    ///
    /// # Errors
    /// When there is no such file for them.
    pub async fn attachments(
        &self,
        who: &Identity,
        id: &str,
    ) -> Result<Vec<Attachment>, FilesError> {
        let file = self.seen(who, id).await?;
        let mut seen = Vec::new();
        for to in store::files::attachments(self.shared.db.read(), id).await? {
            let subjects = &self.shared.subjects;
            if has(who, &file)
                || subjects
                    .may_see(who, &to.subject_kind, &to.subject_id)
                    .await
            {
                seen.push(to);
            }
        }
        Ok(seen)
    }

    /// Attaches a file to something that `who` may change: whoever sees that sees the file from now on.
    ///
    /// # Errors
    /// When the file is not theirs, or there is no such thing for them.
    pub async fn attach(
        &self,
        by: &Actor,
        who: &Identity,
        id: &str,
        to: Attachment,
    ) -> Result<(), FilesError> {
        let file = self.held(who, id).await?;
        self.may_change(who, &to).await?;
        let now = self.shared.clock.now();
        let most = self.shared.subjects.most(&to.subject_kind);
        let tx = self.begin_attaching().await?;
        let had = store::files::attached(&tx, &to).await?;
        if had.len() >= most && !had.iter().any(|had| had == id) {
            let kind = &to.subject_kind;
            let detail = format!("a {kind} has at most {most} files; take one off it first");
            return Err(FilesError::invalid("subject_id", detail));
        }
        store::files::attach(&tx, id, &to, now).await?;
        self.note(&tx, by, "file.attach", &file, (None, Some(json!(to))))
            .await?;
        self.commit_attached(tx, by, who, &to).await?;
        self.changed(&file, file.state);
        Ok(())
    }

    /// Takes a file off something: its owner may, and whoever may change that.
    ///
    /// # Errors
    /// When it is neither.
    pub async fn detach(
        &self,
        by: &Actor,
        who: &Identity,
        id: &str,
        from: Attachment,
    ) -> Result<(), FilesError> {
        let file = self.seen(who, id).await?;
        if !has(who, &file) || !is_fine(&from) {
            self.may_change(who, &from).await?;
        }
        let tx = self.begin_attaching().await?;
        if !store::files::detach(&tx, id, &from).await? {
            return Ok(());
        }
        self.note(&tx, by, "file.detach", &file, (Some(json!(from)), None))
            .await?;
        self.commit_attached(tx, by, who, &from).await?;
        self.changed(&file, file.state);
        Ok(())
    }

    /// Has these files be attached to something and no others, as part of its own change at `now`.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn set_attached(
        &self,
        tx: &DatabaseTransaction,
        now: Timestamp,
        to: &Attachment,
        ids: &[String],
    ) -> Result<(), DbErr> {
        let had = store::files::attached(tx, to).await?;
        let names: Vec<&str> = ids.iter().map(String::as_str).collect();
        let there = store::files::by_ids(tx, &names).await?;
        let new = there.iter().map(|file| &file.id);
        let new = new.filter(|id| !had.contains(id));
        let gone = had.iter().filter(|id| !ids.contains(id));
        for id in new.clone() {
            store::files::attach(tx, id, to, now).await?;
        }
        for id in gone.clone() {
            store::files::detach(tx, id, to).await?;
        }
        let changed: Vec<&str> = new.chain(gone).map(String::as_str).collect();
        stale::mark(tx, now, "file", &changed).await
    }

    /// Attaches those of these files that are attached to one thing to another as well, as part of its own
    /// change at `now`.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn attach_as(
        &self,
        tx: &DatabaseTransaction,
        now: Timestamp,
        from: &Attachment,
        to: &Attachment,
        ids: &[String],
    ) -> Result<(), DbErr> {
        for ids in ids.chunks(ROWS) {
            store::files::attach_as(tx, now, from, to, ids).await?;
        }
        Ok(())
    }

    /// Those of these files that `who` may attach to something.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_of(&self, who: &Identity, ids: &[&str]) -> Result<Vec<String>, DbErr> {
        let found = store::files::by_ids(self.shared.db.read(), ids).await?;
        let held = found.into_iter().filter(|file| has(who, file));
        Ok(held.map(|file| file.id).collect())
    }

    /// Nobody else attaches meanwhile, from whichever side.
    async fn begin_attaching(&self) -> Result<DatabaseTransaction, DbErr> {
        let tx = self.shared.db.write().await?;
        audit::take_turn(&tx).await?;
        Ok(tx)
    }

    async fn commit_attached(
        &self,
        tx: DatabaseTransaction,
        by: &Actor,
        who: &Identity,
        to: &Attachment,
    ) -> Result<(), DbErr> {
        let ids = store::files::attached(&tx, to).await?;
        let subjects = &self.shared.subjects;
        subjects.attached(&tx, by, who, to, ids).await?;
        tx.commit().await?;
        subjects.tell_of(to).await;
        Ok(())
    }

    async fn may_change(&self, who: &Identity, to: &Attachment) -> Result<(), FilesError> {
        let subjects = &self.shared.subjects;
        if is_fine(to)
            && subjects
                .may_change(who, &to.subject_kind, &to.subject_id)
                .await
        {
            return Ok(());
        }
        let why = "there is no such thing, or it is not for you to change";
        Err(FilesError::invalid("subject_id", why))
    }

    /// What was found in a file.
    ///
    /// # Errors
    /// When there is no such file for them, or nothing was found yet.
    pub async fn analysis(&self, who: &Identity, id: &str) -> Result<Analysis, FilesError> {
        self.seen(who, id).await?;
        let found = store::results::analysis(self.shared.db.read(), id).await?;
        found.ok_or(FilesError::NotFound)
    }

    /// The text of a file.
    ///
    /// # Errors
    /// As [`Files::analysis`].
    pub async fn text(&self, who: &Identity, id: &str) -> Result<String, FilesError> {
        self.seen(who, id).await?;
        let found = store::results::text(self.shared.db.read(), id).await?;
        found.ok_or(FilesError::NotFound)
    }

    /// The small picture of a file, a JPEG.
    ///
    /// # Errors
    /// When there is no such file for them, or it has none.
    pub async fn thumbnail(&self, who: &Identity, id: &str) -> Result<bytes::Bytes, FilesError> {
        let file = self.seen(who, id).await?;
        if !file.thumbnail {
            return Err(FilesError::NotFound);
        }
        Ok(self.shared.objects.bytes(&thumbnail_key(id)).await?)
    }

    /// A picture that is attached to `to`, whoever asks, with its media type: whoever may see `to` may
    /// see it. `None` for whatever is none, is not attached there, or is longer than a page shows.
    ///
    /// # Errors
    /// When the database or the storage fails.
    pub async fn picture_of(
        &self,
        to: &Attachment,
        id: &str,
    ) -> Result<Option<(String, bytes::Bytes)>, FilesError> {
        let db = self.shared.db.read();
        let attachments = store::files::attachments(db, id).await?;
        let file = store::files::by_ids(db, &[id]).await?.pop();
        let shown = file.filter(|file| {
            file.kind == "picture" && file.size <= MAX_SHOWN && attachments.contains(to)
        });
        let Some(file) = shown else {
            return Ok(None);
        };
        let bytes = self.shared.objects.bytes(&content_key(id)).await?;
        Ok(Some((file.media_type, bytes)))
    }

    /// Files that are the same, byte for byte or nearly, as far as `who` has them.
    ///
    /// # Errors
    /// When there is no such file for them.
    pub async fn duplicates(&self, who: &Identity, id: &str) -> Result<Vec<Alike>, FilesError> {
        let file = self.seen(who, id).await?;
        let print = |file: &File| file.fingerprint.map(|n| Fingerprint(n.cast_unsigned()));
        let own = print(&file);
        let others = store::files::alike(self.shared.db.read(), &file, COMPARED).await?;
        let alike = others
            .into_iter()
            .filter(|other| has(who, other))
            .filter_map(|other| {
                let same = other.sha256 == file.sha256;
                let is_near = || Some(own?.is_near(print(&other)?));
                (same || is_near() == Some(true)).then_some(Alike { file: other, same })
            });
        Ok(alike.take(ALIKE).collect())
    }

    /// Files that were deleted before this are gone for good.
    pub(super) async fn purge(&self, before: Timestamp, most: u32) -> Result<usize, FilesError> {
        let ids = store::files::deleted_before(self.shared.db.read(), before, most).await?;
        for id in &ids {
            self.shared.objects.remove(&content_key(id)).await?;
            self.shared.objects.remove(&thumbnail_key(id)).await?;
            let tx = self.shared.db.write().await?;
            store::files::purge(&tx, id).await?;
            tx.commit().await?;
        }
        Ok(ids.len())
    }
}

/// A place in the list, as its cursor says.
fn place(cursor: &str) -> Result<(i64, String), FilesError> {
    let place = cursor
        .split_once('-')
        .and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
    place.ok_or_else(|| FilesError::invalid("cursor", "write a `next_cursor` that a list gave"))
}

/// Whether something can be called so.
fn is_fine(to: &Attachment) -> bool {
    [&to.subject_kind, &to.subject_id]
        .iter()
        .all(|text| (1..=MAX_SUBJECT).contains(&text.len()) && !text.contains('\0'))
}
