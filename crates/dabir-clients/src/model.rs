//! How a client stands: facts, and the state that follows from them. Which orders are obeyed stands
//! in `transition.rs`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use dabir_core::Timestamp;
use dabir_core::words::{named, word_of};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::name::Username;
use crate::photo::Photo;

/// What everybody sees of a client. The first of these that fits.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ClientState {
    /// Kept out.
    Blocked,
    /// May listen only.
    Paused,
    /// Connected.
    Active,
    /// Was connected, and no heartbeat came; not for long enough to be gone.
    ConnectionError,
    /// Not connected.
    Deactivated,
}

/// How a client is connected, all places taken together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    #[default]
    Away,
    Connected,
    Lost,
}

/// What clients are assigned to, each to one of either at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ClientSeat)]
pub enum Seat {
    Room,
    Pipeline,
}

/// What is ordered about a client, each at most once at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ClientOrderKind)]
pub enum OrderKind {
    Pause,
    Block,
    /// Put out, and kept out while it stands.
    Close,
}

/// A pause, a block or a closing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClientOrder)]
pub struct Order {
    pub reason: String,
    /// When it ends by itself; never when `null`.
    pub until: Option<Timestamp>,
    pub by: String,
    pub at: Timestamp,
}

/// What an order says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    pub reason: String,
    pub until: Option<Timestamp>,
}

/// Where a client came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ClientSource)]
pub enum Source {
    #[default]
    Hand,
    Import,
    Directory,
    /// A guest of a room.
    Room,
    /// The folder of available clients.
    Folder,
}

/// What the house knows of a client beside the name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// What people call them.
    pub name: String,
    pub source: Source,
    pub photo: Option<Box<Photo>>,
    /// Where they are to sit.
    pub room: Option<String>,
    pub pipeline: Option<String>,
    pub is_available: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What is to be known of a client; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewProfile {
    pub name: Option<String>,
    pub source: Source,
    /// `Some(None)` takes the photo away.
    pub photo: Option<Option<Box<Photo>>>,
}

/// Whether a place still hears of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ClientPlaceState)]
pub enum PlaceState {
    Connected,
    Lost,
}

/// A place where a client is, or was until a moment ago.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClientPlace)]
pub struct Place {
    /// A room, or `redis` for what other programs say.
    #[schema(value_type = String)]
    pub place: Arc<str>,
    pub state: PlaceState,
    pub since: Timestamp,
    /// The last sign of life that was kept; `null` where none are given.
    pub heartbeat_at: Option<Timestamp>,
}

/// What a place reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Joined,
    Left,
    /// Still there. Whoever gives one is held to it: their silence means that they are lost.
    Heartbeat,
    /// Nothing is heard of them any more.
    Lost,
}

/// All that is known of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `None` for a name that the house does not know. Orders stand for these, too.
    pub profile: Option<Profile>,
    pub pause: Option<Box<Order>>,
    pub block: Option<Box<Order>>,
    pub close: Option<Box<Order>>,
    /// By name, each once.
    pub places: Vec<Place>,
    /// When they were last connected.
    pub last_seen: Option<Timestamp>,
    /// Other than before when anything but the presence changed.
    pub version: i64,
}

/// Something that is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Pause(Terms),
    Resume,
    Block(Terms),
    Unblock,
    Disconnect {
        reason: String,
    },
    Close(Terms),
    Admit,
    /// Makes a client.
    Add(NewProfile),
    /// Makes a client, or changes what is known of one.
    Put(NewProfile),
    /// Calls a known client otherwise.
    Rename(String),
    /// Gives a known client a seat, or a place in the line for one.
    Assign {
        seat: Seat,
        target: String,
        /// Waits for a freed place when it is full.
        waits: bool,
    },
    Unassign(Seat),
    /// Known still, and not counted on: their folder is gone, or they left the university.
    Withdraw,
    Remove,
    /// Lifts what has ended by itself.
    Expire,
}

/// An order about one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub username: Username,
    pub action: Action,
    /// The version that whoever orders it has seen; any when `None`.
    pub version: Option<i64>,
}

/// Something that happened to a client: a line of their history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    pub kind: &'static str,
    pub detail: String,
}

/// Why an order is not obeyed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("`{0}` is not known")]
    Unknown(Username),
    #[error("`{0}` is known already")]
    Exists(Username),
    #[error("`{username}` is blocked: {reason}")]
    Blocked { username: Username, reason: String },
    #[error("`{0}` is not blocked")]
    NotBlocked(Username),
    #[error("`{0}` is not paused")]
    NotPaused(Username),
    #[error("`{0}` is not connected")]
    NotConnected(Username),
    #[error("`{0}` is not kept out")]
    NotClosed(Username),
    #[error("`{target}` is full: {taken} of {capacity} places are taken")]
    Full {
        target: String,
        taken: u64,
        capacity: u64,
    },
    #[error("`{0}` is assigned to none, and waits for none")]
    NotAssigned(Username),
    #[error("somebody else has changed `{0}`; look at it again")]
    Version(Username),
    #[error("`{field}`: {why}")]
    Invalid { field: &'static str, why: String },
}

const STATES: [(ClientState, &str); 5] = [
    (ClientState::Blocked, "blocked"),
    (ClientState::Paused, "paused"),
    (ClientState::Active, "active"),
    (ClientState::ConnectionError, "connection_error"),
    (ClientState::Deactivated, "deactivated"),
];

const SOURCES: [(Source, &str); 5] = [
    (Source::Hand, "hand"),
    (Source::Import, "import"),
    (Source::Directory, "directory"),
    (Source::Room, "room"),
    (Source::Folder, "folder"),
];

impl ClientState {
    /// Every state, the weightiest first.
    pub const ALL: [Self; 5] = [
        Self::Blocked,
        Self::Paused,
        Self::Active,
        Self::ConnectionError,
        Self::Deactivated,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&STATES, self)
    }
}

impl Source {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        word_of(&SOURCES, self)
    }
}

impl FromStr for Source {
    type Err = Refused;

    fn from_str(word: &str) -> Result<Self, Refused> {
        named(&SOURCES, word).ok_or(Refused::Invalid {
            field: "source",
            why: "write hand, import, directory, room or folder".to_owned(),
        })
    }
}

impl Seat {
    pub const ALL: [Self; 2] = [Self::Room, Self::Pipeline];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Pipeline => "pipeline",
        }
    }
}

impl Profile {
    /// What they are assigned to.
    #[must_use]
    pub fn seat(&self, seat: Seat) -> Option<&str> {
        match seat {
            Seat::Room => self.room.as_deref(),
            Seat::Pipeline => self.pipeline.as_deref(),
        }
    }
}

impl OrderKind {
    pub const ALL: [Self; 3] = [Self::Pause, Self::Block, Self::Close];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Block => "block",
            Self::Close => "close",
        }
    }
}

impl fmt::Display for ClientState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Facts {
    /// The state that follows.
    #[must_use]
    pub fn state(&self) -> ClientState {
        match self.presence() {
            _ if self.block.is_some() => ClientState::Blocked,
            _ if self.pause.is_some() => ClientState::Paused,
            Presence::Connected => ClientState::Active,
            Presence::Lost => ClientState::ConnectionError,
            Presence::Away => ClientState::Deactivated,
        }
    }

    /// How they are connected: one place where they are is enough.
    #[must_use]
    pub fn presence(&self) -> Presence {
        let mut states = self.places.iter().map(|place| place.state);
        if states.any(|state| state == PlaceState::Connected) {
            Presence::Connected
        } else if self.places.is_empty() {
            Presence::Away
        } else {
            Presence::Lost
        }
    }

    /// Whether the house knows them and counts on them.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.profile
            .as_ref()
            .is_some_and(|known| known.is_available)
    }

    /// Whether nothing is known of the name at all.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let is_free = OrderKind::ALL
            .iter()
            .all(|kind| self.order(*kind).is_none());
        self.profile.is_none() && is_free && self.places.is_empty()
    }

    /// Whether they are known only because they once came into a room.
    pub(crate) fn is_guest(&self) -> bool {
        let known = self.profile.as_ref();
        known.is_some_and(|known| known.source == Source::Room)
    }

    /// Whether they are a guest who was not there since `before`, and about whom nobody has anything to
    /// say.
    pub(crate) fn is_guest_of_once(&self, before: Timestamp) -> bool {
        let orders = OrderKind::ALL.iter().filter_map(|kind| self.order(*kind));
        let is_untouched = |known: &Profile| {
            let seats = Seat::ALL.iter().filter_map(|seat| known.seat(*seat));
            known.updated_at == known.created_at && known.created_at < before && seats.count() == 0
        };
        self.is_guest()
            && self.places.is_empty()
            && orders.count() == 0
            && self.last_seen.is_none_or(|seen| seen < before)
            && self.profile.as_ref().is_some_and(is_untouched)
    }

    #[must_use]
    pub fn order(&self, kind: OrderKind) -> Option<&Order> {
        match kind {
            OrderKind::Pause => self.pause.as_deref(),
            OrderKind::Block => self.block.as_deref(),
            OrderKind::Close => self.close.as_deref(),
        }
    }

    /// What keeps them out: a block, or a closing.
    #[must_use]
    pub fn bar(&self) -> Option<&Order> {
        self.block.as_deref().or(self.close.as_deref())
    }

    /// When the first order about them ends.
    #[must_use]
    pub fn next_end(&self) -> Option<Timestamp> {
        let orders = OrderKind::ALL
            .into_iter()
            .filter_map(|kind| self.order(kind));
        orders.filter_map(|order| order.until).min()
    }
}
