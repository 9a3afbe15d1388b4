//! What people and other parts do with webhooks and notifications.

mod deliver;
mod deliveries;
mod inbox;
mod outward;
mod relay;
mod send;
mod webhooks;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use inbox::CHANNEL;

use dabir_core::{Actor, ActorKind, Clock, Events, Timestamp, new_id};
use dabir_db::{Db, Sealer};
use dabir_http::Egress;
use dabir_http::egress::Given;
use dabir_jobs::{Backoff, HandlersBuilder, Jobs, Kind};
use reqwest::Client;
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify as Bell;
use utoipa::ToSchema;

use crate::config::{MailConfig, SmsConfig, Wrong};
use crate::error::NotifyError;
use crate::mail::Mailer;
use crate::sms::Gateway;
use crate::store::{choices, deliveries as sent, inbox as lines, messages, webhooks as kept};

/// Sends what waits for one webhook, as far as it is due.
pub(crate) const DELIVER: Kind<DeliverArgs> =
    Kind::new("webhook.deliver", "webhooks").backoff(Backoff {
        first: Duration::from_secs(1),
        most: Duration::from_secs(60),
    });

/// Which webhook has something due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeliverArgs {
    webhook: String,
}

/// A language in which people are written to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = MailLanguage)]
pub enum Language {
    #[default]
    Fa,
    En,
}

/// Somebody who may be told something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub id: String,
    pub name: String,
    pub email: String,
    pub language: Language,
}

/// Who is in the house. Only people who may come in are known.
#[async_trait::async_trait]
pub trait People: Send + Sync {
    /// Those of these ids that there are.
    async fn find(&self, ids: &[String]) -> Result<Vec<Contact>, DbErr>;

    /// The ids of those who look after the house.
    async fn admins(&self) -> Result<Vec<String>, DbErr>;
}

/// Webhooks and notifications. Clones share them.
#[derive(Clone, Debug)]
pub struct Notify {
    shared: Arc<Shared>,
}

struct Shared {
    db: Db,
    clock: Clock,
    events: Events,
    jobs: Jobs,
    sealer: Sealer,
    egress: Egress,
    people: Arc<dyn People>,
    timezone: String,
    /// Where the pages are, without a slash at the end.
    house: String,
    mailer: Option<Mailer>,
    gateway: Option<Gateway>,
    /// What the gateway of text messages is called with.
    gateway_client: Client,
    /// This process among those on its database.
    tag: String,
    /// What webhooks are called with.
    client: Client,
    /// Something may have to be told.
    bell: Bell,
}

/// What telling others needs.
pub struct NotifySetup {
    pub db: Db,
    pub clock: Clock,
    pub events: Events,
    pub jobs: Jobs,
    pub sealer: Sealer,
    pub egress: Egress,
    pub people: Arc<dyn People>,
    /// Where the house is: for those who say no other zone.
    pub timezone: String,
    /// Where the pages are.
    pub public_url: String,
    pub mail: MailConfig,
    pub sms: SmsConfig,
}

/// How long a webhook may take to answer, from the first byte out to the last byte in.
const ANSWER: Duration = Duration::from_secs(15);

/// How long the log of webhooks is kept, and what waits for a digest that nobody wants any more.
const KEPT: Duration = Duration::from_secs(30 * 86_400);
/// How long notifications are.
const KEPT_LINES: Duration = Duration::from_secs(90 * 86_400);
/// How long it is known who was sent text messages.
const KEPT_MESSAGES: Duration = Duration::from_secs(2 * 86_400);
/// How much is forgotten at once.
const AT_ONCE: u32 = 500;

impl Notify {
    /// # Errors
    /// When the configuration is wrong, or nothing can be called: the operating system gives no
    /// certificates.
    pub fn new(setup: NotifySetup) -> Result<Self, NotifyError> {
        let client = setup.egress.client(Given::ByApi, ANSWER)?;
        let wrong = |(key, allowed): Wrong| NotifyError::Config(format!("`{key}`: {allowed}"));
        let mailer = Mailer::new(&setup.mail).map_err(wrong)?;
        let gateway = Gateway::new(&setup.sms).map_err(wrong)?;
        let gateway_client = Gateway::client(&setup.egress)?;
        Ok(Self {
            shared: Arc::new(Shared {
                db: setup.db,
                clock: setup.clock,
                events: setup.events,
                jobs: setup.jobs,
                sealer: setup.sealer,
                egress: setup.egress,
                people: setup.people,
                timezone: setup.timezone,
                house: setup.public_url.trim_end_matches('/').to_owned(),
                mailer,
                gateway,
                gateway_client,
                tag: new_id(),
                client,
                bell: Bell::new(),
            }),
        })
    }

    /// Adds the code of the jobs.
    #[must_use]
    pub fn handlers(&self, handlers: HandlersBuilder) -> HandlersBuilder {
        let deliver = self.clone();
        let handlers = self.handlers_outward(handlers);
        handlers.on(&DELIVER, move |ctx, args: DeliverArgs| {
            let deliver = deliver.clone();
            async move { deliver.deliver(&ctx, &args.webhook).await }
        })
    }

    /// Says that something may have to be told: it is looked for at once rather than within a second.
    pub fn wake(&self) {
        self.shared.bell.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.shared.bell.notified().await;
    }

    /// Tells of all that happened until now and has due webhooks worked off, as the loop does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look(&self) -> Result<(), NotifyError> {
        while self.relay().await? {}
        self.send_out().await?;
        self.wake_sleepers().await
    }

    /// Forgets what was told long ago.
    ///
    /// # Errors
    /// When the database fails; what was forgotten until then stays so.
    pub async fn forget(&self) -> Result<(), NotifyError> {
        let now = self.now();
        let ago = |kept| now.saturating_sub(kept).unwrap_or(Timestamp::MIN);
        loop {
            let tx = self.db().write().await?;
            kept::forget_old_secrets(&tx, now).await?;
            let deliveries = sent::forget(&tx, ago(KEPT), now, AT_ONCE).await?;
            let lines = lines::forget(&tx, ago(KEPT_LINES), AT_ONCE).await?;
            messages::forget(&tx, ago(KEPT_MESSAGES)).await?;
            choices::forget(&tx, ago(KEPT)).await?;
            tx.commit().await?;
            if deliveries.max(lines) < u64::from(AT_ONCE) {
                return Ok(());
            }
        }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.shared.db
    }

    pub(crate) fn events(&self) -> &Events {
        &self.shared.events
    }

    fn jobs(&self) -> &Jobs {
        &self.shared.jobs
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Who does what Dabir does by itself.
    fn itself() -> Actor {
        Actor::here(ActorKind::System, "dabir")
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify").finish_non_exhaustive()
    }
}

impl fmt::Debug for NotifySetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotifySetup").finish_non_exhaustive()
    }
}
