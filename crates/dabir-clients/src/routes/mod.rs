//! Clients over HTTP: `/api/v1/clients`.

mod analytics;
mod assignments;
mod bulk;
mod clients;
mod import;
mod list;
mod live;
mod orders;
mod photo;
mod problems;

use axum::extract::DefaultBodyLimit;
use dabir_http::{FieldError, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::mirror::Mirrors;
use crate::model::Refused;
use crate::name::Username;
use crate::service::Clients;

/// The largest body of an order about many, in bytes.
const MAX_BULK: usize = 8 << 20;
/// The largest file of clients.
const MAX_IMPORT: usize = 32 << 20;

/// The API of clients.
pub fn routes() -> OpenApiRouter<Clients> {
    let bulk = OpenApiRouter::new()
        .routes(routes!(bulk::order_many_clients))
        .layer(DefaultBodyLimit::max(MAX_BULK));
    let import = OpenApiRouter::new()
        .routes(routes!(import::import_clients))
        .layer(DefaultBodyLimit::max(MAX_IMPORT));
    OpenApiRouter::new()
        .routes(routes!(list::list_clients, clients::create_client))
        .routes(routes!(clients::get_clients_status))
        .routes(routes!(analytics::get_client_analytics))
        .routes(routes!(assignments::get_client_assignments))
        .routes(routes!(assignments::assign_client))
        .routes(routes!(assignments::unassign_client))
        .routes(routes!(assignments::set_client_capacity))
        .routes(routes!(live::stream_clients))
        .routes(routes!(live::follow_clients))
        .merge(bulk)
        .merge(import)
        .routes(routes!(
            clients::get_client,
            clients::change_client,
            clients::delete_client
        ))
        .routes(routes!(clients::list_client_events))
        .routes(routes!(photo::get_client_photo))
        .routes(routes!(orders::pause_client))
        .routes(routes!(orders::resume_client))
        .routes(routes!(orders::block_client))
        .routes(routes!(orders::unblock_client))
        .routes(routes!(orders::disconnect_client))
}

/// The API of what other programs and we do not say the same about.
pub fn problems() -> OpenApiRouter<Mirrors> {
    OpenApiRouter::new().routes(routes!(problems::list_client_problems))
}

/// The name in a path: one that is none names nobody.
fn named(name: &str) -> Result<Username, Problem> {
    let unknown = |error| {
        let detail = format!("`{}`: {error}", dabir_core::text::one_line(name));
        Problem::not_found("clients.not_found", detail)
    };
    name.parse().map_err(unknown)
}

/// A name in a body.
fn username(field: &'static str, name: &str) -> Result<Username, Refused> {
    name.parse().map_err(|error: crate::name::NameError| {
        let why = error.to_string();
        Refused::Invalid { field, why }
    })
}

/// One field of the query that is not allowed.
fn refuse(field: &str, detail: &str) -> Problem {
    let (field, detail) = (field.to_owned(), detail.to_owned());
    Problem::invalid("request.query", vec![FieldError { field, detail }])
}
