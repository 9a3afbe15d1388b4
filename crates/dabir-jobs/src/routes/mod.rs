//! Jobs over HTTP: `/api/v1/jobs`, `/queues`, `/workers` and `/schedules`.

mod jobs;
mod queues;
mod schedules;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::kind::Handlers;
use crate::service::Jobs;

/// What the routes need.
#[derive(Clone, Debug)]
pub struct JobsApi {
    pub jobs: Jobs,
    /// Edited arguments are checked against the kinds that this program knows.
    pub handlers: Handlers,
}

/// The API of jobs.
pub fn routes() -> OpenApiRouter<JobsApi> {
    OpenApiRouter::new()
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(jobs::retry_jobs))
        .routes(routes!(jobs::cancel_jobs))
        .routes(routes!(jobs::get_job))
        .routes(routes!(jobs::read_job_log))
        .routes(routes!(jobs::retry_job))
        .routes(routes!(jobs::cancel_job))
        .routes(routes!(queues::list_queues))
        .routes(routes!(queues::change_queue))
        .routes(routes!(queues::list_workers))
        .routes(routes!(schedules::list_schedules))
        .routes(routes!(schedules::change_schedule))
        .routes(routes!(schedules::fire_schedule))
}
