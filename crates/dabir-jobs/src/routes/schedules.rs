//! Schedules: jobs that are made again and again.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_core::Clock;
use dabir_http::{By, Json, Operator, Path, Problem, Viewer};
use serde::Serialize;
use utoipa::ToSchema;

use super::JobsApi;
use crate::schedule::{SchedulePatch, ScheduleView};

/// Every schedule.
#[derive(Serialize, ToSchema)]
pub(super) struct Schedules {
    items: Vec<ScheduleView>,
}

/// The job that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct Fired {
    job_id: i64,
    /// `false`: the one before it still waits or runs, and is enough.
    is_new: bool,
}

impl JobsApi {
    fn clock(&self) -> &Clock {
        &self.jobs.shared.clock
    }
}

/// List schedules with their next five times.
#[utoipa::path(
    get, path = "/api/v1/schedules", tag = "jobs",
    responses((status = 200, body = Schedules)),
)]
pub(super) async fn list_schedules(
    _: Viewer,
    State(api): State<JobsApi>,
) -> Result<Json<Schedules>, Problem> {
    let now = api.clock().now();
    let all = api.jobs.schedules().await?;
    let items = all.into_iter().map(|schedule| schedule.view(now)).collect();
    Ok(Json(Schedules { items }))
}

/// Change when a schedule fires, or switch it on or off.
#[utoipa::path(
    patch, path = "/api/v1/schedules/{name}", tag = "jobs", params(("name" = String, Path)),
    request_body = SchedulePatch,
    responses(
        (status = 200, body = ScheduleView), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_schedule(
    _: Operator,
    By(by): By,
    State(api): State<JobsApi>,
    Path(name): Path<String>,
    Json(patch): Json<SchedulePatch>,
) -> Result<Json<ScheduleView>, Problem> {
    let changed = api.jobs.patch_schedule(&by, &name, patch).await?;
    Ok(Json(changed.view(api.clock().now())))
}

/// Make a schedule's job now, beside its times.
#[utoipa::path(
    post, path = "/api/v1/schedules/{name}/fire", tag = "jobs", params(("name" = String, Path)),
    responses((status = 202, body = Fired), (status = 400, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn fire_schedule(
    _: Operator,
    By(by): By,
    State(api): State<JobsApi>,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<Fired>), Problem> {
    let made = api.jobs.fire_schedule(&by, &name).await?;
    let fired = Fired {
        job_id: made.id,
        is_new: made.is_new,
    };
    Ok((StatusCode::ACCEPTED, Json(fired)))
}
