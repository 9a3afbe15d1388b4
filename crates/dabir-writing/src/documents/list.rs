//! Which documents are asked for, and where a page of them ends.

use dabir_core::names::needles;
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::DocumentError;
use super::model::Document;
use crate::fields::is_id;

/// The longest question, in characters.
const MAX_QUESTION: usize = 200;

/// What of the documents is asked for; what is not given does not matter.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DocumentQuery {
    /// The id of a folder; `root` for what is in none.
    folder: Option<String>,
    /// Only the caller's own.
    mine: Option<bool>,
    /// Only others'.
    shared: Option<bool>,
    /// What the caller had open, the last one first.
    recent: Option<bool>,
    /// What the caller marked.
    starred: Option<bool>,
    /// What was deleted and can be restored, in place of the others.
    trashed: Option<bool>,
    /// What new documents are made from.
    template: Option<bool>,
    /// Words of the title.
    q: Option<String>,
    /// How many rows at most: 1 to 1,000, 100 when not given.
    #[param(minimum = 1, maximum = 1_000)]
    pub(crate) limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
}

/// The same, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) place: Option<Place>,
    /// Only one's own, or only others'.
    pub(crate) is_mine: Option<bool>,
    pub(crate) is_starred: bool,
    pub(crate) is_trash: bool,
    pub(crate) is_template: Option<bool>,
    /// Each word, in its spellings.
    pub(crate) words: Vec<Vec<String>>,
    pub(crate) sort: Sort,
    /// The key and the id after which the page begins.
    pub(crate) after: Option<(i64, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Root,
    Folder(String),
}

/// What comes first. The newest, of any of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    #[default]
    Changed,
    Seen,
}

impl DocumentQuery {
    /// # Errors
    /// When a field has words that mean nothing.
    pub(crate) fn read(&self) -> Result<Filter, DocumentError> {
        let place = match self.folder.as_deref() {
            None => None,
            Some("root") => Some(Place::Root),
            Some(id) if is_id(id) => Some(Place::Folder(id.to_owned())),
            Some(_) => return Err(DocumentError::invalid("folder", "write an id or `root`")),
        };
        let is_mine = match (self.mine.unwrap_or(false), self.shared.unwrap_or(false)) {
            (true, true) => {
                let detail = "what is one's own is not others'";
                return Err(DocumentError::invalid("shared", detail));
            }
            (true, false) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        let q = self.q.as_deref().unwrap_or_default().trim();
        if q.chars().nth(MAX_QUESTION).is_some() || q.contains('\0') {
            let detail = format!("write at most {MAX_QUESTION} characters");
            return Err(DocumentError::invalid("q", detail));
        }
        let sort = match self.recent.unwrap_or(false) {
            true => Sort::Seen,
            false => Sort::Changed,
        };
        let after = self.cursor.as_deref().map(read_cursor).transpose()?;
        Ok(Filter {
            place,
            is_mine,
            is_starred: self.starred.unwrap_or(false),
            is_trash: self.trashed.unwrap_or(false),
            is_template: self.template,
            words: q.split_whitespace().map(needles).collect(),
            sort,
            after,
        })
    }
}

fn read_cursor(text: &str) -> Result<(i64, String), DocumentError> {
    let parts = text.split_once('.');
    let read = parts.and_then(|(key, id)| Some((key.parse().ok()?, id.to_owned())));
    read.filter(|(_, id): &(i64, String)| is_id(id))
        .ok_or_else(|| DocumentError::invalid("cursor", "pass `next_cursor` of the page before"))
}

impl Sort {
    /// Where a page ends that ends with this document.
    pub(crate) fn cursor(self, document: &Document) -> String {
        let at = match self {
            Self::Changed => document.changed_at,
            Self::Seen => document.seen_at.unwrap_or(document.changed_at),
        };
        format!("{}.{}", at.as_millisecond(), document.id)
    }
}
