//! Files and uploads over HTTP.

mod tus;
mod files;
mod content;

use axum::extract::DefaultBodyLimit;
use axum::middleware;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::Files;

/// The API of files and of uploads.
pub fn routes() -> OpenApiRouter<Files> {
    let tus = OpenApiRouter::new()
        .routes(routes!(tus::create_upload, tus::describe_uploads))
        .routes(routes!(
            tus::get_upload,
            tus::append_to_upload,
            tus::delete_upload
        ))
        .layer(middleware::map_response(tus::versioned));
    OpenApiRouter::new()
        .routes(routes!(files::list_files, files::upload_files))
        .routes(routes!(files::change_files))
        .routes(routes!(
            files::get_file,
            files::rename_file,
            files::delete_file
        ))
        .routes(routes!(files::restore_file))
        .routes(routes!(files::analyse_file))
        .routes(routes!(files::get_analysis))
        .routes(routes!(files::get_text))
        .routes(routes!(files::list_duplicates))
        .routes(routes!(files::list_attachments, files::attach_file))
        .routes(routes!(files::detach_file))
        .routes(routes!(content::download_file))
        .routes(routes!(content::get_thumbnail))
        .merge(tus)
        // What comes is counted while it comes, against the quota.
        .layer(DefaultBodyLimit::disable())
}
