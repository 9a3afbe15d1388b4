//! One person's WebSocket: frames in through `tungstenite`, frames out as they are.
//!
//! A connection that keeps up costs a write per batch of events and no wake-up of its task. One that
//! does not is left behind at an offset, and catches up from the history when it reads again.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustix::net::SendFlags;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tungstenite::error::{CapacityError, Error as WsError, ProtocolError};
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};

use crate::frame::{self, CloseCode};
use crate::hub::Hub;
use crate::limit::Bucket;
use crate::metrics::Metrics;
use crate::outbox::Outbox;
use crate::request::{Asked, Refusal, Request};

/// The largest frame, and the largest that may carry `minutes`.
const MAX_FRAME: usize = 64 * 1024;
const MAX_MINUTES_FRAME: usize = 512 * 1024;

/// What an idle connection keeps for reading.
const READ_BUFFER: usize = 512;

/// Frames read before others have their turn.
const READS_PER_TURN: usize = 32;

const MESSAGES_PER_SECOND: u32 = 20;
const MESSAGES_BURST: u32 = 40;
/// Every so many bytes count as a message.
const MESSAGE_BYTES: usize = 8 * 1024;
/// What a request costs whose answer is far larger than itself.
const LARGE_ANSWER: u32 = 5;
/// Refusals in a row after which a flood is cut off.
const MAX_REFUSALS: u32 = 200;

/// How much is caught up at once.
const CATCH_UP_BYTES: usize = 64 * 1024;

/// How long a closing connection may take to hear its last words.
const FAREWELL: Duration = Duration::from_millis(500);

/// Silence after which a connection is asked whether it lives, and after which it does not.
pub const PING_AFTER: Duration = Duration::from_secs(5);
pub const GONE_AFTER: Duration = Duration::from_secs(10);
/// How often it is seen whether somebody takes what waits for them.
const LOOK_CLOSELY_EVERY: Duration = Duration::from_secs(1);

/// A person's connection.
#[derive(Debug)]
pub struct Connection {
    pub id: u64,
    /// Whose it is.
    pub person: String,
    stream: TcpStream,
    outbox: RefCell<Outbox>,
    /// Wakes the task when there is a rest to write or the connection is to close.
    nudge: Notify,
    stage: Cell<Stage>,
    /// The last event that is in the outbox or beyond.
    sent: Cell<u64>,
    heard_at: Cell<Instant>,
    pinged_at: Cell<Option<Instant>>,
    bucket: RefCell<Bucket>,
    refusals: Cell<u32>,
    metrics: Rc<Metrics>,
}

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Not welcomed yet.
    Waiting,
    /// Gets events as they happen.
    Live,
    /// Gets them from the history.
    Behind,
    /// Has been told to go.
    Closing,
    /// The socket is of no use any more.
    Gone,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The person closed it.
    Left,
    /// The room closed it.
    Closed,
    /// It broke, and its person may be back in a moment.
    Broken,
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Said {
    Done,
    /// Its reader has left too much unread.
    GivenUp,
}

/// What the sweep does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Fine { look_again: Instant },
    Ping,
    Gone,
}

impl Connection {
    /// A connection on `stream`, which has just become a WebSocket.
    #[must_use]
    pub fn new(id: u64, person: String, stream: TcpStream, metrics: Rc<Metrics>) -> Self {
        let now = Instant::now();
        Self {
            id,
            person,
            stream,
            outbox: RefCell::default(),
            nudge: Notify::new(),
            stage: Cell::new(Stage::Waiting),
            sent: Cell::new(0),
            heard_at: Cell::new(now),
            pinged_at: Cell::new(None),
            bucket: RefCell::new(Bucket::new(MESSAGES_BURST, MESSAGES_PER_SECOND, now)),
            refusals: Cell::new(0),
            metrics,
        }
    }

    /// Answers this person with `line`. Who asks and does not read is given up, because an answer
    /// can neither be left out nor wait without end; says whether that was so.
    pub fn say(&self, line: &Bytes) -> Said {
        if self.is_over() {
            return Said::Done;
        }
        if self.outbox.borrow().is_full() {
            self.give_up();
            return Said::GivenUp;
        }
        self.send(frame::text([line]));
        Said::Done
    }

    /// Says something that is no event, which nobody who is too slow for it will miss later.
    pub fn say_in_passing(&self, words: &Bytes) {
        if self.stage.get() == Stage::Live && !self.outbox.borrow().is_full() {
            self.send(words.clone());
        }
    }

    /// Offers the events `first..=last`; who is behind gets them later from the history.
    pub fn offer(&self, first: u64, last: u64, events: &Bytes) {
        if self.stage.get() != Stage::Live || self.sent.get() + 1 != first {
            return;
        }
        if self.outbox.borrow().is_full() {
            self.stage.set(Stage::Behind);
            return;
        }
        self.sent.set(last);
        self.send(events.clone());
    }

    /// Says the welcome, which tells of everything up to `offset`.
    pub fn welcome(&self, line: &Bytes, offset: u64) {
        if self.stage.get() == Stage::Waiting {
            self.stage.set(Stage::Live);
            self.sent.set(offset);
            self.send(frame::text([line]));
        }
    }

    /// Sends what came after `offset` again, and goes on from there.
    pub fn rewind(&self, offset: u64) {
        if matches!(self.stage.get(), Stage::Live | Stage::Behind) {
            self.stage.set(Stage::Behind);
            self.sent.set(offset);
            self.nudge.notify_one();
        }
    }

    /// Says a last line and closes.
    pub fn close(&self, line: Option<&Bytes>, code: CloseCode) {
        if self.is_over() {
            return;
        }
        if let Some(line) = line {
            self.send(frame::text([line]));
        }
        self.send(frame::close(code));
        self.set_over(Stage::Closing);
    }

    /// Lets the task end without another word.
    pub fn give_up(&self) {
        self.set_over(Stage::Gone);
    }

    /// Whether this person has been sent the event with this offset.
    #[must_use]
    pub fn was_sent(&self, offset: u64) -> bool {
        self.sent.get() >= offset
    }

    fn set_over(&self, stage: Stage) {
        if self.stage.get() != Stage::Gone {
            self.stage.set(stage);
        }
        self.nudge.notify_one();
    }

    /// Whether this connection takes part no more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.stage.get(), Stage::Closing | Stage::Gone)
    }

    fn hear(&self) {
        self.heard_at.set(Instant::now());
        self.pinged_at.set(None);
    }

    /// When its person counts as gone, should nothing more be heard of them.
    #[must_use]
    pub fn gone_at(&self) -> Instant {
        self.heard_at.get() + GONE_AFTER
    }

    /// Whether something waits for the reader.
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        !self.outbox.borrow().is_empty()
    }

    /// Judges how alive the connection is, by what has come from it: what it sends, and the room it
    /// makes for what waits for it.
    #[must_use]
    pub fn verdict(&self, now: Instant) -> Verdict {
        // The runtime wakes a writer when much of the buffer is free, and on a slow line that takes
        // long.
        self.drain(|bytes| self.try_write(bytes));
        match judge(now, self.heard_at.get(), self.pinged_at.get()) {
            Verdict::Fine { look_again } if self.has_unsent() => Verdict::Fine {
                look_again: look_again.min(now + LOOK_CLOSELY_EVERY),
            },
            Verdict::Ping => {
                self.pinged_at.set(Some(now));
                Verdict::Ping
            }
            verdict => verdict,
        }
    }

    /// Asks whether anybody is there.
    pub fn ping(&self) {
        self.send(frame::ping());
    }

    /// Sends `frame` behind what waits already.
    fn send(&self, frame: Bytes) {
        self.metrics.sent_bytes.add(frame.len() as u64);
        let mut outbox = self.outbox.borrow_mut();
        if !outbox.is_empty() {
            return outbox.push(frame);
        }
        // An error is for the next write of the task to find.
        let written = self.try_write(&frame).unwrap_or(0);
        if written < frame.len() {
            outbox.push(frame.slice(written..));
            self.nudge.notify_one();
        }
    }

    /// Writes past the runtime, which need not know of a socket that takes everything at once.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::net::send(&self.stream, bytes, SendFlags::NOSIGNAL)?)
    }

    /// Writes what the socket takes.
    fn drain(&self, write: impl FnMut(&[u8]) -> io::Result<usize>) {
        let drained = self.outbox.borrow_mut().drain(write);
        match drained {
            // What the socket takes now, the other side has made room for: it lives.
            Ok(true) => self.hear(),
            Ok(false) => {}
            Err(_) => self.set_over(Stage::Gone),
        }
    }

    /// Sends a stretch of the history to who is behind, once the socket has taken the last; says
    /// whether there may be more to send at once.
    fn catch_up(&self, hub: &Hub) -> bool {
        if self.stage.get() != Stage::Behind || self.has_unsent() {
            return false;
        }
        let Ok(stretch) = hub.events_after(self.sent.get(), CATCH_UP_BYTES) else {
            self.set_over(Stage::Gone);
            return false;
        };
        if stretch.events.is_empty() {
            self.stage.set(Stage::Live);
            return false;
        }
        self.sent.set(stretch.last);
        self.send(frame::text(&stretch.events));
        !self.has_unsent()
    }

    fn refuse(&self) -> bool {
        self.refusals.set(self.refusals.get() + 1);
        self.refusals.get() >= MAX_REFUSALS
    }

    async fn changed(&self) {
        let (full, waiting) = {
            let outbox = self.outbox.borrow();
            (outbox.is_full(), !outbox.is_empty())
        };
        // An error shows itself at the next read or write.
        tokio::select! {
            _ = self.stream.readable(), if !full => {}
            _ = self.stream.writable(), if waiting => {}
            () = self.nudge.notified() => {}
        }
    }

    /// Waits until the last words are taken and the other side has closed too.
    async fn farewell(&self) {
        while self.stage.get() == Stage::Closing && !self.outbox.borrow().is_empty() {
            if self.stream.writable().await.is_err() {
                return;
            }
            self.drain(|bytes| self.stream.try_write(bytes));
        }
        let mut discarded = [0; 1024];
        while self.stage.get() == Stage::Closing && self.stream.readable().await.is_ok() {
            match self.stream.try_read(&mut discarded) {
                Ok(0) => return,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
                _ => {}
            }
        }
    }
}

/// What silence since `heard_at` means.
fn judge(now: Instant, heard_at: Instant, pinged_at: Option<Instant>) -> Verdict {
    let (end, verdict) = match pinged_at {
        None => (heard_at + PING_AFTER, Verdict::Ping),
        // Who was asked late, because the room itself stood still, has time to answer.
        Some(pinged_at) => {
            let answer_by = pinged_at + (GONE_AFTER - PING_AFTER);
            (answer_by.max(heard_at + GONE_AFTER), Verdict::Gone)
        }
    };
    if now >= end {
        verdict
    } else {
        Verdict::Fine { look_again: end }
    }
}

/// The socket as `tungstenite` wants it: what it writes goes behind everything else.
struct Wire<'a>(&'a Connection);

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.stream.try_read(buffer)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.0.is_over() {
            self.0.send(Bytes::copy_from_slice(bytes));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Serves `connection` until it ends. `early` is what the client sent behind its upgrade request.
pub async fn serve(hub: &Hub, connection: &Rc<Connection>, early: Vec<u8>) -> Ending {
    let mut reader = WebSocketContext::from_partially_read(early, Role::Server, Some(config()));
    loop {
        let read = read_some(hub, connection, &mut reader);
        if let Some(ending) = read {
            connection.set_over(Stage::Gone);
            return ending;
        }
        connection.drain(|bytes| connection.stream.try_write(bytes));
        let goes_on = connection.catch_up(hub);
        if connection.has_unsent() {
            hub.sweep_soon();
        }
        match connection.stage.get() {
            Stage::Closing => break,
            Stage::Gone => return Ending::Broken,
            // Others have their turn between two stretches.
            _ if goes_on => tokio::task::yield_now().await,
            _ => connection.changed().await,
        }
    }
    drop(reader);
    // Who does not answer the farewell has heard it, or never will.
    let _ = tokio::time::timeout(FAREWELL, connection.farewell()).await;
    Ending::Closed
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_frame_size(Some(MAX_MINUTES_FRAME))
        .max_message_size(Some(MAX_MINUTES_FRAME))
}

/// Reads what is there, within a turn; says how the connection ended if it did.
fn read_some(
    hub: &Hub,
    connection: &Rc<Connection>,
    reader: &mut WebSocketContext,
) -> Option<Ending> {
    for _ in 0..READS_PER_TURN {
        if connection.is_over() || connection.outbox.borrow().is_full() {
            return None;
        }
        match reader.read(&mut Wire(connection)) {
            Ok(message) => {
                connection.hear();
                take(hub, connection, &message);
            }
            Err(error) => return end_of(connection, &error),
        }
    }
    connection.nudge.notify_one();
    None
}

fn take(hub: &Hub, connection: &Rc<Connection>, message: &tungstenite::Message) {
    match message {
        tungstenite::Message::Text(text) => take_text(hub, connection, text.as_str()),
        tungstenite::Message::Binary(_) => connection.close(None, CloseCode::Policy),
        tungstenite::Message::Ping(_) | tungstenite::Message::Pong(_) => {
            charge(hub, connection, 1);
        }
        _ => {}
    }
}

/// Takes a request a line; the first pays for the length of all.
fn take_text(hub: &Hub, connection: &Rc<Connection>, text: &str) {
    if text.len() > MAX_FRAME {
        return take_minutes(hub, connection, text);
    }
    let mut weight = weight(text);
    let mut lines = text
        .split('\n')
        .filter(|line| !line.trim().is_empty())
        .peekable();
    if lines.peek().is_none() {
        charge(hub, connection, weight + 1);
    }
    for line in lines {
        let asked = crate::request::parse(line);
        let cost = std::mem::take(&mut weight) + price(&asked);
        ask(hub, connection, asked, cost);
    }
}

/// Takes a text of a length that only `minutes` may have.
fn take_minutes(hub: &Hub, connection: &Rc<Connection>, text: &str) {
    let asked = crate::request::parse(text);
    if !matches!(asked.request, Ok(Request::Minutes { .. })) {
        return connection.close(None, CloseCode::TooBig);
    }
    // The longest minutes must pass when nothing came before them.
    ask(
        hub,
        connection,
        asked,
        (weight(text) + 1).min(MESSAGES_BURST),
    );
}

fn weight(text: &str) -> u32 {
    u32::try_from(text.len() / MESSAGE_BYTES).unwrap_or(MESSAGES_BURST)
}

fn price(asked: &Asked) -> u32 {
    match asked.request {
        Ok(Request::History { .. } | Request::Resume { .. } | Request::Attendance) => LARGE_ANSWER,
        _ => 1,
    }
}

fn ask(hub: &Hub, connection: &Rc<Connection>, mut asked: Asked, cost: u32) {
    if connection.is_over() {
        return;
    }
    if !charge(hub, connection, cost) {
        asked.request = Err(Refusal::RateLimited);
    }
    hub.ask(connection, asked);
}

/// Charges for a message, and says whether it may pass; a flood is cut off.
fn charge(hub: &Hub, connection: &Connection, cost: u32) -> bool {
    let passes = connection.bucket.borrow_mut().take(cost, Instant::now());
    if passes {
        connection.refusals.set(0);
    } else if connection.refuse() {
        connection.close(None, CloseCode::Policy);
        hub.flooded
            .line(&hub.clock, "warning: somebody floods the room; cut off");
    }
    passes
}

fn end_of(connection: &Connection, error: &WsError) -> Option<Ending> {
    let close_code = match error {
        WsError::Io(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
        WsError::ConnectionClosed | WsError::AlreadyClosed => return Some(Ending::Left),
        WsError::Io(_) | WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            return Some(Ending::Broken);
        }
        WsError::Capacity(CapacityError::MessageTooLong { .. }) => CloseCode::TooBig,
        WsError::Utf8(_) => CloseCode::Text,
        _ => CloseCode::Protocol,
    };
    connection.close(None, close_code);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_asked_about_and_then_taken_for_absence() {
        let heard = Instant::now();
        let at = |seconds| heard + Duration::from_secs(seconds);
        let fine = |seconds| Verdict::Fine {
            look_again: at(seconds),
        };
        assert_eq!(judge(at(4), heard, None), fine(5));
        assert_eq!(judge(at(5), heard, None), Verdict::Ping);
        assert_eq!(judge(at(6), heard, Some(at(5))), fine(10));
        assert_eq!(judge(at(10), heard, Some(at(5))), Verdict::Gone);
        // A room that was stopped for a while asks before it judges.
        assert_eq!(judge(at(99), heard, None), Verdict::Ping);
        assert_eq!(judge(at(100), heard, Some(at(99))), fine(104));
    }
}
