//! Look at what was sent to a webhook, send it again, give it up.

use axum::extract::State;
use dabir_core::Page;
use dabir_http::{By, Json, Operator, PageQuery, Path, Problem, Query, Viewer};
use serde::Serialize;
use utoipa::ToSchema;

use super::wrong_cursor;
use crate::model::{Delivery, DeliveryDetail, DeliveryFilter};
use crate::service::Notify;

/// One page of deliveries.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDeliveryPage)]
pub(super) struct DeliveryPage {
    items: Vec<Delivery>,
    /// Pass this as `cursor` for the next page; `null` on the last one.
    next_cursor: Option<String>,
}

/// List what was sent to a webhook and what waits, the newest first.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path), DeliveryFilter, PageQuery),
    responses(
        (status = 200, body = DeliveryPage), (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
pub(super) async fn list_webhook_deliveries(
    _: Viewer,
    State(notify): State<Notify>,
    Path(id): Path<String>,
    Query(filter): Query<DeliveryFilter>,
    Query(page): Query<PageQuery>,
) -> Result<Json<DeliveryPage>, Problem> {
    let before = page.cursor.as_deref().map(str::parse).transpose();
    let before = before.map_err(|_| wrong_cursor())?;
    let limit = page.limit()?;
    let Page { items, next_cursor } = notify.list_deliveries(&id, &filter, before, limit).await?;
    Ok(Json(DeliveryPage { items, next_cursor }))
}

/// Look at one delivery: what was sent, and what came back each time.
#[utoipa::path(
    get, path = "/api/v1/webhooks/{id}/deliveries/{delivery_id}", tag = "webhooks",
    params(("id" = String, Path), ("delivery_id" = i64, Path)),
    responses((status = 200, body = DeliveryDetail), (status = 404, body = Problem)),
)]
pub(super) async fn get_webhook_delivery(
    _: Viewer,
    State(notify): State<Notify>,
    Path((id, delivery)): Path<(String, i64)>,
) -> Result<Json<DeliveryDetail>, Problem> {
    Ok(Json(notify.get_delivery(&id, delivery).await?))
}

/// Send something again, with the same id: behind what waits. What waits itself is tried at once.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/deliveries/{delivery_id}/redeliver", tag = "webhooks",
    params(("id" = String, Path), ("delivery_id" = i64, Path)),
    responses(
        (status = 200, body = DeliveryDetail), (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
pub(super) async fn redeliver_webhook_delivery(
    _: Operator,
    By(by): By,
    State(notify): State<Notify>,
    Path((id, delivery)): Path<(String, i64)>,
) -> Result<Json<DeliveryDetail>, Problem> {
    Ok(Json(notify.redeliver(&by, &id, delivery).await?))
}

/// Give up what waits, so that those behind it go on.
#[utoipa::path(
    post, path = "/api/v1/webhooks/{id}/deliveries/{delivery_id}/skip", tag = "webhooks",
    params(("id" = String, Path), ("delivery_id" = i64, Path)),
    responses(
        (status = 200, body = DeliveryDetail), (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
pub(super) async fn skip_webhook_delivery(
    _: Operator,
    By(by): By,
    State(notify): State<Notify>,
    Path((id, delivery)): Path<(String, i64)>,
) -> Result<Json<DeliveryDetail>, Problem> {
    Ok(Json(notify.skip_delivery(&by, &id, delivery).await?))
}
