//! Clients from a file that somebody sends.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use dabir_http::{By, FieldError, Json, Operator, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::import::{Row, Unreadable, read_csv, read_json};
use crate::model::Source;
use crate::service::{Clients, Imported};

/// Whether to look first.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportQuery {
    /// Only tells what would change.
    #[serde(default)]
    preview: bool,
}

/// Clients as JSON. CSV has the columns `username`, `name`, `room` and `pipeline`, of which only the
/// first is needed.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientImportFile)]
pub(super) struct ImportFile {
    clients: Vec<ImportFileItem>,
}

/// A username alone, or more about a client.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ClientImportItem)]
#[expect(dead_code, reason = "it only describes what is read")]
pub(super) enum ImportFileItem {
    Name(String),
    Client(ImportFileClient),
}

/// A client; what is not given stays as it is.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientImportClient)]
pub(super) struct ImportFileClient {
    username: String,
    name: Option<String>,
    room: Option<String>,
    pipeline: Option<String>,
}

/// Make and change clients from a file, CSV or JSON, or look at what that would change.
#[utoipa::path(
    post, path = "/api/v1/clients/import", tag = "clients", params(ImportQuery),
    request_body(content((ImportFile = "application/json"), (String = "text/csv"))),
    responses(
        (status = 200, body = Imported), (status = 400, body = Problem),
        (status = 415, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn import_clients(
    _: Operator,
    By(by): By,
    State(clients): State<Clients>,
    Query(query): Query<ImportQuery>,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Json<Imported>, Problem> {
    let body = body?;
    let read = tokio::task::spawn_blocking(move || read(&headers, &body));
    let rows = read.await.map_err(|error| Problem::internal(&error))??;
    let imported = clients.import(&by, rows, Source::Import, query.preview);
    Ok(Json(imported.await?))
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Row>, Problem> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim() {
        "application/json" => read_json(body).map_err(refuse),
        "text/csv" => read_csv(body).map_err(refuse),
        _ => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "request.content_type",
            "send `text/csv` or `application/json`",
        )),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "`map_err` hands the error over"
)]
fn refuse(unreadable: Unreadable) -> Problem {
    let field = "file".to_owned();
    let detail = unreadable.to_string();
    Problem::invalid("clients.import", vec![FieldError { field, detail }])
}
