//! What was sent to webhooks: looking at it, trying a webhook out, sending again, giving up.

use dabir_core::{Actor, Page};
use dabir_db::audit;
use serde_json::json;

use super::Notify;
use super::relay::message_id;
use super::send::Message;
use super::webhooks::{bare, change};
use crate::catalogue::{EventType, TEST, matches};
use crate::error::NotifyError;
use crate::model::{
    Delivery, DeliveryDetail, DeliveryFilter, DeliveryState, Webhook, WebhookState,
};
use crate::store::{deliveries, webhooks};

impl Notify {
    /// What was sent to a webhook and waits for it, the newest first.
    ///
    /// # Errors
    /// When there is no such webhook.
    pub async fn list_deliveries(
        &self,
        id: &str,
        filter: &DeliveryFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Page<Delivery>, NotifyError> {
        let db = self.db().read();
        bare(db, id).await?;
        let rows = deliveries::list(db, id, filter, before, limit).await?;
        Ok(Page::cut(rows, limit, |delivery| delivery.id.to_string()))
    }

    /// # Errors
    /// When there is none with this id.
    pub async fn get_delivery(
        &self,
        id: &str,
        delivery: i64,
    ) -> Result<DeliveryDetail, NotifyError> {
        let db = self.db().read();
        let found = deliveries::find(db, id, delivery).await?;
        let (delivery, body) = found.ok_or(NotifyError::NotFound("delivery"))?;
        let log = deliveries::attempts(db, delivery.id).await?;
        Ok(DeliveryDetail {
            delivery,
            body,
            log,
        })
    }

    /// Sends a webhook the example of an event, at once and outside of the line, whatever its state.
    /// When it gets through, the head of the line is tried too.
    ///
    /// # Errors
    /// When there is no such webhook or event.
    pub async fn test_webhook(
        &self,
        by: &Actor,
        id: &str,
        event: Option<&str>,
    ) -> Result<DeliveryDetail, NotifyError> {
        let found = webhooks::find_to_send(self.db().read(), id).await?;
        let (webhook, seals) = found.ok_or(NotifyError::NotFound("webhook"))?;
        let event = example_for(&webhook, event)?;
        let secrets = self.secrets(id, seals).ok_or(NotifyError::Sealed)?;
        let now = self.now();
        let message_id = message_id();
        let body = json!({ "type": event.name, "timestamp": now, "data": event.data() });
        let body = body.to_string();
        let new = deliveries::New {
            webhook_id: id,
            position: 0,
            message_id: message_id.clone(),
            event: event.name,
            subject: "",
            body: &body,
            is_test: true,
        };
        let tx = self.db().write().await?;
        let delivery = deliveries::insert_test(&tx, new, now).await?;
        let change = change("webhook.test", &webhook, None, None);
        audit::append(&tx, now, by, vec![change]).await?;
        tx.commit().await?;
        let message = Message {
            url: &webhook.url,
            id: &message_id,
            body: &body,
            secrets: &secrets,
        };
        let sent = self.send(&message).await;
        let got_through = sent.got_through();
        let state = match got_through {
            true => DeliveryState::Delivered,
            false => DeliveryState::Dead,
        };
        let tx = self.db().write().await?;
        deliveries::tested(&tx, delivery, state, &sent.attempt).await?;
        deliveries::insert_attempt(&tx, delivery, &sent.attempt).await?;
        if got_through {
            self.works_again(&tx, &webhook).await?;
        }
        tx.commit().await?;
        self.jobs().wake();
        self.get_delivery(id, delivery).await
    }

    async fn works_again(
        &self,
        tx: &sea_orm::DatabaseTransaction,
        webhook: &Webhook,
    ) -> Result<(), NotifyError> {
        let (id, now) = (webhook.id.as_str(), self.now());
        webhooks::succeeded(tx, id, now).await?;
        deliveries::hurry_head(tx, id, now).await?;
        let is_on = webhook.state == WebhookState::On;
        self.line_changed(tx, id, is_on).await
    }

    /// Sends something again, with the same id: at the end of the line; what waits is tried when it is
    /// its turn, without the rest of its pause.
    ///
    /// # Errors
    /// When there is none with this id, it was a test, or the webhook is off.
    pub async fn redeliver(
        &self,
        by: &Actor,
        id: &str,
        delivery: i64,
    ) -> Result<DeliveryDetail, NotifyError> {
        let now = self.now();
        let tx = self.db().write().await?;
        webhooks::lock(&tx, id).await?;
        let webhook = bare(&tx, id).await?;
        let off = NotifyError::State("the webhook is off; turn it on first");
        if webhook.state == WebhookState::Off {
            return Err(off);
        }
        let found = deliveries::find(&tx, id, delivery).await?;
        let (found, _) = found.ok_or(NotifyError::NotFound("delivery"))?;
        if found.is_test {
            let why = "this was a test; send another one with `POST /webhooks/{id}/test`";
            return Err(NotifyError::State(why));
        }
        if found.state == DeliveryState::Waiting {
            deliveries::hurry(&tx, delivery, now).await?;
        } else {
            let position = webhooks::take_positions(&tx, id, 1).await?;
            deliveries::put_back(&tx, delivery, position.ok_or(off)?, now).await?;
        }
        let is_on = webhook.state == WebhookState::On;
        self.line_changed(&tx, id, is_on).await?;
        let after = json!({ "delivery": delivery, "message_id": found.message_id });
        let change = change("webhook.redeliver", &webhook, None, Some(after));
        audit::append(&tx, now, by, vec![change]).await?;
        tx.commit().await?;
        self.jobs().wake();
        self.get_delivery(id, delivery).await
    }

    /// Gives up what waits, so that those behind it go on.
    ///
    /// # Errors
    /// When there is none with this id, or it does not wait.
    pub async fn skip_delivery(
        &self,
        by: &Actor,
        id: &str,
        delivery: i64,
    ) -> Result<DeliveryDetail, NotifyError> {
        let db = self.db().read();
        let webhook = bare(db, id).await?;
        let found = deliveries::find(db, id, delivery).await?;
        let (found, _) = found.ok_or(NotifyError::NotFound("delivery"))?;
        let now = self.now();
        let tx = self.db().write().await?;
        webhooks::lock(&tx, id).await?;
        if !deliveries::give_up(&tx, delivery, "it was given up by hand", now).await? {
            let why = "only what waits can be given up";
            return Err(NotifyError::State(why));
        }
        webhooks::refresh_due(&tx, id).await?;
        let after = json!({ "delivery": delivery, "message_id": found.message_id });
        let change = change("webhook.skip", &webhook, None, Some(after));
        audit::append(&tx, now, by, vec![change]).await?;
        tx.commit().await?;
        self.wake();
        self.get_delivery(id, delivery).await
    }
}

/// The event whose example is sent: the one that is named, or `webhook.test`.
fn example_for(webhook: &Webhook, named: Option<&str>) -> Result<&'static EventType, NotifyError> {
    let name = named.unwrap_or(TEST);
    let event = EventType::find(name).ok_or_else(|| {
        let name = dabir_core::text::one_line(name);
        NotifyError::invalid("event", format!("`{name}` is no event"))
    })?;
    let asked = webhook.events.iter().any(|pattern| matches(pattern, name));
    if named.is_some() && !asked {
        let why = format!("the webhook does not ask for `{name}`");
        return Err(NotifyError::invalid("event", why));
    }
    Ok(event)
}
