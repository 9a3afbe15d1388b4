//! Making, changing and removing webhooks, and their secrets.

use std::time::Duration;

use dabir_core::id::new_id;
use dabir_core::text::moves_the_reader;
use dabir_core::{Actor, Secret};
use dabir_db::audit;
use dabir_http::FieldError;
use dabir_http::egress::Given;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::Notify;
use super::deliver::owner;
use crate::catalogue::{self, CATALOGUE};
use crate::error::NotifyError;
use crate::model::{Made, NewWebhook, Webhook, WebhookPatch, WebhookState};
use crate::secret::new_secret;
use crate::store::{deliveries, webhooks};

/// How many webhooks there may be.
const MOST: u64 = 100;
const LONGEST_URL: usize = 2_000;
const LONGEST_DESCRIPTION: usize = 500;
const MOST_EVENTS: usize = 100;
/// How long the secret before the last one still signs.
const BOTH: Duration = Duration::from_secs(24 * 3_600);

impl Notify {
    /// # Errors
    /// When the database fails.
    pub async fn list_webhooks(&self) -> Result<Vec<Webhook>, NotifyError> {
        Ok(webhooks::all(self.db().read()).await?)
    }

    /// # Errors
    /// When there is none with this id.
    pub async fn get_webhook(&self, id: &str) -> Result<Webhook, NotifyError> {
        let found = webhooks::find(self.db().read(), id).await?;
        found.ok_or(NotifyError::NotFound("webhook"))
    }

    /// Makes a webhook. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// When something in it is not allowed.
    pub async fn create_webhook(&self, by: &Actor, new: NewWebhook) -> Result<Made, NotifyError> {
        let now = self.now();
        let mut webhook = Webhook {
            id: new_id(),
            url: new.url,
            description: new.description,
            events: new.events,
            state: WebhookState::On,
            state_reason: None,
            state_at: now,
            old_secret_until: None,
            failing_since: None,
            succeeded_at: None,
            next_at: None,
            waiting: 0,
            dead: 0,
            created_by: by.name.clone(),
            created_at: now,
            updated_at: now,
        };
        self.check(&mut webhook)?;
        let secret = new_secret();
        let sealed = self.seal(&secret, &webhook.id)?;
        let tx = self.db().write().await?;
        let there = webhooks::count(&tx).await?;
        if there >= MOST {
            return Err(NotifyError::TooMany(there));
        }
        webhooks::insert(&tx, &webhook, &sealed).await?;
        let change = change("webhook.create", &webhook, None, Some(facts(&webhook)));
        audit::append(&tx, now, by, vec![change]).await?;
        tx.commit().await?;
        Ok(Made { webhook, secret })
    }

    /// Changes a webhook; with the state, also what becomes of those that wait.
    ///
    /// # Errors
    /// When there is none with this id, or something is not allowed.
    pub async fn patch_webhook(
        &self,
        by: &Actor,
        id: &str,
        patch: WebhookPatch,
    ) -> Result<Webhook, NotifyError> {
        let now = self.now();
        let tx = self.db().write().await?;
        webhooks::lock(&tx, id).await?;
        let before = bare(&tx, id).await?;
        let mut after = Webhook {
            url: patch.url.unwrap_or_else(|| before.url.clone()),
            events: patch.events.unwrap_or_else(|| before.events.clone()),
            description: patch
                .description
                .unwrap_or_else(|| before.description.clone()),
            updated_at: now,
            ..before.clone()
        };
        self.check(&mut after)?;
        webhooks::update(&tx, &after).await?;
        if let Some(state) = patch.state {
            after.state = state;
            webhooks::set_state(&tx, id, state, now).await?;
            self.turn(&tx, &after).await?;
        }
        let change = change(
            "webhook.change",
            &after,
            Some(facts(&before)),
            Some(facts(&after)),
        );
        audit::append(&tx, now, by, vec![change]).await?;
        tx.commit().await?;
        self.jobs().wake();
        self.get_webhook(id).await
    }

    /// Does to the line what the new state says.
    async fn turn(
        &self,
        tx: &sea_orm::DatabaseTransaction,
        webhook: &Webhook,
    ) -> Result<(), NotifyError> {
        let (id, now) = (webhook.id.as_str(), self.now());
        match webhook.state {
            WebhookState::On => {
                deliveries::revive_head(tx, id, now).await?;
            }
            WebhookState::Off => {
                let why = "the webhook was turned off";
                deliveries::give_all_up(tx, id, why, now).await?;
            }
            WebhookState::Paused => {}
        }
        let is_on = webhook.state == WebhookState::On;
        self.line_changed(tx, id, is_on).await
    }

    /// Removes a webhook with all that was sent to it.
    ///
    /// # Errors
    /// When there is none with this id.
    pub async fn delete_webhook(&self, by: &Actor, id: &str) -> Result<(), NotifyError> {
        let before = bare(self.db().read(), id).await?;
        let tx = self.db().write().await?;
        webhooks::delete(&tx, id).await?;
        let change = change("webhook.delete", &before, Some(facts(&before)), None);
        audit::append(&tx, self.now(), by, vec![change]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Gives a webhook a new secret. For a day both sign, so that the receiver can change its own.
    ///
    /// # Errors
    /// When there is none with this id.
    pub async fn rotate_secret(&self, by: &Actor, id: &str) -> Result<Made, NotifyError> {
        let webhook = bare(self.db().read(), id).await?;
        let now = self.now();
        let secret = new_secret();
        let sealed = self.seal(&secret, id)?;
        let tx = self.db().write().await?;
        let until = now.saturating_add(BOTH).unwrap_or(now);
        webhooks::rotate(&tx, id, &sealed, until).await?;
        let change = change("webhook.secret", &webhook, None, None);
        audit::append(&tx, now, by, vec![change]).await?;
        tx.commit().await?;
        let webhook = self.get_webhook(id).await?;
        Ok(Made { webhook, secret })
    }

    fn seal(&self, secret: &Secret, id: &str) -> Result<String, NotifyError> {
        let sealed = self
            .shared
            .sealer
            .seal(secret.expose().as_bytes(), &owner(id));
        sealed.ok_or(NotifyError::Sealed)
    }

    /// Refuses what is not allowed, and writes the address as it was understood.
    fn check(&self, webhook: &mut Webhook) -> Result<(), NotifyError> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, detail: String| {
            let field = field.to_owned();
            errors.push(FieldError { field, detail });
        };
        match self.address(&webhook.url) {
            Ok(url) => webhook.url = url,
            Err(why) => refuse("url", why),
        }
        let description = &webhook.description;
        if description.chars().count() > LONGEST_DESCRIPTION
            || description.chars().any(moves_the_reader)
        {
            let most = format!("write at most {LONGEST_DESCRIPTION} characters on one line");
            refuse("description", most);
        }
        if let Some(why) = wrong_events(&webhook.events) {
            refuse("events", why);
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(NotifyError::Invalid(errors)),
        }
    }

    /// An address as it is kept: what was checked, however it was written.
    fn address(&self, written: &str) -> Result<String, String> {
        let fits = |url: &str| match url.len() <= LONGEST_URL {
            true => Ok(()),
            false => Err(format!("write at most {LONGEST_URL} bytes")),
        };
        fits(written)?;
        let checked = self.shared.egress.check(Given::ByApi, written);
        let url = String::from(checked.map_err(|error| error.to_string())?);
        // Letters that addresses do not have are three times as long in it.
        fits(&url)?;
        Ok(url)
    }
}

/// A webhook without how much waits for it.
pub(super) async fn bare(db: &impl ConnectionTrait, id: &str) -> Result<Webhook, NotifyError> {
    let found = webhooks::find_bare(db, id).await?;
    found.ok_or(NotifyError::NotFound("webhook"))
}

impl Webhook {
    /// What people call it: what it is for, or where it leads.
    pub(crate) fn name(&self) -> String {
        if !self.description.is_empty() {
            return self.description.clone();
        }
        self.host().unwrap_or_else(|| self.id.clone())
    }

    /// Where it leads. The rest of its address may be a secret.
    pub(super) fn host(&self) -> Option<String> {
        let url = reqwest::Url::parse(&self.url).ok()?;
        url.host_str().map(str::to_owned)
    }
}

/// What is wrong with what a webhook asks for.
fn wrong_events(patterns: &[String]) -> Option<String> {
    if patterns.is_empty() || patterns.len() > MOST_EVENTS {
        return Some(format!("name 1 to {MOST_EVENTS} events, or `*` for all"));
    }
    let is_known = |pattern: &String| {
        let mut known = CATALOGUE.iter();
        known.any(|event| catalogue::matches(pattern, event.name))
    };
    let unknown = patterns.iter().find(|pattern| !is_known(pattern))?;
    let unknown = dabir_core::text::one_line(unknown);
    Some(format!(
        "`{unknown}` is no event; `GET /api/v1/webhooks/events` lists them, and `task.*` means all of a kind"
    ))
}

fn facts(webhook: &Webhook) -> Value {
    json!({
        "url": webhook.url, "events": webhook.events,
        "description": webhook.description, "state": webhook.state,
    })
}

pub(super) fn change(
    action: &'static str,
    webhook: &Webhook,
    before: Option<Value>,
    after: Option<Value>,
) -> audit::Change {
    audit::Change {
        action,
        target_kind: "webhook",
        target_id: webhook.id.clone(),
        target_name: webhook.name(),
        before,
        after,
    }
}
