//! The ways into a room, and who is there.

use std::net::SocketAddr;
use std::path::PathBuf;

use dabir_core::text::one_line;
use dabir_core::{Event, Timestamp, new_id};
use dabir_room::admission;
use dabir_room::control::Present;
use dabir_room::model::{Attendance, Role, client_name};
use dabir_room::token::{Claims, MAX_AHEAD, audience, sign, verify};
use jiff::SignedDuration;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::MeetingError;
use crate::model::{Meeting, MeetingState};
use crate::rooms::RoomStatus;
use crate::service::{Meetings, is_plain};
use crate::source::clean_name;
use crate::store;

/// The way into a room.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Joined {
    /// Opens the room in a browser; it holds the token and works once, within a minute.
    pub url: String,
    pub token: String,
}

/// Where a living room is reached from here.
#[derive(Clone, Debug)]
pub(crate) struct RoomDoor {
    pub(crate) address: SocketAddr,
    /// Our own room server, whose page may act as a page of ours.
    pub(crate) own: bool,
}

/// Somebody who is signed in, or whose token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account<'a> {
    /// By which they are put out when their rights end.
    pub id: &'a str,
    /// What the register of people calls them.
    pub username: &'a str,
}

/// Whom a token lets in.
pub(crate) struct Holder {
    pub(crate) sub: String,
    /// What the register of people calls them.
    pub(crate) client: String,
    pub(crate) name: String,
    pub(crate) role: Role,
}

/// How long a join token lasts.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_secs(60);

impl Meetings {
    /// A way into the room for `name`, who has this account, if any.
    ///
    /// # Errors
    /// When the room does not run, or not here, or the name is not allowed, or the house keeps them
    /// out.
    pub async fn join(
        &self,
        word: &str,
        account: Option<Account<'_>>,
        name: &str,
        role: Role,
    ) -> Result<Joined, MeetingError> {
        let meeting = self.meeting(word).await?;
        if !matches!(meeting.state, MeetingState::Running | MeetingState::Held) {
            let hint = "people can come in while it runs";
            return Err(MeetingError::State {
                state: meeting.state,
                hint,
            });
        }
        if self.runs_elsewhere(&meeting) && self.away(&meeting).await.is_none() {
            return Err(elsewhere(&meeting));
        }
        let name = clean_name(name);
        if !(1..=64).contains(&name.chars().count()) {
            return Err(MeetingError::invalid(
                "name",
                "a name has 1 to 64 characters".to_owned(),
            ));
        }
        let (sub, client) =
            account.map_or((&*name, &*name), |account| (account.id, account.username));
        if let Some(reason) = self.inner.rooms.register().bar(client) {
            return Err(MeetingError::Barred { reason });
        }
        let holder = Holder {
            sub: sub.to_owned(),
            client: client.to_owned(),
            name,
            role,
        };
        let token = self.sign(&meeting.id, holder);
        Ok(Joined {
            url: format!("{}#token={token}", self.url(&meeting.id)),
            token,
        })
    }

    /// The meeting, whose room is to be asked here.
    pub(crate) async fn meeting_here(&self, word: &str) -> Result<Meeting, MeetingError> {
        let meeting = self.meeting(word).await?;
        match self.runs_elsewhere(&meeting) {
            true => Err(elsewhere(&meeting)),
            false => Ok(meeting),
        }
    }

    /// A token that lets its holder into the room of the meeting `id` once, within a minute.
    pub(crate) fn sign(&self, id: &str, holder: Holder) -> String {
        let Holder {
            sub,
            client,
            name,
            role,
        } = holder;
        let now = self.inner.clock.now();
        let expires = now.saturating_add(TOKEN_LIFE).unwrap_or(Timestamp::MAX);
        let claims = Claims {
            aud: audience(id),
            client: (client != sub).then_some(client),
            sub,
            name,
            role,
            exp: expires.as_second(),
            jti: new_id(),
        };
        sign(&self.inner.signing_key, &claims)
    }

    /// Why the house lets nobody into the room of the meeting `id` who comes with this query. What is
    /// wrong with a name or a token, and whose a seat is, the room knows.
    pub(crate) fn bar_of(&self, id: &str, query: &str) -> Option<String> {
        let given = |key: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(name, _)| name == key).map(|(_, value)| value)
        };
        let name = match given("token") {
            Some(token) => {
                let (key, now) = (
                    self.inner.signing_key.verifying_key(),
                    self.inner.clock.now(),
                );
                let claims = verify(&token, &key, id, now, MAX_AHEAD).ok()?;
                let (client, sub) = (claims.client.as_deref(), Some(&*claims.sub));
                client_name(client, sub, &claims.name).to_owned()
            }
            None => admission::clean_name(&given("name")?)?,
        };
        self.inner.rooms.register().bar(&name)
    }

    /// Puts whoever has no session left out of every room.
    pub(crate) fn put_out(&self, event: &Event) {
        if let Event::SessionEnded {
            user_id,
            reason,
            last: true,
        } = event
        {
            self.inner.rooms.kick(user_id, reason);
        }
    }

    /// Where the room of the meeting `id` listens.
    ///
    /// # Errors
    /// When there is no such meeting, or it does not run now, or not here.
    pub(crate) async fn door(&self, id: &str) -> Result<RoomDoor, MeetingError> {
        if let Some(room) = self.inner.rooms.status(id).filter(RoomStatus::is_alive)
            && let Some(address) = room.address()
        {
            return Ok(RoomDoor {
                address,
                own: room.own,
            });
        }
        // By its id alone: whoever does not know it is not to learn it from a name.
        let meeting = if is_plain(id) {
            store::find(self.inner.db.read(), id).await?
        } else {
            None
        };
        let meeting = meeting.ok_or_else(|| MeetingError::NotFound(one_line(id)))?;
        if self.runs_elsewhere(&meeting) {
            let away = self.away(&meeting).await;
            return Ok(RoomDoor {
                address: away.ok_or_else(|| elsewhere(&meeting))?.address,
                own: true,
            });
        }
        let hint = "its room is open while it runs";
        Err(MeetingError::State {
            state: meeting.state,
            hint,
        })
    }

    /// Who is in the room now.
    ///
    /// # Errors
    /// When there is no such meeting.
    pub async fn participants(&self, word: &str) -> Result<Vec<Present>, MeetingError> {
        let meeting = self.meeting_here(word).await?;
        Ok(self.inner.rooms.participants(&meeting.id).await)
    }

    /// Who was in the room, and for how long.
    ///
    /// # Errors
    /// When there is no such meeting.
    pub async fn attendance(&self, word: &str) -> Result<Vec<Attendance>, MeetingError> {
        let meeting = self.meeting_here(word).await?;
        Ok(self.inner.rooms.attendance(&meeting.id).await)
    }

    /// The file that the room of `word` prints to.
    ///
    /// # Errors
    /// When there is no such meeting.
    pub async fn log_file(&self, word: &str) -> Result<PathBuf, MeetingError> {
        let meeting = self.meeting_here(word).await?;
        Ok(self.inner.rooms.log_file(&meeting.id))
    }
}

pub(crate) fn elsewhere(meeting: &Meeting) -> MeetingError {
    let state = meeting.state;
    MeetingError::Elsewhere { state }
}
