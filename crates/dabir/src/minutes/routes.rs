//! Minutes over HTTP.

use axum::extract::{Path, State};
use dabir_http::{By, Json, Operator, Problem};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Secretary;

/// The API of minutes.
pub(crate) fn routes() -> OpenApiRouter<Secretary> {
    OpenApiRouter::new().routes(routes!(write_meeting_minutes))
}

/// What the minutes of a meeting became.
#[derive(Serialize, ToSchema)]
struct MeetingMinutes {
    /// The id of the document.
    document: String,
}

/// Have the minutes of a meeting that is over as a document: the one that it became, or one that is
/// made now of its agenda, its people, its polls and what was written down.
#[utoipa::path(
    post, path = "/api/v1/meetings/{id}/minutes", tag = "meetings",
    params(("id" = String, Path, description = "The id, the source's id, or the whole name")),
    responses(
        (status = 200, body = MeetingMinutes),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn write_meeting_minutes(
    Operator(who): Operator,
    By(by): By,
    State(secretary): State<Secretary>,
    Path(id): Path<String>,
) -> Result<Json<MeetingMinutes>, Problem> {
    let document = secretary.document(&by, &who, &id).await?;
    Ok(Json(MeetingMinutes { document }))
}
