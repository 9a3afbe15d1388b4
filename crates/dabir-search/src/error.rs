//! Why nothing could be answered.

use dabir_http::{FieldError, Problem};

/// Why nothing could be answered.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("`{0}` is no cursor; write `next_cursor` of the page before")]
    Cursor(String),
    #[error("the search index does not answer")]
    Db(#[from] sea_orm::DbErr),
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Cursor(_) => Self::invalid(
                "request.query",
                vec![FieldError {
                    field: "cursor".into(),
                    detail: error.to_string(),
                }],
            ),
            SearchError::Db(_) => Self::internal(&error),
        }
    }
}
