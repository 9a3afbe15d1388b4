//! The university's people: faculty and students.

use axum::extract::State;
use dabir_core::Page;
use dabir_http::{Json, PageQuery, Path, Problem, Query, Viewer};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::model::Change;
use crate::service::{People, Person, Syncs};

const FACULTY: &str = "faculty";
const STUDENTS: &str = "students";

/// One page of people.
#[derive(Serialize, ToSchema)]
#[schema(as = DirectoryPage)]
pub(super) struct PersonPage {
    items: Vec<Person>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// A person and what changed about them.
#[derive(Serialize, ToSchema)]
#[schema(as = DirectoryDetail)]
pub(super) struct PersonDetail {
    #[serde(flatten)]
    person: Person,
    /// As far as runs kept it, the newest first.
    history: Vec<Change>,
}

/// Whom to look for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// Parts of names and numbers, however they are spelt.
    search: Option<String>,
    /// Also those who are gone at the source.
    #[serde(default)]
    gone: bool,
}

async fn list(
    syncs: &Syncs,
    source: &str,
    page: PageQuery,
    search: Search,
) -> Result<Json<PersonPage>, Problem> {
    let limit = page.limit()?;
    let which = People {
        search: search.search,
        gone: search.gone,
        after: page.cursor,
        since: None,
    };
    let Page { items, next_cursor } = syncs.people(source, &which, limit).await?;
    Ok(Json(PersonPage { items, next_cursor }))
}

async fn get(syncs: &Syncs, source: &str, key: &str) -> Result<Json<PersonDetail>, Problem> {
    let (person, history) = syncs.person(source, key).await?;
    Ok(Json(PersonDetail { person, history }))
}

/// Search the faculty.
#[utoipa::path(
    get, path = "/api/v1/directory/faculty", tag = "sync", params(PageQuery, Search),
    responses((status = 200, body = PersonPage), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn list_faculty(
    _: Viewer,
    State(syncs): State<Syncs>,
    Query(page): Query<PageQuery>,
    Query(search): Query<Search>,
) -> Result<Json<PersonPage>, Problem> {
    list(&syncs, FACULTY, page, search).await
}

/// Look at a member of the faculty.
#[utoipa::path(
    get, path = "/api/v1/directory/faculty/{key}", tag = "sync", params(("key" = String, Path)),
    responses((status = 200, body = PersonDetail), (status = 404, body = Problem)),
)]
pub(super) async fn get_faculty_member(
    _: Viewer,
    State(syncs): State<Syncs>,
    Path(key): Path<String>,
) -> Result<Json<PersonDetail>, Problem> {
    get(&syncs, FACULTY, &key).await
}

/// Search the students.
#[utoipa::path(
    get, path = "/api/v1/directory/students", tag = "sync", params(PageQuery, Search),
    responses((status = 200, body = PersonPage), (status = 400, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn list_students(
    _: Viewer,
    State(syncs): State<Syncs>,
    Query(page): Query<PageQuery>,
    Query(search): Query<Search>,
) -> Result<Json<PersonPage>, Problem> {
    list(&syncs, STUDENTS, page, search).await
}

/// Look at a student.
#[utoipa::path(
    get, path = "/api/v1/directory/students/{key}", tag = "sync", params(("key" = String, Path)),
    responses((status = 200, body = PersonDetail), (status = 404, body = Problem)),
)]
pub(super) async fn get_student(
    _: Viewer,
    State(syncs): State<Syncs>,
    Path(key): Path<String>,
) -> Result<Json<PersonDetail>, Problem> {
    get(&syncs, STUDENTS, &key).await
}
