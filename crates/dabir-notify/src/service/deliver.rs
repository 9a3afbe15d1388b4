//! The job that sends what waits for one webhook: strictly in order, the oldest first. One that does
//! not get through holds those behind it.

use dabir_core::id::random_bytes;
use dabir_core::{Secret, Timestamp};
use dabir_db::outbox::{self, Happening};
use dabir_jobs::{JobContext, JobError, Lease};
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::send::{Message, Sent};
use super::{DELIVER, DeliverArgs, Notify};
use crate::error::NotifyError;
use crate::model::{DeliveryState, Webhook, WebhookState};
use crate::pauses::{LIFE, next_try};
use crate::store::deliveries::{self, Head};
use crate::store::webhooks::{self, Seals};

/// What is done about a delivery after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Delivered,
    /// The receiver wants nothing more.
    Gone,
    Later(Timestamp),
    Dead,
}

/// How the owner of a secret is called where it is sealed.
pub(super) fn owner(id: &str) -> String {
    format!("webhook:{id}")
}

impl Notify {
    /// Makes a job for every webhook whose line has something due and that has none.
    pub(crate) async fn send_out(&self) -> Result<(), NotifyError> {
        let due = webhooks::due(self.db().read(), self.now()).await?;
        let mut idle = Vec::new();
        for id in due {
            if self.jobs().find_unique(&owner(&id)).await?.is_none() {
                idle.push(id);
            }
        }
        if idle.is_empty() {
            return Ok(());
        }
        let tx = self.db().write().await?;
        for id in &idle {
            self.enqueue_delivery(&tx, id).await?;
        }
        tx.commit().await?;
        self.jobs().wake();
        Ok(())
    }

    /// Notes when something of the line of a webhook is due, and has it sent when it is on.
    pub(super) async fn line_changed(
        &self,
        tx: &DatabaseTransaction,
        id: &str,
        is_on: bool,
    ) -> Result<(), NotifyError> {
        webhooks::refresh_due(tx, id).await?;
        if is_on {
            self.enqueue_delivery(tx, id).await?;
        }
        Ok(())
    }

    /// Makes the job of a webhook, unless it has one.
    async fn enqueue_delivery(
        &self,
        tx: &DatabaseTransaction,
        id: &str,
    ) -> Result<(), NotifyError> {
        let args = DeliverArgs {
            webhook: id.to_owned(),
        };
        let job = DELIVER.job(&args)?.unique(owner(id));
        self.jobs().enqueue(tx, job).await?;
        Ok(())
    }

    /// Sends what is due, until nothing is.
    pub(super) async fn deliver(&self, ctx: &JobContext, id: &str) -> Result<(), JobError> {
        loop {
            ctx.check()?;
            let Some((webhook, seals, head)) = self.next_due(id).await? else {
                return Ok(());
            };
            let Some(secrets) = self.secrets(id, seals) else {
                self.cannot_sign(&webhook).await?;
                return Ok(());
            };
            let message = Message {
                url: &webhook.url,
                id: &head.message_id,
                body: &head.body,
                secrets: &secrets,
            };
            let sent = self.send(&message).await;
            self.note(ctx.lease(), &webhook, &head, sent).await?;
        }
    }

    /// The head of the line of a webhook that is on, when it is due.
    async fn next_due(&self, id: &str) -> Result<Option<(Webhook, Seals, Head)>, NotifyError> {
        let db = self.db().read();
        let Some((webhook, seals)) = webhooks::find_to_send(db, id).await? else {
            return Ok(None);
        };
        if webhook.state != WebhookState::On {
            return Ok(None);
        }
        let now = self.now();
        let head = deliveries::head(db, id).await?;
        let head = head.filter(|head| head.next_at <= now);
        if head.is_none() && webhook.next_at.is_some_and(|due| due <= now) {
            // What was due is gone: nobody is to be sent for it again.
            let tx = self.db().write().await?;
            webhooks::refresh_due(&tx, id).await?;
            tx.commit().await?;
        }
        Ok(head.map(|head| (webhook, seals, head)))
    }

    /// What a webhook's messages are signed with: the newest first. `None` when the key that sealed
    /// it is not ours.
    pub(super) fn secrets(&self, id: &str, seals: Seals) -> Option<Vec<Secret>> {
        let newest = self.unseal(&seals.sealed, id)?;
        let now = self.now();
        let old = seals.old.filter(|(_, until)| *until > now);
        let old = old.and_then(|(sealed, _)| self.unseal(&sealed, id));
        Some([newest].into_iter().chain(old).collect())
    }

    fn unseal(&self, sealed: &str, id: &str) -> Option<Secret> {
        let plain = self.shared.sealer.unseal(sealed, &owner(id))?;
        String::from_utf8(plain).ok().map(Secret::new)
    }

    /// Nothing goes out unsigned.
    async fn cannot_sign(&self, webhook: &Webhook) -> Result<(), NotifyError> {
        let tx = self.db().write().await?;
        let why = NotifyError::Sealed.to_string();
        self.stop(&tx, webhook, WebhookState::Paused, &why).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps what came of an attempt, unless another worker has the job by now.
    async fn note(
        &self,
        lease: &Lease,
        webhook: &Webhook,
        head: &Head,
        sent: Sent,
    ) -> Result<(), JobError> {
        let verdict = verdict(head, &sent, luck());
        let tx = self.db().write().await?;
        lease.save(&tx, &()).await?;
        self.write_down(&tx, webhook, head, &sent, &verdict).await?;
        tx.commit().await?;
        log(webhook, head, &sent, &verdict);
        Ok(())
    }

    async fn write_down(
        &self,
        tx: &DatabaseTransaction,
        webhook: &Webhook,
        head: &Head,
        sent: &Sent,
        verdict: &Verdict,
    ) -> Result<(), NotifyError> {
        let id = webhook.id.as_str();
        // It may be gone, with all that was sent to it.
        if !webhooks::lock(tx, id).await? {
            return Ok(());
        }
        let attempt = &sent.attempt;
        let (state, next_at) = match verdict {
            Verdict::Delivered => (DeliveryState::Delivered, None),
            Verdict::Later(next_at) => (DeliveryState::Waiting, Some(*next_at)),
            Verdict::Gone | Verdict::Dead => (DeliveryState::Dead, None),
        };
        let is_as_it_was = deliveries::tried(tx, head, state, next_at, attempt).await?;
        deliveries::insert_attempt(tx, head.id, attempt).await?;
        match verdict {
            Verdict::Delivered => webhooks::succeeded(tx, id, attempt.at).await?,
            // Somebody gave it up or sent it again meanwhile: they have decided what comes of it.
            _ if !is_as_it_was => {}
            Verdict::Later(_) => drop(webhooks::failed(tx, id, attempt.at).await?),
            Verdict::Gone => {
                let why = "it answered 410: nothing more is wanted there";
                self.stop(tx, webhook, WebhookState::Off, why).await?;
            }
            Verdict::Dead => {
                let since = webhooks::failed(tx, id, attempt.at).await?;
                if failed_for_life(since, attempt.at) {
                    let why = "nothing got through for five days";
                    self.stop(tx, webhook, WebhookState::Paused, why).await?;
                }
            }
        }
        Ok(webhooks::refresh_due(tx, id).await?)
    }

    /// Sends nothing more to a webhook that is on, and says so; those who look after the house hear it.
    async fn stop(
        &self,
        tx: &DatabaseTransaction,
        webhook: &Webhook,
        state: WebhookState,
        why: &str,
    ) -> Result<(), NotifyError> {
        let now = self.now();
        if !webhooks::stop(tx, &webhook.id, state, why, now).await? {
            return Ok(());
        }
        if state == WebhookState::Off {
            deliveries::give_all_up(tx, &webhook.id, why, now).await?;
        }
        let event = match state {
            WebhookState::Off => "webhook.gone",
            _ => "webhook.paused",
        };
        let happening = Happening {
            event,
            subject_kind: "webhook",
            subject_id: webhook.id.clone(),
            subject_name: webhook.name(),
            data: json!({ "id": webhook.id, "host": webhook.host(), "reason": why }),
            concerns: Vec::new(),
        };
        Ok(outbox::say(tx, now, &Self::itself(), happening).await?)
    }
}

fn failed_for_life(since: Timestamp, now: Timestamp) -> bool {
    since.saturating_add(LIFE).is_ok_and(|end| end <= now)
}

fn verdict(head: &Head, sent: &Sent, luck: f64) -> Verdict {
    if sent.got_through() {
        return Verdict::Delivered;
    }
    if sent.is_gone() {
        return Verdict::Gone;
    }
    let at = sent.attempt.at;
    let first_at = head.first_at.unwrap_or(at);
    let next = next_try(first_at, head.attempts + 1, at, sent.retry_after, luck);
    next.map_or(Verdict::Dead, Verdict::Later)
}

fn luck() -> f64 {
    f64::from(u32::from_le_bytes(random_bytes())) / f64::from(u32::MAX)
}

fn log(webhook: &Webhook, head: &Head, sent: &Sent, verdict: &Verdict) {
    let (id, message, event) = (&webhook.id, &head.message_id, &head.event);
    let name = webhook.name();
    let error = sent.attempt.error.as_deref().unwrap_or_default();
    match verdict {
        Verdict::Delivered => {
            tracing::debug!(webhook.id = %id, message, event, "told {name} of {event}");
        }
        Verdict::Later(at) => {
            tracing::warn!(webhook.id = %id, message, event, "{name} was not told of {event}: {error}; again at {at}");
        }
        Verdict::Gone | Verdict::Dead => {
            tracing::error!(webhook.id = %id, message, event, "{name} will not be told of {event}: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_days_of_failures_are_enough_and_less_are_not() {
        let since = Timestamp::UNIX_EPOCH;
        let after = |secs| Timestamp::from_second(secs).unwrap();
        assert!(!failed_for_life(since, after(5 * 86_400 - 1)));
        assert!(failed_for_life(since, after(5 * 86_400)));
    }
}
