//! A client as everybody is shown it.

use std::sync::Arc;

use dabir_core::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{ClientState, Facts, Order, Place, Source};
use crate::name::Username;
use crate::photo::Photo;

/// Somebody who may connect, or whom an order is about.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Client {
    #[schema(value_type = String)]
    pub username: Username,
    /// What people call them.
    pub name: String,
    pub state: ClientState,
    pub paused: bool,
    pub blocked: bool,
    /// Why they are blocked, else why they are paused.
    pub reason: Option<String>,
    /// When that ends by itself.
    pub until: Option<Timestamp>,
    /// Who ordered it.
    pub by: Option<String>,
    /// Where they are to sit, or else are.
    pub room: Option<String>,
    pub pipeline: Option<String>,
    /// `null` for a name that only orders or other programs know.
    pub source: Option<Source>,
    pub last_seen: Option<Timestamp>,
    /// Whether the house counts on them.
    pub available: bool,
    pub photo: Option<Photo>,
    /// Where they are, or were a moment ago.
    pub places: Vec<Place>,
    /// Set while they are put out.
    pub close: Option<Order>,
    /// Other than before when anything but the presence changed; send it with an order, and the order
    /// is refused when somebody else was faster.
    pub version: i64,
}

/// The place of what other programs write into Redis.
pub const REDIS: &str = "redis";

impl Client {
    #[must_use]
    pub fn of(username: &Username, facts: &Facts) -> Self {
        let order = facts.block.as_deref().or(facts.pause.as_deref());
        let known = facts.profile.as_ref();
        let seat = known.and_then(|known| known.room.clone());
        let mut rooms = facts.places.iter().map(|place| &place.place);
        let sits = || rooms.find(|place| &***place != REDIS).map(Arc::to_string);
        Self {
            username: username.clone(),
            name: known.map_or_else(|| username.to_string(), |known| known.name.clone()),
            state: facts.state(),
            paused: facts.pause.is_some(),
            blocked: facts.block.is_some(),
            reason: order.map(|order| order.reason.clone()),
            until: order.and_then(|order| order.until),
            by: order.map(|order| order.by.clone()),
            room: seat.or_else(sits),
            pipeline: known.and_then(|known| known.pipeline.clone()),
            source: known.map(|known| known.source),
            last_seen: facts.last_seen,
            available: facts.is_available(),
            photo: known.and_then(|known| known.photo.as_deref().cloned()),
            places: facts.places.clone(),
            close: facts.close.as_deref().cloned(),
            version: facts.version,
        }
    }
}
