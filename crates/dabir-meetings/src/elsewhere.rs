//! Rooms that other servers keep: where they are reached from here, and whether they still answer.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::Request;
use http_body_util::{BodyExt, Limited};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;

use crate::model::{Meeting, MeetingState};
use crate::service::Meetings;

/// How long a room may take to answer.
const ANSWER: Duration = Duration::from_secs(1);
/// For how long an answer is good.
const FRESH: Duration = Duration::from_secs(1);
/// A room's answer is a few hundred bytes.
const MAX_ANSWER: usize = 64 << 10;

/// A room on another server, as it answers here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Away {
    pub(crate) address: SocketAddr,
    pub(crate) people: usize,
    pub(crate) guests: bool,
}

/// What rooms on other servers answered lately, by meeting.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<BTreeMap<String, (Instant, Option<Away>)>>);

/// What a room says of itself at `/info`.
#[derive(Deserialize)]
struct Info {
    id: String,
    participants: usize,
    guests: bool,
}

impl Answers {
    fn fresh(&self, id: &str) -> Option<Option<Away>> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, away) = answers.get(id)?;
        (at.elapsed() < FRESH).then(|| away.clone())
    }

    fn keep(&self, id: &str, away: Option<Away>) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|_, (at, _)| at.elapsed() < FRESH);
        answers.insert(id.to_owned(), (Instant::now(), away));
    }
}

impl Meetings {
    /// Whether another server keeps its room, which runs as far as the database knows.
    pub(crate) fn runs_elsewhere(&self, meeting: &Meeting) -> bool {
        let runs = matches!(meeting.state, MeetingState::Running | MeetingState::Held);
        runs && !self.is_kept_here(meeting)
    }

    /// Whether its room is this server's, or is to be.
    pub(crate) fn is_kept_here(&self, meeting: &Meeting) -> bool {
        let has_room = self.inner.rooms.status(&meeting.id).is_some();
        meeting.is_kept_by(self.inner.servers.id(), has_room)
    }

    /// Whether it has a room: one of this server, or of another as far as the database knows.
    pub(crate) fn may_have_a_room(&self, meeting: &Meeting) -> bool {
        let is_on_elsewhere = meeting.is_on() && !self.is_kept_here(meeting);
        is_on_elsewhere || self.inner.rooms.status(&meeting.id).is_some()
    }

    /// The room of a meeting that another server keeps, when it answers here.
    pub(crate) async fn away(&self, meeting: &Meeting) -> Option<Away> {
        if let Some(known) = self.inner.answers.fresh(&meeting.id) {
            return known;
        }
        let machine = self.inner.servers.machine();
        let address = meeting.room_at.as_ref().and_then(|room| room.from(machine));
        let away = match address {
            Some(address) => ask(address, &meeting.id).await,
            None => None,
        };
        self.inner.answers.keep(&meeting.id, away.clone());
        away
    }
}

/// The room of the meeting `id`, if it is what answers at `address`.
async fn ask(address: SocketAddr, id: &str) -> Option<Away> {
    let body = tokio::time::timeout(ANSWER, get_info(address))
        .await
        .ok()??;
    let info: Info = serde_json::from_slice(&body).ok()?;
    let (people, guests) = (info.participants, info.guests);
    (info.id == id).then_some(Away {
        address,
        people,
        guests,
    })
}

async fn get_info(address: SocketAddr) -> Option<Bytes> {
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake::<_, Body>(TokioIo::new(stream))
            .await
            .ok()?;
    tokio::spawn(connection);
    let request = Request::get("/info").header("host", address.to_string());
    let response = sender.send_request(request.body(Body::empty()).ok()?).await;
    let body = Limited::new(response.ok()?.into_body(), MAX_ANSWER);
    Some(body.collect().await.ok()?.to_bytes())
}
