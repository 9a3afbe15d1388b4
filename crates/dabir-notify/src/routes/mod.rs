//! Telling others over HTTP: `/api/v1/webhooks` and `/notifications`.

mod deliveries;
mod inbox;
mod mail;
mod webhooks;

use dabir_http::{FieldError, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::service::Notify;

/// The API of telling others.
pub fn routes() -> OpenApiRouter<Notify> {
    OpenApiRouter::new()
        .routes(routes!(webhooks::list_webhooks, webhooks::create_webhook))
        .routes(routes!(webhooks::list_webhook_events))
        .routes(routes!(
            webhooks::get_webhook,
            webhooks::change_webhook,
            webhooks::delete_webhook
        ))
        .routes(routes!(webhooks::rotate_webhook_secret))
        .routes(routes!(webhooks::test_webhook))
        .routes(routes!(deliveries::list_webhook_deliveries))
        .routes(routes!(deliveries::get_webhook_delivery))
        .routes(routes!(deliveries::redeliver_webhook_delivery))
        .routes(routes!(deliveries::skip_webhook_delivery))
        .routes(routes!(mail::test_mail))
        .routes(routes!(inbox::list_notifications))
        .routes(routes!(inbox::count_notifications))
        .routes(routes!(inbox::see_notifications))
        .routes(routes!(inbox::snooze_notification))
        .routes(routes!(inbox::delete_notification))
        .routes(routes!(
            inbox::get_notification_choices,
            inbox::change_notification_choices
        ))
}

/// A cursor that is no `next_cursor` of ours.
fn wrong_cursor() -> Problem {
    let field = "cursor".to_owned();
    let detail = "write `next_cursor` of the page before".to_owned();
    Problem::invalid("request.query", vec![FieldError { field, detail }])
}
