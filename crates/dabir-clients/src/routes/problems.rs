//! What files, Redis and the folder of clients could not take.

use axum::extract::State;
use dabir_http::{Json, Viewer};
use serde::Serialize;
use utoipa::ToSchema;

use crate::mirror::{Mirrors, Problem};

/// All that is wrong just now.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientsProblemPage)]
pub(super) struct ProblemPage {
    /// The oldest first.
    items: Vec<Problem>,
    /// Always `null`: the list is whole.
    next_cursor: Option<String>,
    /// Whether files, Redis and the folder are kept by the server that answers. If not, another one
    /// keeps them and knows what is wrong.
    mirrors_here: bool,
}

/// List what files, Redis and the folder of available clients could not take.
#[utoipa::path(
    get, path = "/api/v1/clients/problems", tag = "clients",
    responses((status = 200, body = ProblemPage)),
)]
pub(super) async fn list_client_problems(
    _: Viewer,
    State(mirrors): State<Mirrors>,
) -> Json<ProblemPage> {
    let mut items = mirrors.problems();
    items.extend(mirrors.clients().folder_problems());
    items.sort_by_key(|problem| problem.since);
    Json(ProblemPage {
        items,
        next_cursor: None,
        mirrors_here: mirrors.is_keeper(),
    })
}
