//! Changing what is known of a document beside its text; deleting and restoring it.

use std::time::Duration;

use dabir_core::{Actor, ActorKind, Timestamp};
use dabir_db::{audit, stale};
use dabir_http::Role;
use serde_json::{Map, Value, json};

use super::create::MAX_TITLE;
use super::{Documents, News, any, check_version, folder_with, has};
use crate::documents::Who;
use crate::documents::derive::About;
use crate::documents::error::DocumentError;
use crate::documents::model::{Document, Right};
use crate::documents::store::{content, document};
use crate::fields::{Fields, is_id};
use crate::people::{Known, Named};

/// How long a deleted document can be restored.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);
/// How long a change is kept by itself although a snapshot has it.
const SINGLE: Duration = Duration::from_secs(7 * 24 * 3_600);
/// How much goes in one transaction: nobody else writes meanwhile.
const BATCH: usize = 100;
const CHANGES: usize = 2_000;

/// What is to be other.
#[derive(Clone, Debug, Default)]
struct Edit {
    title: Option<String>,
    folder: Option<Option<String>>,
    template: Option<bool>,
    owner: Option<String>,
    version: Option<i64>,
}

impl Edit {
    fn read(body: Map<String, Value>) -> (Self, Fields) {
        let mut fields = Fields::of(body);
        let title: Option<String> = fields.take("title");
        let edit = Self {
            title: title.map(|title| fields.line("title", &title, MAX_TITLE)),
            folder: fields.take("folder"),
            template: fields.take("template"),
            owner: fields.take("owner"),
            version: fields.take::<Option<i64>>("version").flatten(),
        };
        (edit, fields)
    }

    /// The right that it needs: writers name a document, its owners put it elsewhere.
    fn needs(&self) -> Right {
        match self.folder.is_some() || self.owner.is_some() {
            true => Right::Own,
            false => Right::Edit,
        }
    }
}

impl Documents {
    /// Changes title, folder, owner, or whether documents are made from it.
    ///
    /// # Errors
    /// When a field is not allowed, the right is missing, or somebody else changed it since it had
    /// version `looked_at`.
    pub async fn patch(
        &self,
        who: &Who,
        id: &str,
        looked_at: Option<i64>,
        body: Map<String, Value>,
    ) -> Result<Document, DocumentError> {
        let (edit, mut fields) = Edit::read(body);
        let owner = self.new_owner(&edit, &mut fields).await?;
        fields.end()?;
        let tx = self.begin().await?;
        let before = self.with_right(&tx, who, id, Right::View).await?;
        has(before.right, edit.needs())?;
        check_version(before.version, looked_at)?;
        check_version(before.version, edit.version)?;
        let mut after = before.clone();
        after.title = edit.title.unwrap_or(after.title);
        after.template = edit.template.unwrap_or(after.template);
        after.owner = owner.unwrap_or(after.owner);
        if let Some(folder) = edit.folder {
            if let Some(folder) = folder.as_ref()
                && before.folder.as_ref() != Some(folder)
            {
                folder_with(&tx, who, folder, Right::Edit).await?;
            }
            after.folder = folder;
        }
        if after == before {
            return Ok(before);
        }
        self.keep(tx, who, before, after, "document.change").await
    }

    /// Whose it is to be: somebody who may write.
    async fn new_owner(
        &self,
        edit: &Edit,
        fields: &mut Fields,
    ) -> Result<Option<Named>, DocumentError> {
        let Some(id) = &edit.owner else {
            return Ok(None);
        };
        let asked = [id.as_str()].into_iter().filter(|id| is_id(id));
        let known = Known::of(&*self.setup().people, asked).await?;
        known.check(fields, "owner", &[id]);
        Ok(known.names().pop())
    }

    /// Deletes a document; it can be restored for 30 days.
    ///
    /// # Errors
    /// When there is none, or it is not the caller's.
    pub async fn delete(
        &self,
        who: &Who,
        id: &str,
        looked_at: Option<i64>,
    ) -> Result<(), DocumentError> {
        let tx = self.begin().await?;
        let before = self.with_right(&tx, who, id, Right::Own).await?;
        check_version(before.version, looked_at)?;
        let mut after = before.clone();
        after.deleted_at = Some(self.now());
        self.keep(tx, who, before, after, "document.delete").await?;
        Ok(())
    }

    /// Brings a deleted document back; one that is not deleted stays as it is.
    ///
    /// # Errors
    /// When there is none, or it is not the caller's.
    pub async fn restore(&self, who: &Who, id: &str) -> Result<Document, DocumentError> {
        let tx = self.begin().await?;
        let before = any(&tx, who, id).await?;
        has(before.right, Right::Own)?;
        if before.deleted_at.is_none() {
            return Ok(before);
        }
        let mut after = before.clone();
        after.deleted_at = None;
        self.keep(tx, who, before, after, "document.restore").await
    }

    async fn keep(
        &self,
        tx: sea_orm::DatabaseTransaction,
        who: &Who,
        before: Document,
        mut after: Document,
        action: &'static str,
    ) -> Result<Document, DocumentError> {
        let now = self.now();
        after.version += 1;
        if after.title != before.title {
            after.changed_at = now;
            after.changed_by = who.doer.named();
        }
        document::update(&tx, &after).await?;
        let about = About::read(&tx, &after.id).await?;
        let change = audit::Change {
            before: Some(audited(&before)),
            after: after.deleted_at.is_none().then(|| audited(&after)),
            ..about.audited(action)
        };
        audit::append(&tx, now, &who.doer.actor, vec![change]).await?;
        if after.title != before.title || after.deleted_at != before.deleted_at {
            let event = match after.deleted_at {
                Some(_) => "document.deleted",
                None => "document.changed",
            };
            let data = json!({ "was": before.title });
            about
                .say(&tx, now, &who.doer, event, data, about.people())
                .await?;
        }
        self.commit(tx, News::Of(&after.id)).await?;
        let seen = document::find(self.read(), who, &after.id).await?;
        Ok(seen.unwrap_or(after))
    }

    /// Has a document that belongs to somebody who is gone belong to another; for admins, who need not
    /// see it.
    ///
    /// # Errors
    /// When there is none, or the new owner may not write.
    pub async fn give(&self, who: &Who, id: &str, to: &str) -> Result<(), DocumentError> {
        if who.doer.role != Role::Admin || who.most < Right::Own {
            return Err(DocumentError::NoRight(Right::Own));
        }
        let mut fields = Fields::default();
        let known = Known::of(
            &*self.setup().people,
            [to].into_iter().filter(|id| is_id(id)),
        )
        .await?;
        known.check(&mut fields, "owner", &[to]);
        fields.end()?;
        if !is_id(id) {
            return Err(DocumentError::NotFound("document"));
        }
        let tx = self.begin().await?;
        let about = About::read(&tx, id).await?;
        let (Some(owner), true) = (known.names().pop(), about.exists()) else {
            return Err(DocumentError::NotFound("document"));
        };
        document::give(&tx, id, &owner).await?;
        let change = audit::Change {
            after: Some(json!({ "owner": owner })),
            ..about.audited("document.give")
        };
        audit::append(&tx, self.now(), &who.doer.actor, vec![change]).await?;
        self.commit(tx, News::Of(id)).await?;
        Ok(())
    }

    /// Removes what was deleted more than 30 days ago for good, and tells how many they were.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn purge(&self) -> Result<usize, DocumentError> {
        let until = self.now().saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
        let mut gone = 0;
        loop {
            let tx = self.begin().await?;
            let some = document::deleted_before(&tx, until, BATCH).await?;
            let by = Actor::here(ActorKind::System, "dabir");
            let mut changes = Vec::new();
            let ids: Vec<&str> = some.iter().map(|(id, _)| id.as_str()).collect();
            stale::mark_files_of(&tx, self.now(), "document", &ids).await?;
            for (id, _) in &some {
                changes.push(About::read(&tx, id).await?.audited("document.purge"));
                document::purge(&tx, id).await?;
            }
            audit::append(&tx, self.now(), &by, changes).await?;
            tx.commit().await?;
            gone += some.len();
            if some.len() < BATCH {
                return Ok(gone);
            }
        }
    }

    /// Removes single changes that have been in a snapshot for a week, and tells how many.
    ///
    /// # Errors
    /// When the database does not do it.
    pub async fn thin_out(&self) -> Result<u64, DocumentError> {
        let until = self.now().saturating_sub(SINGLE).unwrap_or(Timestamp::MIN);
        let mut gone = 0;
        loop {
            let tx = self.setup().db.write().await?;
            let some = content::thin_out(&tx, until, CHANGES).await?;
            tx.commit().await?;
            gone += some;
            if some == 0 {
                return Ok(gone);
            }
        }
    }
}

fn audited(document: &Document) -> Value {
    json!({
        "title": document.title, "folder": document.folder, "owner": document.owner,
        "template": document.template,
    })
}
