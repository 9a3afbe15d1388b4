//! How a document was once: kept by name or by itself, compared, brought back.

use dabir_core::Page;
use dabir_db::audit;
use dabir_prose::diff::{self, Counts, Part};
use dabir_prose::{Node, clean};
use serde_json::{Map, Value, json};

use super::Documents;
use super::content::said;
use crate::documents::Who;
use crate::documents::derive::{self, About, Said};
use crate::documents::error::DocumentError;
use crate::documents::model::{Document, Right, Version, VersionDetail, VersionKind, VersionPage};
use crate::documents::store::version::{self, NewVersion};
use crate::fields::Fields;

const MAX_NAME: usize = 200;

impl Documents {
    /// The versions of a document before one, the newest first.
    ///
    /// # Errors
    /// When there is no such document.
    pub async fn versions(
        &self,
        who: &Who,
        id: &str,
        before: Option<i64>,
        limit: u32,
    ) -> Result<VersionPage, DocumentError> {
        self.with_right(self.read(), who, id, Right::View).await?;
        let rows = version::list(self.read(), id, before, limit + 1).await?;
        let Page { items, next_cursor } =
            Page::cut(rows, limit, |version| version.number.to_string());
        Ok(VersionPage { items, next_cursor })
    }

    /// Keeps how a document is now under a name.
    ///
    /// # Errors
    /// When a field is not allowed, or the right is missing.
    pub async fn keep_version(
        &self,
        who: &Who,
        id: &str,
        body: Map<String, Value>,
    ) -> Result<Version, DocumentError> {
        let mut fields = Fields::of(body);
        let name: Option<String> = fields.take("name");
        let name = fields.line("name", &name.unwrap_or_default(), MAX_NAME);
        fields.end()?;
        self.with_right(self.read(), who, id, Right::Edit).await?;
        let (seq, said) = self.said(id).await?;
        let tx = self.begin().await?;
        let now = self.now();
        let by = who.doer.named();
        let new = NewVersion {
            seq,
            at: now,
            by: &by,
            kind: VersionKind::Named,
            name: Some(&name),
            words: said.words,
            content: &said.content,
        };
        let number = version::insert(&tx, id, new).await?.unwrap_or_default();
        let about = About::read(&tx, id).await?;
        let change = audit::Change {
            after: Some(json!({ "version": number, "name": name })),
            ..about.audited("document.version")
        };
        audit::append(&tx, now, &who.doer.actor, vec![change]).await?;
        tx.commit().await?;
        Ok(self.found(id, number).await?.0)
    }

    /// A version and its text.
    ///
    /// # Errors
    /// When there is none.
    pub async fn version(
        &self,
        who: &Who,
        id: &str,
        number: i64,
    ) -> Result<VersionDetail, DocumentError> {
        self.with_right(self.read(), who, id, Right::View).await?;
        let (version, node) = self.found(id, number).await?;
        let content = node.to_json();
        Ok(VersionDetail { version, content })
    }

    /// Brings an older version back, as a change that merges with what others write meanwhile. What was
    /// there before is a version too.
    ///
    /// # Errors
    /// When there is none, or the right is missing.
    pub async fn restore_version(
        &self,
        who: &Who,
        id: &str,
        number: i64,
    ) -> Result<Document, DocumentError> {
        self.with_right(self.read(), who, id, Right::Edit).await?;
        let (_, node) = self.found(id, number).await?;
        let by = who.doer.named();
        let kind = VersionKind::Restored;
        // What cannot be read now is no version: bringing one back is the way out of it.
        if let Ok((seq, said)) = self.said(id).await {
            derive::keep_version(self.setup(), id, seq, &said, &by, kind).await?;
        }
        self.rooms().replace(id, &node, &who.doer).await?;
        let tx = self.begin().await?;
        let about = About::read(&tx, id).await?;
        let change = audit::Change {
            after: Some(json!({ "version": number })),
            ..about.audited("document.restore_version")
        };
        audit::append(&tx, self.now(), &who.doer.actor, vec![change]).await?;
        tx.commit().await?;
        self.get(who, id).await
    }

    /// What became of a version: up to another one, or up to now.
    ///
    /// # Errors
    /// When there is none.
    pub async fn diff(
        &self,
        who: &Who,
        id: &str,
        number: i64,
        with: Option<i64>,
    ) -> Result<(Counts, Part), DocumentError> {
        self.with_right(self.read(), who, id, Right::View).await?;
        let (old, new) = (self.at(id, Some(number)).await?, self.at(id, with).await?);
        let compare = move || {
            let part = diff::compare(&old, &new);
            (diff::count(&part), part)
        };
        let compared = tokio::task::spawn_blocking(compare).await;
        compared.map_err(|_| DocumentError::Away)
    }

    /// A version's document, or the one of now.
    async fn at(&self, id: &str, number: Option<i64>) -> Result<Node, DocumentError> {
        match number {
            Some(number) => Ok(self.found(id, number).await?.1),
            None => self.node(id).await,
        }
    }

    async fn found(&self, id: &str, number: i64) -> Result<(Version, Node), DocumentError> {
        let found = version::find(self.read(), id, number).await?;
        let (version, content) = found.ok_or(DocumentError::NotFound("version"))?;
        let value: Value = serde_json::from_str(&content).unwrap_or_default();
        Ok((version, clean(&value)?))
    }

    /// What a document says now, and after which change.
    async fn said(&self, id: &str) -> Result<(i64, Said), DocumentError> {
        let (seq, node) = self.kept(id).await?;
        Ok((seq, said(node?).await?))
    }
}
