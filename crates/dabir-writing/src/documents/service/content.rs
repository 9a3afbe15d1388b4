//! The text of a document, as a whole.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use dabir_core::Timestamp;
use dabir_core::{Actor, ActorKind};
use dabir_http::Role;
use dabir_prose::schema::address;
use dabir_prose::{Node, Picture, ProseError, docx, html, markdown, pdf, text as prose_text};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::ToSchema;

use super::Documents;
use super::create::read_content;
use crate::documents::Who;
use crate::documents::derive::{self, Said};
use crate::documents::error::DocumentError;
use crate::documents::model::{Document, Right};
use crate::documents::store::{content, text};
use crate::fields::Fields;
use crate::live::state::read_kept;
use crate::people::Doer;

/// How long whoever changed a text has time to derive what follows from it.
const DERIVED: Duration = Duration::from_secs(15);
/// How many texts are looked after at once.
const BATCH: usize = 50;
/// How much the pictures of one file are, in bytes.
const MAX_ALBUM: usize = 64 << 20;
const MAX_PICTURES: usize = 200;
/// How many files with pictures are made at once, and how long one waits for its turn.
pub(super) const PRINTERS: usize = 2;
const PATIENCE: Duration = Duration::from_secs(30);

type Turn = OwnedSemaphorePermit;

/// Pictures by the ids of their files.
type Album = HashMap<String, Picture>;

/// How a text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = DocumentFormat)]
pub enum Format {
    /// ProseMirror JSON.
    #[default]
    Json,
    Html,
    Markdown,
    Text,
    /// For Word.
    Docx,
    /// For paper.
    Pdf,
}

impl Format {
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pdf => "application/pdf",
        }
    }

    /// Whether the pictures of a text are in its file.
    pub(super) fn holds_pictures(self) -> bool {
        matches!(self, Self::Docx | Self::Pdf)
    }

    /// How the name of such a file ends.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Json => ".json",
            Self::Html => ".html",
            Self::Markdown => ".md",
            Self::Text => ".txt",
            Self::Docx => ".docx",
            Self::Pdf => ".pdf",
        }
    }

    fn write(self, node: &Node, title: &str, album: &Album) -> Result<Vec<u8>, ProseError> {
        let mut picture = |source: &str| album.get(address::file_id(source)?).cloned();
        Ok(match self {
            Self::Json => node.to_json().to_string().into_bytes(),
            Self::Html => html::page(node, title).into_bytes(),
            Self::Markdown => markdown::write(node).into_bytes(),
            Self::Text => prose_text::plain(node).into_bytes(),
            Self::Docx => docx::write_with(node, &mut picture)?,
            Self::Pdf => pdf::write(title, node, &mut picture)?,
        })
    }
}

impl Documents {
    /// The text of a document as it was kept last.
    ///
    /// # Errors
    /// When there is none.
    pub async fn content(
        &self,
        who: &Who,
        id: &str,
        format: Format,
    ) -> Result<Vec<u8>, DocumentError> {
        let document = self.with_right(self.read(), who, id, Right::View).await?;
        let node = self.node(id).await?;
        // Whoever waits for one text does not wait for long.
        let turn = tokio::time::timeout(PATIENCE, self.printing_turn(format)).await;
        let turn = turn.map_err(|_| DocumentError::Busy)??;
        self.written(&document, node, format, turn).await
    }

    /// What takes much memory is written a few at a time.
    pub(super) async fn printing_turn(
        &self,
        format: Format,
    ) -> Result<Option<Turn>, DocumentError> {
        if !format.holds_pictures() {
            return Ok(None);
        }
        let turn = Arc::clone(&self.inner.printing).acquire_owned().await;
        turn.map(Some).map_err(|_| DocumentError::Away)
    }

    /// A text in a form, apart from those who wait for less.
    pub(super) async fn written(
        &self,
        document: &Document,
        node: Node,
        format: Format,
        turn: Option<Turn>,
    ) -> Result<Vec<u8>, DocumentError> {
        let album = match format.holds_pictures() {
            true => self.album(document, &node).await,
            false => Album::new(),
        };
        let title = document.title.clone();
        let written = tokio::task::spawn_blocking(move || {
            let written = format.write(&node, &title, &album);
            drop(turn);
            written
        });
        Ok(written.await.map_err(|_| DocumentError::Away)??)
    }

    /// The pictures of a text that can be shown, as many as one file holds.
    async fn album(&self, document: &Document, node: &Node) -> Album {
        let mut album = Album::new();
        let Some(pictures) = &self.setup().pictures else {
            return album;
        };
        let mut room = MAX_ALBUM;
        for file in prose_text::files(node).into_iter().take(MAX_PICTURES) {
            let shown = pictures.show(&document.id, &file).await;
            let picture = shown.and_then(|shown| Picture::read(shown.bytes.to_vec()));
            let Some(picture) = picture.filter(|picture| picture.bytes.len() <= room) else {
                continue;
            };
            room -= picture.bytes.len();
            album.insert(file, picture);
        }
        album
    }

    /// Makes a document say what `body` says: as a change that leaves alone what both say, so whoever
    /// writes in it meanwhile loses nothing.
    ///
    /// # Errors
    /// When a field is not allowed, or the right is missing.
    pub async fn put_content(
        &self,
        who: &Who,
        id: &str,
        body: Map<String, Value>,
    ) -> Result<Document, DocumentError> {
        let mut fields = Fields::of(body);
        if !["text", "html", "content"]
            .iter()
            .any(|form| fields.has(form))
        {
            fields.refuse("content", "bring one of `text`, `html` and `content`");
        }
        let node = read_content(&mut fields)?;
        fields.end()?;
        self.with_right(self.read(), who, id, Right::Edit).await?;
        if let Some(node) = node {
            self.rooms().replace(id, &node, &who.doer).await?;
        }
        self.get(who, id).await
    }

    /// The text of a document, whoever asks.
    pub(super) async fn node(&self, id: &str) -> Result<Node, DocumentError> {
        Ok(self.kept(id).await?.1?)
    }

    /// What was kept of a document says, and after which change.
    pub(super) async fn kept(
        &self,
        id: &str,
    ) -> Result<(i64, Result<Node, ProseError>), DocumentError> {
        let kept = content::load(self.read(), id).await?;
        let (seq, id) = (kept.seq(), id.to_owned());
        let read = tokio::task::spawn_blocking(move || read_kept(&id, &kept)).await;
        Ok((seq, read.map_err(|_| DocumentError::Away)?))
    }

    /// Derives what follows from texts whose writers' server ended before it could, and tells how many
    /// they were.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settle(&self) -> Result<usize, DocumentError> {
        let until = self.now().saturating_sub(DERIVED).unwrap_or(Timestamp::MIN);
        let stale = text::stale(self.read(), until, BATCH).await?;
        for id in &stale {
            self.settle_one(id).await?;
        }
        Ok(stale.len())
    }

    async fn settle_one(&self, id: &str) -> Result<(), DocumentError> {
        let (seq, node) = self.kept(id).await?;
        let by = content::last_by(self.read(), id).await?;
        let said = match node {
            Ok(node) => said(node).await?,
            Err(error) => {
                tracing::warn!(document = %id, %error, "nothing is derived from a document: {error}");
                Said::nothing()
            }
        };
        let author = by.map(|by| Doer {
            actor: Actor {
                id: by.id.clone().unwrap_or_default(),
                ..Actor::here(ActorKind::User, &by.name)
            },
            user_id: by.id,
            role: Role::Writer,
        });
        derive::keep(self.setup(), id, seq, &said, author.as_slice()).await?;
        Ok(())
    }
}

/// What a text says; the work of a long one is done where nobody waits.
pub(super) async fn said(node: Node) -> Result<Said, DocumentError> {
    let said = tokio::task::spawn_blocking(move || Said::of(&node)).await;
    said.map_err(|_| DocumentError::Away)
}
