//! `/j/<slug>`: what a participant opens first. It says what the meeting is, waits with them for its
//! beginning, and leads into its room.
//!
//! Looking at it changes nothing: chat programs and calendars fetch such addresses by themselves. Only
//! the form's POST makes a token, and that stands behind the `#` of the next address, where no server
//! and no log sees it and where the room's page removes it.

mod words;
mod page;
mod calendar;

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use dabir_core::encode::hex;
use dabir_http::{Form, Identity, Json, Path, Problem, Role, Stranger};
use dabir_meetings::entry::Account;
use dabir_meetings::invitation::{Invitation, Refusal, Visitor};
use dabir_meetings::{MeetingError, Meetings};
use dabir_room::model;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::pages::Reader;
use page::View;

pub(crate) use words::when;

/// Built from `web/room/join` by `make web`.
const SCRIPT: &str = include_str!("../../../../web/dist/join/join.js");

/// The script under a name that changes with it, so that a browser may keep it for ever.
static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| {
    let hash = Sha256::digest(SCRIPT);
    format!("join-{}.js", hex(&hash[..6]))
});

/// What a crawler may do with a page that only those who were given its address should find.
const ROBOTS: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-robots-tag"),
    HeaderValue::from_static("noindex, nofollow"),
);
const NO_STORE: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/j/{slug}", get(show_page).post(enter))
        .route("/j/{slug}/state", get(show_state))
        .route("/j/assets/{file}", get(show_script))
}

/// Somebody at the page: who they are, if they are signed in.
type Caller = Option<Extension<Identity>>;

async fn show_page(
    _: Stranger,
    reader: Reader,
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
) -> Result<Response, Problem> {
    if let Some(slug) = slug.strip_suffix(".ics") {
        let invitation = find(&app.meetings, slug).await?;
        return Ok(calendar::answer(&invitation, reader));
    }
    let invitation = find(&app.meetings, &slug).await?;
    let view = view(&app, reader, &invitation, caller.as_ref());
    Ok(view.answer(StatusCode::OK))
}

#[derive(Deserialize)]
struct EnterForm {
    /// Whoever is signed in has a name already.
    #[serde(default)]
    name: String,
}

async fn enter(
    _: Stranger,
    reader: Reader,
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    Form(form): Form<EnterForm>,
) -> Result<Response, Problem> {
    let invitation = find(&app.meetings, &slug).await?;
    let visitor = match caller.as_ref().and_then(|caller| member(&caller.0)) {
        Some(member) => member,
        None => Visitor::Guest(&form.name),
    };
    match app.meetings.admit(&invitation, visitor) {
        Ok(token) => Ok(lead_in(reader, &invitation, token.as_deref())),
        Err(refusal) => {
            let view = View {
                typed: &form.name,
                refused: refusal == Refusal::Name,
                blocked: refusal == Refusal::Blocked,
                ..view(&app, reader, &invitation, caller.as_ref())
            };
            Ok(view.answer(status_of(refusal)))
        }
    }
}

/// The room's address by its path alone: people may have come by another name of this host.
fn lead_in(reader: Reader, invitation: &Invitation, token: Option<&str>) -> Response {
    let (id, slug) = (&invitation.id, &invitation.slug);
    let token = token.map_or(String::new(), |token| format!("#token={token}&from={slug}"));
    let room = format!("/rooms/{id}/?lang={}{token}", reader.tag());
    ([NO_STORE], Redirect::to(&room)).into_response()
}

fn status_of(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Closed => StatusCode::CONFLICT,
        Refusal::Guests | Refusal::Blocked => StatusCode::FORBIDDEN,
        Refusal::Name => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// What a page that waits has to know.
#[derive(Serialize)]
struct StateView {
    state: &'static str,
}

/// Answers that nothing changed in a few bytes: a thousand phones may be waiting.
async fn show_state(
    _: Stranger,
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let invitation = find(&app.meetings, &slug).await?;
    let is_member = caller.is_some_and(|caller| member(&caller.0).is_some());
    let tag = page::tag(&invitation, is_member);
    let kept = [
        ROBOTS,
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        ),
    ];
    let known = headers.get(header::IF_NONE_MATCH);
    let etag = [(header::ETAG, tag.clone())];
    if known.is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, kept, etag).into_response());
    }
    let state = StateView {
        state: invitation.standing.as_str(),
    };
    Ok((kept, etag, Json(state)).into_response())
}

async fn show_script(Path(file): Path<String>) -> Result<Response, Problem> {
    if file != *SCRIPT_NAME {
        return Err(Problem::not_found("request.path", "there is no such file"));
    }
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, dabir_room::assets::CACHE_CONTROL),
    ];
    Ok((headers, SCRIPT).into_response())
}

/// The meeting behind an address; whatever is wrong with a slug is answered alike.
async fn find(meetings: &Meetings, slug: &str) -> Result<Invitation, Problem> {
    meetings
        .invitation(slug)
        .await
        .map_err(|error| match error {
            MeetingError::NotFound(_) => {
                Problem::not_found("meetings.not_found", "no meeting has this address")
            }
            other => other.into(),
        })
}

fn view<'a>(
    app: &App,
    reader: Reader,
    invitation: &'a Invitation,
    caller: Option<&'a Extension<Identity>>,
) -> View<'a> {
    let zone_name = app.meetings.timezone();
    View {
        reader,
        invitation,
        member: caller
            .filter(|caller| member(&caller.0).is_some())
            .map(|caller| caller.0.name.as_str()),
        zone: TimeZone::get(&zone_name).unwrap_or(TimeZone::UTC),
        zone_name,
        typed: "",
        refused: false,
        blocked: false,
    }
}

/// Somebody who is signed in, as the room gets them: whoever may run the house moderates.
fn member(identity: &Identity) -> Option<Visitor<'_>> {
    identity.session_id.as_ref()?;
    let role = match identity.role {
        Role::Operator | Role::Admin => model::Role::Moderator,
        Role::Participant | Role::Writer | Role::Auditor => model::Role::Participant,
    };
    Some(Visitor::Member {
        account: Account {
            id: identity.user_id.as_deref()?,
            username: identity.username.as_deref()?,
        },
        name: &identity.name,
        role,
    })
}
