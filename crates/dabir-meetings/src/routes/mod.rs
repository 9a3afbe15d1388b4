//! Meetings over HTTP: `/api/v1/meetings`, and the rooms themselves below `/rooms/{id}/`.

mod meetings;
mod logs;
mod proxy;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Meetings;

/// The API of meetings.
pub fn routes() -> OpenApiRouter<Meetings> {
    OpenApiRouter::new()
        .routes(routes!(meetings::list_meetings, meetings::create_meeting))
        .routes(routes!(meetings::plan_meetings))
        .routes(routes!(meetings::refresh_meetings))
        .routes(routes!(
            meetings::get_meeting,
            meetings::change_meeting,
            meetings::delete_meeting
        ))
        .routes(routes!(meetings::start_meeting))
        .routes(routes!(meetings::stop_meeting))
        .routes(routes!(meetings::extend_meeting))
        .routes(routes!(meetings::join_meeting))
        .routes(routes!(meetings::list_participants))
        .routes(routes!(meetings::list_attendance))
        .routes(routes!(logs::read_meeting_log))
}

/// The rooms on the main port.
pub fn rooms() -> axum::Router<Meetings> {
    proxy::routes()
}
