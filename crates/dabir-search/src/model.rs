//! What somebody asks of the index and what comes out of it.

use dabir_core::Timestamp;
use dabir_text::Piece;
use serde::Serialize;
use utoipa::ToSchema;

/// What somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Words, "phrases" and `-words` that must not be there; the last word may be unfinished. Whatever
    /// it says is understood; when it has no word, nothing is found.
    pub text: String,
    /// The kinds that are looked for; all when there are none.
    pub kinds: Vec<String>,
    /// How many hits at most, 1 to 50.
    pub limit: u32,
    /// `next_cursor` of the page before, of the same query.
    pub cursor: Option<String>,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SearchHit)]
pub struct Hit {
    /// `document`, `task`, `file`, `user` (somebody who works here) or `client`.
    pub kind: String,
    pub id: String,
    pub title: String,
    /// A part of the text where most of what was looked for stands, as it is spelt there; the text's
    /// beginning when it stands in the title alone.
    pub snippet: Vec<Piece>,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// Where a page ended: with which rank, and where in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) rank: usize,
    pub(crate) stand: i64,
}

impl Cursor {
    pub(crate) fn write(self) -> String {
        format!("{}.{}", self.rank, self.stand)
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        let (rank, stand) = text.split_once('.')?;
        Some(Self {
            rank: rank.parse().ok()?,
            stand: stand.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let cursor = Cursor {
            rank: 3,
            stand: -71,
        };
        assert_eq!(Cursor::read(&cursor.write()), Some(cursor));
        for other in ["", "3", "a.1", "-1.2", "1.2.3", "1.99999999999999999999"] {
            assert_eq!(Cursor::read(other), None, "{other}");
        }
    }
}
