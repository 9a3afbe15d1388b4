//! What documents and folders are, as the API shows them.

use std::fmt;

use dabir_core::Timestamp;
use dabir_prose::text::Heading;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::comments::Comment;
use crate::people::Named;

/// What somebody may do with a document, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = DocumentRight)]
pub enum Right {
    View = 1,
    Comment = 2,
    Edit = 3,
    /// Delete it, share it, move it: the owner's, and the owner's of a folder around it.
    Own = 4,
}

impl Right {
    pub(crate) fn of(number: i32) -> Option<Self> {
        match number {
            1 => Some(Self::View),
            2 => Some(Self::Comment),
            3 => Some(Self::Edit),
            4.. => Some(Self::Own),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Comment => "comment",
            Self::Edit => "edit",
            Self::Own => "own",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A document, without its text.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Document {
    pub id: String,
    pub title: String,
    /// The id of the folder that it is in; `null` when in none.
    pub folder: Option<String>,
    /// Whose it is; without an id it is the house's.
    pub owner: Named,
    /// Whether new documents are made from it.
    pub template: bool,
    pub words: i64,
    /// Of title and place, not of the text.
    pub version: i64,
    pub created_at: Timestamp,
    /// When text or title were changed last.
    pub changed_at: Timestamp,
    pub changed_by: Named,
    pub deleted_at: Option<Timestamp>,
    /// What the caller may do with it.
    pub right: Right,
    /// Whether the caller marked it.
    pub starred: bool,
    /// When the caller had it open last.
    pub seen_at: Option<Timestamp>,
}

/// A page of documents.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentPage {
    pub items: Vec<Document>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// A document and what its text is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentDetail {
    #[serde(flatten)]
    pub document: Document,
    #[schema(value_type = Vec<DocumentHeading>)]
    pub outline: Vec<Heading>,
    /// The folders around it that the caller may see, the outermost first.
    pub path: Vec<Place>,
    /// People who are mentioned in it.
    pub mentions: Vec<String>,
}

/// A heading of a document.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes what is sent")]
pub(crate) struct DocumentHeading {
    level: u8,
    text: String,
    number: usize,
}

/// A folder in a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DocumentPlace)]
pub struct Place {
    pub id: String,
    pub title: String,
}

/// A folder of documents.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = DocumentFolder)]
pub struct Folder {
    pub id: String,
    pub title: String,
    /// The folder that it is in; `null` when in none that the caller may see.
    pub parent: Option<String>,
    pub owner: Named,
    pub version: i64,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    pub right: Right,
}

/// Who else may do what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = DocumentGrant)]
pub struct Grant {
    /// `user:<id>`, `role:<role>` or `everyone`.
    pub grantee: String,
    pub right: Right,
    /// What people call them.
    #[serde(default, deserialize_with = "passed_over")]
    #[schema(read_only)]
    pub name: String,
    /// The folder that says so; `null` for the thing itself.
    #[serde(default, deserialize_with = "passed_over")]
    #[schema(read_only)]
    pub folder: Option<String>,
}

/// What is told and never taken, so that what was read can be sent back.
fn passed_over<'de, D: Deserializer<'de>, T: Default>(from: D) -> Result<T, D::Error> {
    IgnoredAny::deserialize(from).map(|_| T::default())
}

/// Who may do what with a document or a folder.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DocumentAccess)]
pub struct Access {
    pub owner: Named,
    pub grants: Vec<Grant>,
    /// What follows from the folders around it.
    pub inherited: Vec<Grant>,
    pub link: Option<Link>,
}

/// That there is a page that anybody with its address can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DocumentLink)]
pub struct Link {
    pub created_at: Timestamp,
    pub created_by: String,
    /// `null` until somebody takes it back.
    pub ends_at: Option<Timestamp>,
}

/// A link that was made just now: its address is told this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NewDocumentLink)]
pub struct NewLink {
    /// The path of the page.
    pub url: String,
    #[serde(flatten)]
    pub link: Link,
}

/// How a version came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = DocumentVersionKind)]
pub enum VersionKind {
    /// Kept by itself, when the last one left or after half an hour of work.
    Auto,
    Named,
    /// What was there before an older version was brought back.
    Restored,
}

impl VersionKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Named => "named",
            Self::Restored => "restored",
        }
    }

    pub(crate) fn of(word: &str) -> Self {
        match word {
            "named" => Self::Named,
            "restored" => Self::Restored,
            _ => Self::Auto,
        }
    }
}

/// How a document was once.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = DocumentVersion)]
pub struct Version {
    pub number: i64,
    pub kind: VersionKind,
    pub name: Option<String>,
    pub at: Timestamp,
    pub by: Named,
    pub words: i64,
}

/// A page of versions, the newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DocumentVersionPage)]
pub struct VersionPage {
    pub items: Vec<Version>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// A version with its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = DocumentVersionDetail)]
pub struct VersionDetail {
    #[serde(flatten)]
    pub version: Version,
    /// ProseMirror JSON.
    pub content: serde_json::Value,
}

/// Something that was said about a document. What begins a thread stands at a place in the text.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DocumentComment {
    #[serde(flatten)]
    pub comment: Comment,
    /// The id of the `comment` mark that it is about; `null` for the whole document, and for answers.
    pub anchor: Option<String>,
    /// The words that it was about when it was said.
    pub quote: String,
    pub resolved_at: Option<Timestamp>,
    pub resolved_by: Option<Named>,
}

/// A page of what was said, the oldest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentCommentPage {
    pub items: Vec<DocumentComment>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}
