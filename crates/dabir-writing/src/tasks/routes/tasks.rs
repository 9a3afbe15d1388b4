//! List, make, look at, change, delete and restore tasks.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use dabir_http::{By, Json, PageQuery, Path, Problem, Query, Reader, Writer};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bodies::{NewTask, TaskPatch};
use super::{Body, cursor, looked_at, refuse};
use crate::people::{Doer, Named};
use crate::tasks::list::TaskQuery;
use crate::tasks::model::Task;
use crate::tasks::service::{ActivityPage, TaskDetail, TaskPage, Tasks};
use crate::tasks::store::tags::Label;

/// Every label.
#[derive(Serialize, ToSchema)]
pub(super) struct TaskLabels {
    items: Vec<Label>,
}

/// People who can be asked to do something.
#[derive(Serialize, ToSchema)]
pub(super) struct TaskPeople {
    items: Vec<Named>,
}

/// Who is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PeopleQuery {
    /// A part of a name or an address.
    #[serde(default)]
    q: String,
}

/// How many people one answer has, at most.
const PEOPLE: usize = 20;
/// The longest part of a name, in characters.
const MAX_QUESTION: usize = 200;

/// The version of a task, for `If-Match`.
type Tagged = ([(HeaderName, String); 1], Json<Task>);

fn tagged(task: Task) -> Tagged {
    let tag = format!("\"{}\"", task.version);
    ([(header::ETAG, tag)], Json(task))
}

/// List tasks.
#[utoipa::path(
    get, path = "/api/v1/tasks", tag = "tasks", params(TaskQuery),
    responses((status = 200, body = TaskPage), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn list_tasks(
    Reader(caller): Reader,
    State(tasks): State<Tasks>,
    Query(query): Query<TaskQuery>,
) -> Result<Json<TaskPage>, Problem> {
    let filter = tasks.read_query(&query, caller.user_id.as_deref())?;
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let listed = tasks.list(&filter, page.cursor.as_deref(), limit);
    Ok(Json(listed.await?))
}

/// Make a task.
#[utoipa::path(
    post, path = "/api/v1/tasks", tag = "tasks", request_body = NewTask,
    responses((status = 201, body = Task), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn create_task(
    Writer(caller): Writer,
    By(by): By,
    State(tasks): State<Tasks>,
    dabir_http::Json(body): Body,
) -> Result<(StatusCode, Tagged), Problem> {
    let made = tasks.create(&Doer::new(by, &caller), body).await?;
    Ok((StatusCode::CREATED, tagged(made)))
}

/// List the labels that tasks have.
#[utoipa::path(
    get, path = "/api/v1/tasks/labels", tag = "tasks",
    responses((status = 200, body = TaskLabels)),
)]
pub(super) async fn list_task_labels(
    _: Reader,
    State(tasks): State<Tasks>,
) -> Result<Json<TaskLabels>, Problem> {
    let items = tasks.labels().await?;
    Ok(Json(TaskLabels { items }))
}

/// Find people who can be given a task or called to one.
#[utoipa::path(
    get, path = "/api/v1/tasks/people", tag = "tasks", params(PeopleQuery),
    responses((status = 200, body = TaskPeople), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn list_task_people(
    _: Reader,
    State(tasks): State<Tasks>,
    Query(query): Query<PeopleQuery>,
) -> Result<Json<TaskPeople>, Problem> {
    let q = query.q.trim();
    if q.chars().nth(MAX_QUESTION).is_some() || q.contains('\0') {
        return Err(refuse("q", "write a part of a name"));
    }
    let items = tasks.people(q, PEOPLE).await?;
    Ok(Json(TaskPeople { items }))
}

/// Look at a task, by id or number.
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = String, Path)),
    responses((status = 200, body = TaskDetail), (status = 404, body = Problem)),
)]
pub(super) async fn get_task(
    _: Reader,
    State(tasks): State<Tasks>,
    Path(id): Path<String>,
) -> Result<([(HeaderName, String); 1], Json<TaskDetail>), Problem> {
    let detail = tasks.detail(&id).await?;
    let tag = format!("\"{}\"", detail.task.version);
    Ok(([(header::ETAG, tag)], Json(detail)))
}

/// Put a whole task in the place of what it was. What is left out is empty then; what nobody sets, such
/// as `created_at`, is passed over. With `version`, or `If-Match`, somebody else's change since then
/// refuses it.
#[utoipa::path(
    put, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = String, Path)),
    request_body = NewTask,
    responses(
        (status = 200, body = Task), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`tasks.changed`"), (status = 422, body = Problem),
    ),
)]
pub(super) async fn replace_task(
    Writer(caller): Writer,
    By(by): By,
    State(tasks): State<Tasks>,
    Path(id): Path<String>,
    headers: HeaderMap,
    dabir_http::Json(body): Body,
) -> Result<Tagged, Problem> {
    let by = Doer::new(by, &caller);
    let changed = tasks.put(&by, &id, looked_at(&headers)?, body).await?;
    Ok(tagged(changed))
}

/// Change some fields of a task.
#[utoipa::path(
    patch, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = String, Path)),
    request_body = TaskPatch,
    responses(
        (status = 200, body = Task), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`tasks.changed`"), (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_task(
    Writer(caller): Writer,
    By(by): By,
    State(tasks): State<Tasks>,
    Path(id): Path<String>,
    headers: HeaderMap,
    dabir_http::Json(body): Body,
) -> Result<Tagged, Problem> {
    let by = Doer::new(by, &caller);
    let changed = tasks.patch(&by, &id, looked_at(&headers)?, body).await?;
    Ok(tagged(changed))
}

/// Delete a task. It can be restored for 30 days.
#[utoipa::path(
    delete, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = String, Path)),
    responses(
        (status = 204), (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`tasks.changed`"), (status = 422, body = Problem),
    ),
)]
pub(super) async fn delete_task(
    Writer(caller): Writer,
    By(by): By,
    State(tasks): State<Tasks>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let by = Doer::new(by, &caller);
    tasks.delete(&by, &id, looked_at(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bring a deleted task back.
#[utoipa::path(
    post, path = "/api/v1/tasks/{id}/restore", tag = "tasks", params(("id" = String, Path)),
    responses((status = 200, body = Task), (status = 404, body = Problem)),
)]
pub(super) async fn restore_task(
    Writer(caller): Writer,
    By(by): By,
    State(tasks): State<Tasks>,
    Path(id): Path<String>,
) -> Result<Tagged, Problem> {
    let restored = tasks.restore(&Doer::new(by, &caller), &id).await?;
    Ok(tagged(restored))
}

/// Look at what became of a task: who changed what, from what to what. The newest comes first.
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}/activity", tag = "tasks", params(("id" = String, Path), PageQuery),
    responses(
        (status = 200, body = ActivityPage), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn list_task_activity(
    _: Reader,
    State(tasks): State<Tasks>,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<Json<ActivityPage>, Problem> {
    let before = cursor(page.cursor.as_deref())?;
    Ok(Json(tasks.activity(&id, before, page.limit()?).await?))
}
