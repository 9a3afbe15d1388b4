//! What search finds of a thing.

use crate::Timestamp;

/// Something that can be found. Its kind and id name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findable {
    /// `document`, `task`, `file`, `user`, `client`: a word of the domain.
    pub kind: String,
    pub id: String,
    pub title: String,
    /// Plain text; of a very long one the beginning is found.
    pub body: String,
    pub updated_at: Timestamp,
    /// Words for those who may read it, one of which a reader must have: `everyone`, `user:<id>`,
    /// `role:<role>`. Nobody finds what has none.
    pub readers: Vec<String>,
}
