//! Looking at documents: lists, one of them, who marked it.

use dabir_core::Page;

use super::{Documents, any};
use crate::documents::Who;
use crate::documents::error::DocumentError;
use crate::documents::list::Filter;
use crate::documents::model::{Document, DocumentDetail, DocumentPage, Place, Right};
use crate::documents::store::{document, folder, person, text};

impl Documents {
    /// A page of the documents that somebody may see.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn list(
        &self,
        who: &Who,
        filter: &Filter,
        limit: u32,
    ) -> Result<DocumentPage, DocumentError> {
        let rows = document::list(self.read(), who, filter, limit + 1).await?;
        let Page { items, next_cursor } =
            Page::cut(rows, limit, |document| filter.sort.cursor(document));
        Ok(DocumentPage { items, next_cursor })
    }

    /// A document that somebody may see; one that was deleted as long as they can restore it.
    ///
    /// # Errors
    /// When there is none.
    pub async fn get(&self, who: &Who, id: &str) -> Result<Document, DocumentError> {
        let document = any(self.read(), who, id).await?;
        if document.deleted_at.is_some() && document.right < Right::Own {
            return Err(DocumentError::NotFound("document"));
        }
        Ok(document)
    }

    /// The same, with what its text is about.
    ///
    /// # Errors
    /// As [`Documents::get`].
    pub async fn detail(&self, who: &Who, id: &str) -> Result<DocumentDetail, DocumentError> {
        let document = self.get(who, id).await?;
        let about = text::find(self.read(), id).await?.unwrap_or_default();
        let mut path = Vec::new();
        if let Some(inside) = &document.folder {
            for folder in folder::above(self.read(), inside).await? {
                if let Some(folder) = folder::find(self.read(), who, &folder).await? {
                    let (id, title) = (folder.id, folder.title);
                    path.insert(0, Place { id, title });
                }
            }
        }
        Ok(DocumentDetail {
            mentions: about.mentions.clone(),
            outline: about.headings(),
            document,
            path,
        })
    }

    /// Marks a document for oneself, or does not any more.
    ///
    /// # Errors
    /// When there is none.
    pub async fn star(&self, who: &Who, id: &str, is_on: bool) -> Result<(), DocumentError> {
        let tx = self.setup().db.write().await?;
        self.with_right(&tx, who, id, Right::View).await?;
        let at = is_on.then(|| self.now());
        person::star(&tx, user(who), id, at).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps that somebody had a document open.
    pub(super) async fn see(&self, who: &Who, id: &str) -> Result<(), DocumentError> {
        let tx = self.setup().db.write().await?;
        person::see(&tx, user(who), id, self.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whose marks these are.
fn user(who: &Who) -> &str {
    who.doer.user_id.as_deref().unwrap_or(&who.doer.actor.id)
}
