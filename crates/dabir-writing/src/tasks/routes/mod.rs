//! Tasks over HTTP: `/api/v1/tasks`.

mod bodies;
mod tasks;
mod board;
mod comments;

use axum::http::{HeaderMap, header};
use dabir_http::{FieldError, Problem};
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes as paths;

use super::service::Tasks;

/// The body of a request; the service reads its fields.
type Body = dabir_http::Json<Map<String, Value>>;

/// The API of tasks.
pub fn routes() -> OpenApiRouter<Tasks> {
    OpenApiRouter::new()
        .routes(paths!(tasks::list_tasks, tasks::create_task))
        .routes(paths!(tasks::list_task_labels))
        .routes(paths!(tasks::list_task_people))
        .routes(paths!(board::change_many_tasks))
        .routes(paths!(
            tasks::get_task,
            tasks::replace_task,
            tasks::change_task,
            tasks::delete_task
        ))
        .routes(paths!(tasks::restore_task))
        .routes(paths!(board::move_task))
        .routes(paths!(tasks::list_task_activity))
        .routes(paths!(
            comments::list_task_comments,
            comments::create_task_comment
        ))
        .routes(paths!(
            comments::change_task_comment,
            comments::delete_task_comment
        ))
}

/// The version that `If-Match` names; `None` when any will do.
fn looked_at(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let bare = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
    let detail = "write the `ETag` of the task that was looked at";
    let version = bare.parse().map(Some);
    version.map_err(|_| refuse("If-Match", detail))
}

/// A cursor that is a number.
fn cursor(text: Option<&str>) -> Result<Option<i64>, Problem> {
    let read = text.map(str::parse).transpose();
    read.map_err(|_| refuse("cursor", "write `next_cursor` of the page before"))
}

fn refuse(field: &str, detail: &str) -> Problem {
    let (field, detail) = (field.to_owned(), detail.to_owned());
    Problem::invalid("tasks.invalid", vec![FieldError { field, detail }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_in_each_of_its_forms() {
        let read = |text: &str| {
            let headers = [(header::IF_MATCH, text.parse().unwrap())];
            looked_at(&headers.into_iter().collect())
        };
        for text in ["3", "\"3\"", "W/\"3\""] {
            assert_eq!(read(text).unwrap(), Some(3));
        }
        assert_eq!(read("*").unwrap(), None);
        for text in ["", "three", "\"3\", \"4\""] {
            assert_eq!(read(text).unwrap_err().status, 422, "{text}");
        }
    }
}
