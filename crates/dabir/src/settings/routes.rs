//! `/api/v1/settings`.

use axum::extract::State;
use dabir_http::{Admin, By, Json, Problem, Viewer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes as paths;

use super::model::{SettingChanges, SettingList};
use super::service::Settings;

pub(crate) fn routes() -> OpenApiRouter<Settings> {
    OpenApiRouter::new().routes(paths!(list_settings, change_settings))
}

/// See every setting, what holds, and who says so.
#[utoipa::path(
    get, path = "/api/v1/settings", tag = "settings",
    responses((status = 200, body = SettingList), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
async fn list_settings(_: Viewer, State(settings): State<Settings>) -> Json<SettingList> {
    Json(SettingList {
        items: settings.list(),
    })
}

/// Change settings, all or none; see those that were named.
#[utoipa::path(
    patch, path = "/api/v1/settings", tag = "settings", request_body = SettingChanges,
    responses(
        (status = 200, body = SettingList),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, body = Problem, description = "Each key that may not be changed, or not so"),
    ),
)]
async fn change_settings(
    _: Admin,
    By(by): By,
    State(settings): State<Settings>,
    Json(body): Json<SettingChanges>,
) -> Result<Json<SettingList>, Problem> {
    let items = settings.change(&by, body.changes).await?;
    Ok(Json(SettingList { items }))
}
