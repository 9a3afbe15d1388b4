//! Webhooks, what was sent to them, and the states of both.

use dabir_core::words::{named, word_of};
use dabir_core::{Secret, Timestamp};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Whether things are sent to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WebhookState {
    On,
    /// What happens is kept and waits.
    Paused,
    /// What happens is not kept for it.
    Off,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = WebhookDeliveryState)]
pub enum DeliveryState {
    Waiting,
    Delivered,
    /// It was given up, and goes out again only when somebody asks for it.
    Dead,
}

const WEBHOOK_STATES: [(WebhookState, &str); 3] = [
    (WebhookState::On, "on"),
    (WebhookState::Paused, "paused"),
    (WebhookState::Off, "off"),
];

const DELIVERY_STATES: [(DeliveryState, &str); 3] = [
    (DeliveryState::Waiting, "waiting"),
    (DeliveryState::Delivered, "delivered"),
    (DeliveryState::Dead, "dead"),
];

impl WebhookState {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&WEBHOOK_STATES, self)
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        named(&WEBHOOK_STATES, word)
    }
}

impl DeliveryState {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&DELIVERY_STATES, self)
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        named(&DELIVERY_STATES, word)
    }
}

/// An address that is told of events.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Webhook {
    pub id: String,
    pub url: String,
    pub description: String,
    /// Names, `task.*`, or `*`.
    pub events: Vec<String>,
    pub state: WebhookState,
    /// Why it is paused or off, when Dabir did that by itself.
    pub state_reason: Option<String>,
    pub state_at: Timestamp,
    /// Until then the secret before the last one signs too.
    pub old_secret_until: Option<Timestamp>,
    /// Since when nothing gets through; `null` when the last attempt did.
    pub failing_since: Option<Timestamp>,
    pub succeeded_at: Option<Timestamp>,
    /// When the first of those that wait is tried.
    pub next_at: Option<Timestamp>,
    pub waiting: u64,
    /// How many were given up.
    pub dead: u64,
    pub created_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A webhook that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    #[schema(example = "https://hooks.example/dabir")]
    pub url: String,
    /// Names of events, `task.*` for all of a kind, or `*`.
    #[schema(example = json!(["task.completed"]))]
    pub events: Vec<String>,
    #[serde(default)]
    pub description: String,
}

/// What is to be changed of a webhook; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookPatch {
    pub url: Option<String>,
    pub events: Option<Vec<String>>,
    pub description: Option<String>,
    /// `on` sends all that waits, the oldest first; `off` gives it up.
    pub state: Option<WebhookState>,
}

/// A webhook that was made, and its secret: it is shown this once.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MadeWebhook)]
pub struct Made {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// What signatures are checked with, after the Standard Webhooks specification.
    #[serde(serialize_with = "exposed")]
    #[schema(value_type = String, example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: Secret,
}

fn exposed<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct Delivery {
    pub id: i64,
    /// The header `webhook-id`: the same on each attempt.
    pub message_id: String,
    pub event: String,
    /// What people call the thing that it is about.
    pub subject: String,
    pub state: DeliveryState,
    /// Sent by hand, outside of the line.
    pub is_test: bool,
    /// How often it was tried since it was last put into the line.
    pub attempts: i32,
    pub last_status: Option<i32>,
    pub last_error: Option<String>,
    /// When it is tried again, unless others are before it.
    pub next_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// A delivery with what was sent and what came back.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = WebhookDeliveryDetail)]
pub struct DeliveryDetail {
    #[serde(flatten)]
    pub delivery: Delivery,
    /// The body, as it is signed and sent.
    pub body: String,
    /// The newest first, as far as they are kept.
    pub log: Vec<Attempt>,
}

/// One request to a webhook.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = WebhookAttempt)]
pub struct Attempt {
    pub at: Timestamp,
    pub latency_ms: i64,
    /// The status of the answer; `null` when there was none.
    pub status: Option<i32>,
    /// Why it did not count as delivered.
    pub error: Option<String>,
    /// The headers that were sent.
    #[schema(value_type = Object)]
    pub request_headers: Value,
    #[schema(value_type = Option<Object>)]
    pub response_headers: Option<Value>,
    /// The beginning of the answer, as text: 1 KiB at most.
    pub response_body: Option<String>,
}

/// Which deliveries a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryFilter {
    #[param(inline)]
    pub state: Option<DeliveryState>,
    pub event: Option<String>,
}
