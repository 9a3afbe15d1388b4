//! Folders: what they are called and where they are. What is in one is shared as it is.

use dabir_core::new_id;
use dabir_db::audit;
use sea_orm::ConnectionTrait;
use serde_json::{Map, Value, json};

use super::create::MAX_TITLE;
use super::{Documents, News, check_version, folder_with};
use crate::documents::Who;
use crate::documents::error::DocumentError;
use crate::documents::model::{Folder, Right};
use crate::documents::store::{document, folder};
use crate::fields::Fields;

/// How deep folders stand in each other.
const MAX_DEPTH: usize = 10;

impl Documents {
    /// The folders that somebody may see.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn folders(&self, who: &Who) -> Result<Vec<Folder>, DocumentError> {
        Ok(folder::list(self.read(), who).await?)
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// When a field is not allowed, or the caller may not write in the folder around it.
    pub async fn create_folder(
        &self,
        who: &Who,
        body: Map<String, Value>,
    ) -> Result<Folder, DocumentError> {
        let mut fields = Fields::of(body);
        let title: Option<String> = fields.take("title");
        let title = fields.line("title", &title.unwrap_or_default(), MAX_TITLE);
        let parent: Option<String> = fields.take::<Option<String>>("parent").flatten();
        fields.end()?;
        self.make_folder(who, title, parent).await
    }

    pub(super) async fn make_folder(
        &self,
        who: &Who,
        title: String,
        parent: Option<String>,
    ) -> Result<Folder, DocumentError> {
        let tx = self.begin().await?;
        if let Some(parent) = &parent {
            folder_with(&tx, who, parent, Right::Edit).await?;
            check_depth(&tx, parent, 1).await?;
        }
        let now = self.now();
        let folder = Folder {
            id: new_id(),
            title,
            parent,
            owner: who.doer.named(),
            version: 1,
            created_at: now,
            changed_at: now,
            right: Right::Own,
        };
        folder::insert(&tx, &folder).await?;
        let change = audit::Change {
            after: Some(audited_folder(&folder)),
            ..about_folder("document_folder.create", &folder)
        };
        audit::append(&tx, now, &who.doer.actor, vec![change]).await?;
        // Nothing is in it yet: nobody has other rights than before.
        tx.commit().await?;
        Ok(folder)
    }

    /// Calls a folder something else, or puts it elsewhere.
    ///
    /// # Errors
    /// When a field is not allowed, the right is missing, or somebody else changed it since it had
    /// version `looked_at`.
    pub async fn patch_folder(
        &self,
        who: &Who,
        id: &str,
        looked_at: Option<i64>,
        body: Map<String, Value>,
    ) -> Result<Folder, DocumentError> {
        let mut fields = Fields::of(body);
        let title: Option<String> = fields.take("title");
        let title = title.map(|title| fields.line("title", &title, MAX_TITLE));
        let parent: Option<Option<String>> = fields
            .has("parent")
            .then(|| fields.take("parent").flatten());
        let version: Option<i64> = fields.take::<Option<i64>>("version").flatten();
        fields.end()?;
        let tx = self.begin().await?;
        let needed = match parent.is_some() {
            true => Right::Own,
            false => Right::Edit,
        };
        let before = folder_with(&tx, who, id, needed).await?;
        check_version(before.version, looked_at.or(version))?;
        let mut after = before.clone();
        after.title = title.unwrap_or(after.title);
        after.parent = parent.clone().unwrap_or(after.parent);
        if let Some(Some(parent)) = &parent {
            self.check_place(&tx, who, id, parent).await?;
        }
        if after == before && parent.is_none() {
            return Ok(before);
        }
        let now = self.now();
        after.version += 1;
        after.changed_at = now;
        folder::update(&tx, &after, parent.is_some()).await?;
        let change = audit::Change {
            before: Some(audited_folder(&before)),
            after: Some(audited_folder(&after)),
            ..about_folder("document_folder.change", &after)
        };
        audit::append(&tx, now, &who.doer.actor, vec![change]).await?;
        match parent {
            Some(_) => {
                let inside = document::ids_below(&tx, id).await?;
                self.commit(tx, News::In(&inside)).await?;
            }
            None => tx.commit().await?,
        }
        Ok(after)
    }

    async fn check_place(
        &self,
        tx: &impl ConnectionTrait,
        who: &Who,
        id: &str,
        parent: &str,
    ) -> Result<(), DocumentError> {
        folder_with(tx, who, parent, Right::Edit).await?;
        let below = folder::below(tx, id).await?;
        if below.iter().any(|below| below == parent) {
            let detail = "a folder cannot stand in itself";
            return Err(DocumentError::invalid("parent", detail));
        }
        let mut height = 1;
        for folder in &below {
            let above = folder::above(tx, folder).await?;
            let own = above.iter().position(|above| above == id).unwrap_or(0);
            height = height.max(own + 1);
        }
        check_depth(tx, parent, height).await
    }

    /// Deletes a folder and what is in it: documents can be restored for 30 days, outside of it.
    ///
    /// # Errors
    /// When there is none, or it is not the caller's.
    pub async fn delete_folder(&self, who: &Who, id: &str) -> Result<(), DocumentError> {
        let tx = self.begin().await?;
        let folder = folder_with(&tx, who, id, Right::Own).await?;
        let mut below = folder::below(&tx, id).await?;
        let inside = document::ids_in(&tx, &below).await?;
        let now = self.now();
        document::delete_in(&tx, &below, now).await?;
        below.reverse();
        folder::delete(&tx, &below).await?;
        let change = audit::Change {
            before: Some(json!({ "title": folder.title, "documents": inside })),
            ..about_folder("document_folder.delete", &folder)
        };
        audit::append(&tx, now, &who.doer.actor, vec![change]).await?;
        self.commit(tx, News::In(&inside)).await?;
        Ok(())
    }
}

/// Refuses `height` more levels below a folder when that is too deep.
async fn check_depth(
    tx: &impl ConnectionTrait,
    parent: &str,
    height: usize,
) -> Result<(), DocumentError> {
    let depth = folder::above(tx, parent).await?.len();
    if depth + height > MAX_DEPTH {
        let detail = format!("folders stand at most {MAX_DEPTH} deep in each other");
        return Err(DocumentError::invalid("parent", detail));
    }
    Ok(())
}

fn audited_folder(folder: &Folder) -> Value {
    json!({ "title": folder.title, "parent": folder.parent })
}

pub(super) fn about_folder(action: &'static str, folder: &Folder) -> audit::Change {
    audit::Change {
        action,
        target_kind: "document_folder",
        target_id: folder.id.clone(),
        target_name: folder.title.clone(),
        before: None,
        after: None,
    }
}
