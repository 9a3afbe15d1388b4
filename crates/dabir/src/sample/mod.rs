//! Sample data: a few meetings for whoever looks around in a new house, gone again by one click.

mod meetings;

use axum::extract::State;
use axum::http::StatusCode;
use dabir_http::{By, Json, Operator, Problem, Viewer};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// The API of the sample data.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_sample, add_sample, remove_sample))
}

/// Whether the sample data is there.
#[derive(Serialize, ToSchema)]
struct SampleView {
    present: bool,
    meetings: usize,
}

/// Which sample data is wanted.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SampleRequest {
    /// In which language; Persian when not given.
    #[serde(default)]
    language: Language,
}

/// In which language the samples are named.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Language {
    #[default]
    Fa,
    En,
}

/// See whether the sample data is there.
#[utoipa::path(
    get, path = "/api/v1/sample", tag = "house",
    responses(
        (status = 200, body = SampleView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn get_sample(_: Viewer, State(app): State<App>) -> Result<Json<SampleView>, Problem> {
    view(&app).await
}

/// Add the sample data, one meeting of it live; nothing when it is there already.
#[utoipa::path(
    post, path = "/api/v1/sample", tag = "house", request_body = Option<SampleRequest>,
    responses(
        (status = 200, body = SampleView, description = "It was there already"),
        (status = 201, body = SampleView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn add_sample(
    _: Operator,
    By(by): By,
    State(app): State<App>,
    request: Option<Json<SampleRequest>>,
) -> Result<(StatusCode, Json<SampleView>), Problem> {
    let Json(SampleRequest { language }) = request.unwrap_or_default();
    let zone = TimeZone::get(&app.timezone).unwrap_or(TimeZone::UTC);
    let samples = meetings::around(&app.base.clock.now().to_zoned(zone), language);
    let added = app.meetings.add_samples(&by, samples).await?;
    let status = if added {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, view(&app).await?))
}

/// Remove the sample data, and nothing else; its rooms end.
#[utoipa::path(
    delete, path = "/api/v1/sample", tag = "house",
    responses(
        (status = 204),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
async fn remove_sample(
    _: Operator,
    By(by): By,
    State(app): State<App>,
) -> Result<StatusCode, Problem> {
    app.meetings.remove_samples(&by).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn view(app: &App) -> Result<Json<SampleView>, Problem> {
    let meetings = app.meetings.samples().await?;
    Ok(Json(SampleView {
        present: meetings > 0,
        meetings,
    }))
}
