//! Searching over HTTP: whoever is signed in finds what they may read.

use axum::extract::State;
use dabir_core::Page;
use dabir_http::{FieldError, Json, Problem, SignedIn};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::model::{Hit, Query};
use crate::service::Search;

/// The API of searching.
pub fn routes() -> OpenApiRouter<Search> {
    OpenApiRouter::new().routes(routes!(search))
}

/// What to look for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// Words that all must be there, in any form and spelling; "words that stand together"; `-words`
    /// that must not be there. The last word may be unfinished. Without a word nothing is found.
    #[serde(default)]
    q: String,
    /// The kinds to look for, with commas between them: `document`, `task`, `file`, `user`, `client`;
    /// 16 at most. All when not given.
    #[serde(default)]
    kinds: String,
    /// How many hits at most: 1 to 50, 20 when not given.
    #[param(minimum = 1, maximum = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before, with the same words and kinds.
    cursor: Option<String>,
}

/// One page of what was found, the best first.
#[derive(Serialize, ToSchema)]
struct SearchPage {
    items: Vec<Hit>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// The most hits that a page may have, and how many it has when nobody says.
const LIMITS: std::ops::RangeInclusive<u32> = 1..=50;
const LIMIT: u32 = 20;
/// The most kinds that are asked for at once; nobody knows as many.
const MAX_KINDS: usize = 16;

/// Find documents, tasks, files and people by their words.
#[utoipa::path(
    get, path = "/api/v1/search", tag = "search", params(SearchQuery),
    responses((status = 200, body = SearchPage), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
async fn search(
    SignedIn(identity): SignedIn,
    State(search): State<Search>,
    dabir_http::Query(asked): dabir_http::Query<SearchQuery>,
) -> Result<Json<SearchPage>, Problem> {
    let query = Query {
        limit: limit(asked.limit)?,
        text: asked.q,
        kinds: kinds(&asked.kinds)?,
        cursor: asked.cursor,
    };
    let Page { items, next_cursor } = search.find_for(&identity, &query).await?;
    Ok(Json(SearchPage { items, next_cursor }))
}

fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    let limit = asked.unwrap_or(LIMIT);
    if LIMITS.contains(&limit) {
        return Ok(limit);
    }
    let (least, most) = LIMITS.into_inner();
    let detail = format!("{limit} is not between {least} and {most}");
    Err(refused("limit", detail))
}

fn kinds(asked: &str) -> Result<Vec<String>, Problem> {
    let kinds = asked.split(',').map(str::trim);
    let kinds = kinds.filter(|kind| !kind.is_empty());
    let count = kinds.clone().count();
    if count > MAX_KINDS {
        let detail = format!("{count} kinds are more than {MAX_KINDS}");
        return Err(refused("kinds", detail));
    }
    Ok(kinds.map(str::to_owned).collect())
}

fn refused(field: &str, detail: String) -> Problem {
    let field = field.into();
    Problem::invalid("request.query", vec![FieldError { field, detail }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_words_between_commas() {
        assert_eq!(kinds(" task,, file ").unwrap(), ["task", "file"]);
        assert_eq!(kinds("").unwrap(), [""; 0]);
        assert_eq!(kinds(&"a,".repeat(16)).unwrap().len(), MAX_KINDS);
        assert!(kinds(&"a,".repeat(17)).is_err());
        assert_eq!(limit(None).unwrap(), LIMIT);
        assert!(limit(Some(0)).is_err() && limit(Some(51)).is_err());
    }
}
