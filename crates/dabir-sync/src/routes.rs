//! Sync over HTTP: `/api/v1/sources`, `/runs` and `/directory`.

mod directory;
mod quarantine;
mod runs;
mod sources;

use dabir_http::{FieldError, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::Syncs;

/// The API of sync.
pub fn routes() -> OpenApiRouter<Syncs> {
    OpenApiRouter::new()
        .routes(routes!(sources::list_sources, sources::create_source))
        .routes(routes!(
            sources::get_source,
            sources::change_source,
            sources::delete_source
        ))
        .routes(routes!(sources::sync_source))
        .routes(routes!(sources::test_source))
        .routes(routes!(runs::list_runs))
        .routes(routes!(
            quarantine::list_quarantined,
            quarantine::discard_quarantined
        ))
        .routes(routes!(quarantine::replay_quarantined))
        .routes(routes!(runs::get_run))
        .routes(routes!(runs::list_run_changes))
        .routes(routes!(runs::cancel_run))
        .routes(routes!(runs::retry_run))
        .routes(routes!(runs::accept_run))
        .routes(routes!(directory::list_faculty))
        .routes(routes!(directory::get_faculty_member))
        .routes(routes!(directory::list_students))
        .routes(routes!(directory::get_student))
}

/// The number that a page of a list of ours begins after.
fn cursor(text: Option<&str>) -> Result<Option<i64>, Problem> {
    text.map(str::parse).transpose().map_err(|_| {
        let field = "cursor".to_owned();
        let detail = "write `next_cursor` of the page before".to_owned();
        Problem::invalid("request.query", vec![FieldError { field, detail }])
    })
}
