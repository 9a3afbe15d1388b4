//! List, make, change, remove and try out webhooks.

use axum::extract::State;
use axum::http::StatusCode;
use dabir_http::{By, Json, Operator, Path, Problem, Viewer};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::{self, EventView};
use crate::model::{DeliveryDetail, Made, NewWebhook, Webhook, WebhookPatch};
use crate::service::Notify;

/// Every webhook.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookList {
    items: Vec<Webhook>,
    /// Always `null`: they fit on one page.
    next_cursor: Option<String>,
}

/// Every event.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookEventList {
    items: Vec<EventView>,
    /// Always `null`: they fit on one page.
    next_cursor: Option<String>,
}

/// What a webhook is tried out with.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = WebhookTest)]
pub(super) struct Test {
    /// Whose example is sent; `webhook.test` when it is left out.
    event: Option<String>,
}

/// List webhooks, without their secrets.
#[utoipa::path(
    get, path = "/api/v1/webhooks", tag = "webhooks",
    responses((status = 200, body = WebhookList)),
)]
pub(super) async fn list_webhooks(
    _: Viewer,
    State(notify): State<Notify>,
) -> Result<Json<WebhookList>, Problem> {
    Ok(Json(WebhookList {
        items: notify.list_webhooks().await?,
        next_cursor: None,
    }))
}

/// Make a webhook; the answer has its secret, this once.
#[utoipa::path(
    post, path = "/api/v1/webhooks", tag = "webhooks", request_body = NewWebhook,
    responses(
        (status = 201, body = Made), (status = 400, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn create_webhook(
    _: Operator,
    By(by): By,
    State(notify): State<Notify>,
    Json(new): Json<NewWebhook>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let made = notify.create_webhook(&by, new).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// List the events that webhooks can ask for, each with an example of what is sent.
#[utoipa::path(
    get, path = "/api/v1/webhooks/events", tag = "webhooks",
    responses((status = 200, body = WebhookEventList)),
)]
pub(super) async fn list_webhook_events(_: Viewer) -> Json<WebhookEventList> {
    Json(WebhookEventList {
        items: catalogue::list(),
        next_cursor: None,
    })
}

/// Look at one webhook, without its secret.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, body = Webhook), (status = 404, body = Problem)),
)]
pub(super) async fn get_webhook(
    _: Viewer,
    State(notify): State<Notify>,
    Path(id): Path<String>,
) -> Result<Json<Webhook>, Problem> {
    Ok(Json(notify.get_webhook(&id).await?))
}

/// Change a webhook. `on` sends all that waits, the oldest first; `paused` lets it wait; `off` gives it up.
#[utoipa::path(
    patch, path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = String, Path)),
    request_body = WebhookPatch,
    responses(
        (status = 200, body = Webhook), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn change_webhook(
    _: Operator,
    By(by): By,
    State(notify): State<Notify>,
    Path(id): Path<String>,
    Json(patch): Json<WebhookPatch>,
) -> Result<Json<Webhook>, Problem> {
    Ok(Json(notify.patch_webhook(&by, &id, patch).await?))
}

/// Remove a webhook, with all that was sent to it and what waits.
#[utoipa::path(
    delete, path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
pub(super) async fn delete_webhook(
    _: Operator,
    By(by): By,
    State(notify): State<Notify>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    notify.delete_webhook(&by, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give a webhook a new secret; for a day, the last one signs as well.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/secret", tag = "webhooks", params(("id" = String, Path)),
    responses((status = 200, body = Made), (status = 404, body = Problem)),
)]
pub(super) async fn rotate_webhook_secret(
    _: Operator,
    By(by): By,
    State(notify): State<Notify>,
    Path(id): Path<String>,
) -> Result<Json<Made>, Problem> {
    Ok(Json(notify.rotate_secret(&by, &id).await?))
}

/// Send an example at once, and see what comes back.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/test", tag = "webhooks", params(("id" = String, Path)),
    request_body = Option<Test>,
    responses(
        (status = 200, body = DeliveryDetail), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn test_webhook(
    _: Operator,
    By(by): By,
    State(notify): State<Notify>,
    Path(id): Path<String>,
    body: Option<Json<Test>>,
) -> Result<Json<DeliveryDetail>, Problem> {
    let Json(test) = body.unwrap_or_default();
    let tested = notify.test_webhook(&by, &id, test.event.as_deref()).await?;
    Ok(Json(tested))
}
