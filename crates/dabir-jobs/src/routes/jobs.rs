//! List jobs, look at one, try them again and end them.

use axum::extract::State;
use dabir_http::{By, FieldError, Json, Operator, PageQuery, Path, Problem, Query, Viewer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::JobsApi;
use crate::model::{Attempt, Job, JobFilter, JobState, LogLine, states};
use crate::service::JobCount;

/// One page of jobs.
#[derive(Serialize, ToSchema)]
pub(super) struct JobPage {
    items: Vec<Job>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
    /// How many the filter finds, on all pages.
    total: u64,
}

/// A job, and how its attempts ended.
#[derive(Serialize, ToSchema)]
pub(super) struct JobDetail {
    #[serde(flatten)]
    job: Job,
    /// The attempts that did not end well, the newest first.
    failed_attempts: Vec<Attempt>,
}

/// Lines of a job's log.
#[derive(Serialize, ToSchema)]
pub(super) struct JobLog {
    items: Vec<LogLine>,
}

/// Which lines are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LogQuery {
    /// The `id` of the last line that is known; without it the newest lines come.
    after: Option<i64>,
}

/// How many lines one answer has, at most.
const LINES: u32 = 1_000;

/// With what a job is tried again.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Retry {
    /// Other arguments in place of the job's own.
    #[schema(value_type = Option<Object>)]
    args: Option<Value>,
}

/// Which jobs an order is for: all that fit everything that is given.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// One of these states; several have commas between them.
    #[serde(default, deserialize_with = "states")]
    #[schema(value_type = Option<String>)]
    state: Vec<JobState>,
    kind: Option<String>,
    queue: Option<String>,
    /// Part of the arguments, the unique key or the error.
    search: Option<String>,
}

impl From<Which> for JobFilter {
    fn from(which: Which) -> Self {
        Self {
            state: which.state,
            kind: which.kind,
            queue: which.queue,
            search: which.search,
        }
    }
}

/// List jobs, the newest first.
#[utoipa::path(
    get, path = "/api/v1/jobs", tag = "jobs", params(PageQuery, JobFilter),
    responses((status = 200, body = JobPage), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn list_jobs(
    _: Viewer,
    State(api): State<JobsApi>,
    Query(page): Query<PageQuery>,
    Query(filter): Query<JobFilter>,
) -> Result<Json<JobPage>, Problem> {
    let limit = page.limit()?;
    let before = page.cursor.as_deref().map(cursor).transpose()?;
    let total = api.jobs.count(&filter).await?;
    let page = api.jobs.list(&filter, before, limit).await?;
    Ok(Json(JobPage {
        items: page.items,
        next_cursor: page.next_cursor,
        total,
    }))
}

fn cursor(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| {
        let field = "cursor".to_owned();
        let detail = "write `next_cursor` of the page before".to_owned();
        Problem::invalid("request.query", vec![FieldError { field, detail }])
    })
}

/// Look at one job.
#[utoipa::path(
    get, path = "/api/v1/jobs/{id}", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = JobDetail), (status = 400, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn get_job(
    _: Viewer,
    State(api): State<JobsApi>,
    Path(id): Path<i64>,
) -> Result<Json<JobDetail>, Problem> {
    let job = api.jobs.get(id).await?;
    let failed_attempts = api.jobs.attempts(id).await?;
    Ok(Json(JobDetail {
        job,
        failed_attempts,
    }))
}

/// Read a job's log: the newest 1,000 lines, or the next 1,000 after a known one; the oldest first.
#[utoipa::path(
    get, path = "/api/v1/jobs/{id}/log", tag = "jobs", params(("id" = i64, Path), LogQuery),
    responses((status = 200, body = JobLog), (status = 400, body = Problem), (status = 404, body = Problem)),
)]
pub(super) async fn read_job_log(
    _: Viewer,
    State(api): State<JobsApi>,
    Path(id): Path<i64>,
    Query(query): Query<LogQuery>,
) -> Result<Json<JobLog>, Problem> {
    api.jobs.get(id).await?;
    let items = api.jobs.log(id, query.after, LINES).await?;
    Ok(Json(JobLog { items }))
}

/// Try an ended job again, with its own or with other arguments.
#[utoipa::path(
    post, path = "/api/v1/jobs/{id}/retry", tag = "jobs", params(("id" = i64, Path)),
    request_body = Option<Retry>,
    responses(
        (status = 200, body = Job), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn retry_job(
    _: Operator,
    By(by): By,
    State(api): State<JobsApi>,
    Path(id): Path<i64>,
    retry: Option<Json<Retry>>,
) -> Result<Json<Job>, Problem> {
    let args = retry.and_then(|Json(retry)| retry.args);
    if let Some(args) = &args {
        let job = api.jobs.get(id).await?;
        api.handlers.check(&job.kind, args)?;
    }
    Ok(Json(api.jobs.retry(&by, id, args).await?))
}

/// End a job: at once when it waits, as soon as its code hears of it when it runs.
#[utoipa::path(
    post, path = "/api/v1/jobs/{id}/cancel", tag = "jobs", params(("id" = i64, Path)),
    responses(
        (status = 200, body = Job), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
pub(super) async fn cancel_job(
    _: Operator,
    By(by): By,
    State(api): State<JobsApi>,
    Path(id): Path<i64>,
) -> Result<Json<Job>, Problem> {
    Ok(Json(api.jobs.cancel(&by, id).await?))
}

/// Try every job again that fits and has failed, was cancelled or set aside.
#[utoipa::path(
    post, path = "/api/v1/jobs/retry", tag = "jobs", request_body = Which,
    responses((status = 200, body = JobCount), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn retry_jobs(
    _: Operator,
    By(by): By,
    State(api): State<JobsApi>,
    Json(which): Json<Which>,
) -> Result<Json<JobCount>, Problem> {
    Ok(Json(api.jobs.retry_all(&by, &which.into()).await?))
}

/// End every job that fits and waits or runs.
#[utoipa::path(
    post, path = "/api/v1/jobs/cancel", tag = "jobs", request_body = Which,
    responses((status = 200, body = JobCount), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn cancel_jobs(
    _: Operator,
    By(by): By,
    State(api): State<JobsApi>,
    Json(which): Json<Which>,
) -> Result<Json<JobCount>, Problem> {
    Ok(Json(api.jobs.cancel_all(&by, &which.into()).await?))
}
