//! Making documents: empty, from a text, from a template.

use dabir_core::{Event, new_id};
use dabir_db::{audit, stale};
use dabir_prose::templates::{Known, Language, Template};
use dabir_prose::{Node, clean, html, markdown};
use serde_json::{Map, Value, json};

use super::{Documents, folder_with};
use crate::documents::Who;
use crate::documents::derive::{About, Said};
use crate::documents::error::DocumentError;
use crate::documents::model::{Document, Grant, Right};
use crate::documents::store::access::{self, Shared};
use crate::documents::store::{content, document, person, text};
use crate::fields::Fields;
use crate::live::state::State;
use crate::people::Doer;

pub(super) const MAX_TITLE: usize = 300;
/// The longest text that one request brings, in bytes.
const MAX_TEXT: usize = 8 * 1024 * 1024;

/// A document to be made.
#[derive(Clone, Debug)]
pub(super) struct New {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) folder: Option<String>,
    pub(super) is_template: bool,
    pub(super) node: Node,
    /// The document that it is a copy of: its pictures are shown here too.
    pub(super) copy_of: Option<String>,
    /// With whom it is shared from the beginning.
    pub(super) grants: Vec<Grant>,
}

/// A document that comes from something else.
#[derive(Clone, Debug)]
pub struct Begun {
    pub id: String,
    pub title: String,
    pub text: Node,
    /// With whom it is shared from the beginning.
    pub grants: Vec<Grant>,
}

impl Documents {
    /// Makes a document: of a title alone, or with `text` (Markdown), `html`, `content` (ProseMirror
    /// JSON), or as a copy of a document named in `template`.
    ///
    /// # Errors
    /// When a field is not allowed, or the caller may not write in that folder.
    pub async fn create(
        &self,
        who: &Who,
        body: Map<String, Value>,
    ) -> Result<Document, DocumentError> {
        let mut fields = Fields::of(body);
        let title: Option<String> = fields.take("title");
        let title = fields.line("title", &title.unwrap_or_default(), MAX_TITLE);
        let folder: Option<String> = fields.take::<Option<String>>("folder").flatten();
        let is_template: Option<bool> = fields.take("template");
        let from: Option<String> = fields.take::<Option<String>>("from").flatten();
        let said = read_content(&mut fields)?;
        fields.end()?;
        let (node, copy_of) = match (said, from) {
            (Some(node), _) => (node, None),
            (None, Some(from)) => self.template(who, &from).await?,
            (None, None) => (Node::empty(), None),
        };
        let new = New {
            id: new_id(),
            title,
            folder,
            is_template: is_template.unwrap_or(false),
            node,
            copy_of,
            grants: Vec::new(),
        };
        self.make(who, new).await
    }

    /// Begins a document that comes from something else, such as the minutes of a meeting, once: when
    /// there is one with its id already, nothing happens.
    ///
    /// # Errors
    /// When the text is longer than one may be.
    pub async fn begin_as(&self, owner: &Doer, begun: Begun) -> Result<(), DocumentError> {
        let id = begun.id.clone();
        if document::title(self.read(), &id).await?.is_some() {
            return Ok(());
        }
        let who = Who {
            doer: owner.clone(),
            most: Right::Own,
        };
        let title = dabir_core::text::one_line(&begun.title);
        let new = New {
            id: begun.id,
            title: title.chars().take(MAX_TITLE).collect(),
            folder: None,
            is_template: false,
            node: begun.text,
            copy_of: None,
            grants: begun.grants,
        };
        match self.make(&who, new).await {
            // Somebody else was faster by a moment.
            Err(_) if document::title(self.read(), &id).await?.is_some() => Ok(()),
            made => made.map(drop),
        }
    }

    /// What a document begins with: another one, whose id is told too, or one of the house's templates by
    /// its name and language.
    async fn template(
        &self,
        who: &Who,
        from: &str,
    ) -> Result<(Node, Option<String>), DocumentError> {
        if let Some((template, language)) = built_in(from) {
            let known = Known {
                author: Some(who.doer.actor.name.clone()),
                ..Known::default()
            };
            return Ok((template.document(language, &known)?, None));
        }
        let document = self.with_right(self.read(), who, from, Right::View).await;
        match document {
            Ok(document) => Ok((self.node(&document.id).await?, Some(document.id))),
            Err(DocumentError::NotFound(_)) => {
                Err(DocumentError::invalid("from", "there is no such document"))
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn make(&self, who: &Who, new: New) -> Result<Document, DocumentError> {
        let node = new.node;
        let prepared = tokio::task::spawn_blocking(move || {
            let mut state = State::new();
            let change = state.replace(&node);
            (change, Said::of(&node))
        });
        let (change, said) = prepared.await.map_err(|_| DocumentError::Away)?;
        let change = change.map_err(|_| DocumentError::too_large())?;
        let tx = self.begin().await?;
        if let Some(folder) = &new.folder {
            folder_with(&tx, who, folder, Right::Edit).await?;
        }
        let now = self.now();
        let by = who.doer.named();
        let document = Document {
            id: new.id,
            title: new.title,
            folder: new.folder,
            owner: by.clone(),
            template: new.is_template,
            words: said.words,
            version: 1,
            created_at: now,
            changed_at: now,
            changed_by: by.clone(),
            deleted_at: None,
            right: Right::Own,
            starred: false,
            seen_at: None,
        };
        let id = document.id.as_str();
        document::insert(&tx, &document).await?;
        let shared = Shared {
            kind: "document",
            id,
        };
        access::put(&tx, shared, &new.grants).await?;
        content::begin(&tx, id, now).await?;
        let changes: Vec<_> = change.iter().map(|change| (&by, &change[..])).collect();
        let seq = content::append(&tx, id, now, &changes).await?.unwrap_or(0);
        text::insert(&tx, id, seq, &said).await?;
        let user = who.doer.user_id.as_deref().unwrap_or(&who.doer.actor.id);
        person::see(&tx, user, id, now).await?;
        // Whoever made it need not be told to write in it.
        person::tell(&tx, user, id, now).await?;
        let about = About::read(&tx, id).await?;
        let change = audit::Change {
            after: Some(json!({ "folder": document.folder, "words": document.words })),
            ..about.audited("document.create")
        };
        audit::append(&tx, now, &who.doer.actor, vec![change]).await?;
        let data = json!({ "words": document.words });
        about
            .say(&tx, now, &who.doer, "document.created", data, Vec::new())
            .await?;
        if let (Some(from), Some(pictures)) = (&new.copy_of, &self.setup().pictures) {
            pictures.share(&tx, now, from, id, &said.files).await?;
        }
        // Its pictures came before it.
        stale::mark_files_of(&tx, now, "document", &[id]).await?;
        tx.commit().await?;
        let id = document.id.clone();
        self.setup().events.publish(Event::DocumentChanged { id });
        Ok(document)
    }
}

/// `minutes.fa`.
fn built_in(name: &str) -> Option<(Template, Language)> {
    let (name, language) = name.split_once('.')?;
    let language = match language {
        "fa" => Language::Fa,
        "en" => Language::En,
        _ => return None,
    };
    Some((Template::parse(name)?, language))
}

/// The text that a body brings, in one of its forms; `None` without one.
pub(super) fn read_content(fields: &mut Fields) -> Result<Option<Node>, DocumentError> {
    let text: Option<String> = fields.take("text");
    let page: Option<String> = fields.take("html");
    let content: Option<Value> = fields.take("content");
    let forms = [text.is_some(), page.is_some(), content.is_some()];
    if forms.iter().filter(|is_there| **is_there).count() > 1 {
        fields.refuse("content", "bring one of `text`, `html` and `content`");
        return Ok(None);
    }
    let long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > MAX_TEXT);
    if long(&text) || long(&page) {
        let field = if text.is_some() { "text" } else { "html" };
        fields.refuse(field, format!("write at most {MAX_TEXT} bytes"));
        return Ok(None);
    }
    let (field, read) = match (text, page, content) {
        (Some(text), _, _) => ("text", markdown::parse(&text)),
        (_, Some(page), _) => ("html", html::parse(&page)),
        (_, _, Some(content)) => ("content", clean(&content)),
        _ => return Ok(None),
    };
    match read {
        Ok(node) => Ok(Some(node)),
        Err(error) => {
            fields.refuse(field, error.to_string());
            Ok(None)
        }
    }
}
