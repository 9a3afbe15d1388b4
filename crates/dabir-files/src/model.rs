//! A file, an upload, and what is asked of lists of them.

use dabir_core::Timestamp;
use dabir_core::words::{named, word_of};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far the analysis of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// It is stored, and its analysis waits for its turn.
    Waiting,
    Analysing,
    Analysed,
    /// It could not be read: `error` says why.
    Failed,
    /// It is stored; nothing reads files of its kind.
    Stored,
}

const STATES: [(FileState, &str); 5] = [
    (FileState::Waiting, "waiting"),
    (FileState::Analysing, "analysing"),
    (FileState::Analysed, "analysed"),
    (FileState::Failed, "failed"),
    (FileState::Stored, "stored"),
];

impl FileState {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&STATES, self)
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        named(&STATES, word)
    }
}

/// A file as the API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct File {
    pub id: String,
    #[schema(example = "گزارش.docx")]
    pub name: String,
    pub owner_id: String,
    pub owner: String,
    /// In bytes.
    pub size: u64,
    pub sha256: String,
    /// By its content, whatever its name says.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// `pdf`, `document`, `sheet`, `slides`, `book`, `page`, `markdown`, `text`, `table`, `picture`,
    /// `archive`, `sound`, `film`, `program` or `other`.
    #[schema(example = "document")]
    pub kind: String,
    /// Its name ends as files of another kind do.
    pub mismatch: bool,
    pub state: FileState,
    pub error: Option<FileProblem>,
    /// Whether there is a small picture of it.
    pub thumbnail: bool,
    /// The job that analyses it, or did.
    pub job_id: Option<i64>,
    /// Grows with each change.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
    #[serde(skip)]
    pub(crate) fingerprint: Option<i64>,
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileProblem {
    /// A stable word: `encrypted`, `damaged`, `ratio` …
    pub code: String,
    pub detail: String,
}

/// What a file is attached to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    /// `task`, `document`, `meeting`.
    #[schema(example = "task")]
    pub subject_kind: String,
    pub subject_id: String,
}

/// A file that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub id: String,
    pub name: String,
    pub owner_id: String,
    pub owner_name: String,
    pub size: u64,
    /// So many bytes of it are durable.
    pub received: u64,
    pub chunks: i32,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A piece of an upload, and where it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) start: u64,
    pub(crate) size: u64,
    pub(crate) object: String,
}

/// A file that somebody wants to upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUpload {
    pub name: String,
    pub size: u64,
}

/// Which files a list has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFilter {
    pub owner_id: Option<String>,
    pub kind: Option<String>,
    pub state: Option<FileState>,
    /// Words that stand in the name.
    pub words: Vec<Vec<String>>,
    pub attached: Option<Attachment>,
    /// Those that were deleted, and can still be had back.
    pub deleted: bool,
}
