//! The page of a document that anybody with its address can read.

use dabir_prose::{Kind, Node, html};

use super::Documents;
use super::access::hash;
use super::export::lead;
use crate::documents::error::DocumentError;
use crate::documents::pictures::Picture;
use crate::documents::store::access;

/// A page without anything around it.
#[derive(Clone, Debug)]
pub struct Page {
    pub title: String,
    /// Which way the document reads: `rtl` or `ltr`.
    pub dir: &'static str,
    /// The document's blocks as HTML.
    pub html: String,
}

/// What a link leads to.
struct Linked {
    id: String,
    title: String,
    node: Node,
}

impl Documents {
    /// What a link shows; `None` when it leads nowhere, or nowhere any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn page(&self, secret: &str) -> Result<Option<Page>, DocumentError> {
        let Some(linked) = self.linked(secret).await? else {
            return Ok(None);
        };
        let (title, mut node) = (linked.title, linked.node);
        let secret = secret.to_owned();
        let write = move || {
            lead(&mut node, &|file| Some(format!("/p/{secret}/files/{file}")));
            forget_who(&mut node);
            let dir = dabir_prose::dir::of_document(&node, dabir_prose::Dir::Rtl);
            (dir.as_str(), html::write(&node))
        };
        let written = tokio::task::spawn_blocking(write).await;
        let (dir, html) = written.map_err(|_| DocumentError::Away)?;
        Ok(Some(Page { title, dir, html }))
    }

    /// A picture that such a page shows; no other file can be had by the link.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn page_picture(
        &self,
        secret: &str,
        file: &str,
    ) -> Result<Option<Picture>, DocumentError> {
        let Some(pictures) = &self.setup().pictures else {
            return Ok(None);
        };
        let Some(linked) = self.linked(secret).await? else {
            return Ok(None);
        };
        let is_shown = dabir_prose::text::files(&linked.node)
            .iter()
            .any(|shown| shown == file);
        match is_shown {
            true => Ok(pictures.show(&linked.id, file).await),
            false => Ok(None),
        }
    }

    async fn linked(&self, secret: &str) -> Result<Option<Linked>, DocumentError> {
        let linked = access::linked(self.read(), &hash(secret), self.now()).await?;
        let Some((id, title)) = linked else {
            return Ok(None);
        };
        let node = self.node(&id).await?;
        Ok(Some(Linked { id, title, node }))
    }
}

/// Whoever is mentioned is a name to the public, and nobody's account.
fn forget_who(node: &mut Node) {
    if let Kind::Mention { id, label } = &mut node.kind {
        // Who has no name is called by the id.
        if label == id {
            "…".clone_into(label);
        }
        id.clear();
    }
    node.content.iter_mut().for_each(forget_who);
}
