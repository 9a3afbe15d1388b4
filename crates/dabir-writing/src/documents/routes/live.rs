//! `GET /api/v1/documents/{id}/live`: the line of a page where a document is open.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use dabir_http::{By, Path, Problem, SignedIn};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::who;
use crate::documents::service::Documents;
use crate::live::{Line, MAX_FRAME};

/// How often a page is asked for a sign of life.
const PULSE: Duration = Duration::from_secs(20);
/// How long a page may give none, or take for a frame.
const SILENCE: Duration = Duration::from_secs(45);
/// How long the last word may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// Edit a document together with others, over a WebSocket of binary frames: `0` what each side has and
/// lacks, `1` who is where, `5` a numbered change, `6` all changes up to a number are kept, `7` what
/// the server says beside that.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/live", tag = "documents", params(("id" = String, Path)),
    responses(
        (status = 101, description = "A WebSocket"),
        (status = 404, body = Problem), (status = 426, body = Problem),
        (status = 503, body = Problem),
    ),
)]
pub(super) async fn edit_document(
    SignedIn(caller): SignedIn,
    by: By,
    State(documents): State<Documents>,
    Path(id): Path<String>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|error| {
        let status = StatusCode::UPGRADE_REQUIRED;
        Problem::new(status, "request.upgrade", error.body_text())
    })?;
    let line = documents.enter(&who(by, &caller), &id).await?;
    let alive = caller.alive.clone();
    Ok(upgrade
        .max_message_size(MAX_FRAME)
        .max_frame_size(MAX_FRAME)
        .on_upgrade(move |socket| serve(socket, line, alive)))
}

/// Carries frames in both directions until one side ends, or the session does.
async fn serve(mut socket: WebSocket, mut line: Line, alive: CancellationToken) {
    let mut pulse = interval(PULSE);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    let ended = line.ended();
    let last = loop {
        let frame = tokio::select! {
            biased;
            () = alive.cancelled() => break Line::signed_out(),
            frame = line.next() => match frame {
                Some(frame) => Message::Binary(frame),
                None => break line.last_word(),
            },
            received = socket.recv() => {
                heard = Instant::now();
                match received {
                    Some(Ok(Message::Binary(frame))) => {
                        // Said while it is not too late: a room with much to do lets pages wait.
                        tokio::select! {
                            () = alive.cancelled() => break Line::signed_out(),
                            () = line.say(frame) => continue,
                        }
                    }
                    Some(Ok(Message::Close(_))) | None => return,
                    Some(Ok(_)) => continue,
                    // Longer than any frame, or no WebSocket at all.
                    Some(Err(_)) => break Line::too_large(),
                }
            },
            _ = pulse.tick() => match heard.elapsed() > SILENCE {
                true => return,
                false => Message::Ping(Bytes::new()),
            },
        };
        // A page that takes nothing must not keep this from ending.
        tokio::select! {
            biased;
            () = alive.cancelled() => break Line::signed_out(),
            () = ended.cancelled() => break line.last_word(),
            sent = timeout(SILENCE, socket.send(frame)) => match sent {
                Ok(Ok(())) => {}
                _ => return,
            },
        }
    };
    let farewell = async {
        socket.send(Message::Binary(last)).await?;
        socket.send(Message::Close(None)).await
    };
    // Whoever does not take it finds the connection closed.
    let _ = timeout(FAREWELL, farewell).await;
}
