//! Between the meetings and the documents: what was written down in a room becomes a document when the
//! meeting is over.

mod page;
mod routes;

use std::error::Error;
use std::time::Duration;

use dabir_core::{Actor, ActorKind, Event, Events};
use dabir_http::{Identity, Problem, Role};
use dabir_meetings::{MeetingError, Meetings, Transcript};
use dabir_writing::documents::{Begun, DocumentError, Grant, Right, Who};
use dabir_writing::{Documents, Doer};
use jiff::tz::TimeZone;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub(crate) use routes::routes;

/// How often it is looked for meetings that ended, when nobody tells of one.
const LOOK: Duration = Duration::from_secs(60);

/// Whoever makes documents of minutes. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Secretary {
    pub(crate) meetings: Meetings,
    pub(crate) documents: Documents,
    pub(crate) events: Events,
    /// In whose days a meeting was.
    pub(crate) timezone: TimeZone,
}

/// Why minutes did not become a document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Meetings(#[from] MeetingError),
    #[error(transparent)]
    Documents(#[from] DocumentError),
    #[error(
        "the document of these minutes was deleted or is not shared with you; its owner can restore or share it"
    )]
    OutOfReach,
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Meetings(error) => error.into(),
            Failure::Documents(error) => error.into(),
            Failure::OutOfReach => {
                Self::conflict("meetings.minutes_out_of_reach", failure.to_string())
            }
        }
    }
}

/// Makes documents of the minutes of meetings that end, until `cancel`.
pub(crate) async fn run(secretary: Secretary, cancel: CancellationToken) {
    let mut events = secretary.events.subscribe(None).receiver;
    let follow = async {
        loop {
            secretary.look().await;
            // Whatever else happens, a minute later it is looked again.
            let _ = timeout(LOOK, async {
                loop {
                    match events.recv().await {
                        Ok(numbered) if is_end(&numbered.event) => return,
                        Ok(_) => {}
                        Err(RecvError::Lagged(_)) => return,
                        Err(RecvError::Closed) => std::future::pending().await,
                    }
                }
            })
            .await;
        }
    };
    cancel.run_until_cancelled(follow).await;
}

fn is_end(event: &Event) -> bool {
    matches!(event, Event::MeetingChanged { state, .. } if state == "ended")
}

impl Secretary {
    /// Makes documents of the minutes of all meetings that ended lately.
    async fn look(&self) {
        let ended = match self.meetings.without_minutes().await {
            Ok(ended) => ended,
            Err(error) => {
                tracing::warn!(%error, "no minutes become documents for now: {error}");
                return;
            }
        };
        for id in ended {
            if let Err(failure) = self.keep(&id).await {
                let error: &dyn Error = &failure;
                tracing::warn!(
                    meeting.id = id,
                    error,
                    "the minutes of a meeting became no document: {failure}"
                );
            }
        }
    }

    async fn keep(&self, id: &str) -> Result<(), Failure> {
        let transcript = match self.meetings.transcript(id).await {
            Ok(transcript) => transcript,
            // Another server had it last and does this, or it was opened again.
            Err(MeetingError::Elsewhere { .. } | MeetingError::State { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if transcript.minutes.trim().is_empty() {
            return Ok(self.meetings.minutes_are_kept(&transcript).await?);
        }
        let house = Doer {
            actor: Actor::here(ActorKind::System, "dabir"),
            user_id: None,
            role: Role::Admin,
        };
        self.write(&house, &transcript).await?;
        Ok(())
    }

    /// The document that the minutes of a meeting became: it is made now when it is not there, and
    /// belongs to whoever asked then. Whoever is answered can read it.
    pub(crate) async fn document(
        &self,
        by: &Actor,
        who: &Identity,
        word: &str,
    ) -> Result<String, Failure> {
        let transcript = self.meetings.transcript(word).await?;
        let id = self.write(&Doer::new(by.clone(), who), &transcript).await?;
        match self.documents.get(&Who::new(by.clone(), who), &id).await {
            Ok(document) if document.deleted_at.is_none() => Ok(id),
            Ok(_) | Err(DocumentError::NotFound(_)) => Err(Failure::OutOfReach),
            Err(error) => Err(error.into()),
        }
    }

    /// Those who look after meetings write in it; they share it further.
    async fn write(&self, owner: &Doer, transcript: &Transcript) -> Result<String, Failure> {
        let id = self.meetings.minutes_document(transcript).await?;
        let (title, text) = page::write(transcript, &self.timezone).map_err(DocumentError::from)?;
        let grant = |role| Grant {
            grantee: format!("role:{role}"),
            right: Right::Edit,
            name: String::new(),
            folder: None,
        };
        let begun = Begun {
            id: id.clone(),
            title,
            text,
            grants: ["operator", "admin"].map(grant).to_vec(),
        };
        self.documents.begin_as(owner, begun).await?;
        self.meetings.minutes_are_kept(transcript).await?;
        Ok(id)
    }
}
