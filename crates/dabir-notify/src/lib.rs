//! Telling others what happened: programs by webhooks, people by their inbox, mail and telephone.
//!
//! A domain says what happened in the transaction of its change ([`dabir_db::outbox`]). One loop, the
//! relay, takes it from there and in one transaction writes who has to hear it: a delivery for each
//! [`Webhook`] that asked for it, a line in the inbox of each person whom it concerns. What leaves the
//! house leaves it in jobs, so that nothing is forgotten however a process ends. Start at [`Notify`].

mod catalogue;
mod model;
mod inbox;
mod choices;
mod words;
mod mail;
mod sms;
mod pauses;
mod secret;
mod service;
mod store;
mod routes;
pub mod worker;
mod config;
mod error;

pub use choices::{Channels, Choices, Digest, Habits, NewChoices, Offered};
pub use config::{MailConfig, SmsConfig};
pub use error::NotifyError;
pub use inbox::{Notification, Place, Seen};
pub use model::{
    Attempt, Delivery, DeliveryDetail, DeliveryFilter, DeliveryState, Made, NewWebhook, Webhook,
    WebhookPatch, WebhookState,
};
pub use routes::routes;
pub use service::{Contact, Language, Notify, NotifySetup, People};
