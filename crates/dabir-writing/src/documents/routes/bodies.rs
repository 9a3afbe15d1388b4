//! What may stand in the bodies of requests, for the document of the API. They are read field by
//! field, so that all that is wrong is named at once.
#![expect(dead_code, reason = "it only describes what is read")]

use dabir_core::Timestamp;
use serde_json::Value;
use utoipa::ToSchema;

use crate::documents::model::Grant;

/// A document to be made. All but the title may be left out.
#[derive(ToSchema)]
pub(super) struct NewDocument {
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    /// Markdown.
    text: Option<String>,
    html: Option<String>,
    /// ProseMirror JSON.
    content: Option<Value>,
    /// The id of a document that it is a copy of, or `minutes.fa`, `letter.en` and the like.
    #[schema(nullable)]
    from: Option<String>,
    /// The id of a folder.
    #[schema(nullable)]
    folder: Option<String>,
    /// Whether documents are to be made from it.
    template: Option<bool>,
}

/// What of a document is to be other; what is left out stays as it is.
#[derive(ToSchema)]
pub(super) struct DocumentPatch {
    #[schema(min_length = 1, max_length = 300)]
    title: Option<String>,
    /// The id of a folder; `null` for none. For owners.
    #[schema(nullable)]
    folder: Option<String>,
    template: Option<bool>,
    /// The id of a person. For owners.
    owner: Option<String>,
    /// The version that was looked at: somebody else's change since then refuses this one.
    #[schema(nullable)]
    version: Option<i64>,
}

/// A text in one of its forms.
#[derive(ToSchema)]
pub(super) struct DocumentContent {
    /// Markdown.
    text: Option<String>,
    html: Option<String>,
    /// ProseMirror JSON.
    content: Option<Value>,
}

#[derive(ToSchema)]
pub(super) struct NewDocumentFolder {
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    /// The id of the folder around it.
    #[schema(nullable)]
    parent: Option<String>,
}

/// What of a folder is to be other; what is left out stays as it is.
#[derive(ToSchema)]
pub(super) struct DocumentFolderPatch {
    #[schema(min_length = 1, max_length = 300)]
    title: Option<String>,
    /// The id of the folder around it; `null` for none. For owners.
    #[schema(nullable)]
    parent: Option<String>,
    #[schema(nullable)]
    version: Option<i64>,
}

/// With whom something is shared from now on, and with nobody else.
#[derive(ToSchema)]
pub(super) struct DocumentGrants {
    #[schema(max_items = 200)]
    grants: Vec<Grant>,
}

#[derive(ToSchema)]
pub(super) struct DocumentPublication {
    /// `null` until somebody takes it back.
    #[schema(nullable)]
    ends_at: Option<Timestamp>,
}

#[derive(ToSchema)]
pub(super) struct NewDocumentVersion {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
}

/// To whom a document is to belong.
#[derive(ToSchema)]
pub(super) struct DocumentGift {
    /// The id of a person.
    to: String,
}

/// Something to be said.
#[derive(ToSchema)]
pub(super) struct NewDocumentComment {
    /// Markdown.
    #[schema(min_length = 1, max_length = 10_000)]
    text: String,
    /// Ids of people who are to hear of it.
    #[schema(max_items = 20)]
    mentions: Option<Vec<String>>,
    /// The comment that it answers.
    #[schema(nullable)]
    thread: Option<String>,
    /// The id of the `comment` mark that it is about.
    #[schema(nullable)]
    anchor: Option<String>,
    /// The words that it is about; the first 500 characters are kept.
    #[schema(nullable)]
    quote: Option<String>,
}

/// Other words for something that was said.
#[derive(ToSchema)]
pub(super) struct DocumentCommentPatch {
    #[schema(min_length = 1, max_length = 10_000)]
    text: Option<String>,
    #[schema(max_items = 20)]
    mentions: Option<Vec<String>>,
}

/// Files, and where documents are to be made of them.
#[derive(ToSchema)]
pub(super) struct DocumentImport {
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
    /// The id of a folder.
    folder: Option<String>,
}
