//! One person's WebSocket: frames in through `tungstenite`, frames out as they are.
//!
//! A connection that keeps up costs a write per batch of events and no wake-up of its task. One that
//! does not is left behind at an offset, and catches up from the history as it reads.

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
use crate::progress::{Progress, Verdict};
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
const CATCH_UP_BYTES: usize = 32 * 1024;

/// How long a closing connection may take to hear its last words.
const FAREWELL: Duration = Duration::from_millis(500);

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
    progress: RefCell<Progress>,
    given_up: Cell<Option<GivenUp>>,
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

/// Why the room does not go on with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// Its person asks and does not read.
    Unread,
    /// Nothing comes back from there any more.
    Silent,
    /// What they are to hear cannot be read from the journal.
    Unreadable,
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
            progress: RefCell::new(Progress::new(now)),
            given_up: Cell::new(None),
            bucket: RefCell::new(Bucket::new(MESSAGES_BURST, MESSAGES_PER_SECOND, now)),
            refusals: Cell::new(0),
            metrics,
        }
    }

    /// Answers this person with `line`. Who asks and does not read is given up, because an answer
    /// can neither be left out nor wait without end.
    pub fn say(&self, line: &Bytes) {
        if self.outbox.borrow().is_full() {
            self.give_up(GivenUp::Unread);
        }
        if !self.is_over() {
            self.send(frame::text([line]));
        }
    }

    /// Says something that is no event, which nobody who is too slow for it will miss later.
    pub fn say_in_passing(&self, words: &Bytes) {
        if self.stage.get() == Stage::Live && !self.is_behind() {
            self.send(words.clone());
        }
    }

    /// Offers the events `first..=last`; who is behind gets them later from the history.
    pub fn offer(&self, first: u64, last: u64, events: &Bytes) {
        if self.stage.get() != Stage::Live || self.sent.get() + 1 != first {
            return;
        }
        if self.is_behind() {
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
            self.push(frame::text([line]));
        }
        // No ping may follow it.
        self.push(frame::close(code));
        self.set_over(Stage::Closing);
    }

    /// Lets the task end without another word.
    pub fn give_up(&self, why: GivenUp) {
        if !self.is_over() {
            self.given_up.set(Some(why));
            self.set_over(Stage::Gone);
        }
    }

    /// Why it was given up, if it was.
    #[must_use]
    pub fn given_up(&self) -> Option<GivenUp> {
        self.given_up.get()
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

    fn is_behind(&self) -> bool {
        self.progress.borrow().is_behind()
    }

    /// Judges how alive the connection is.
    #[must_use]
    pub fn verdict(&self, now: Instant) -> Verdict {
        self.progress.borrow().verdict(now)
    }

    /// Asks whether anybody is there.
    pub fn ping(&self, now: Instant) {
        self.progress.borrow_mut().ask(now);
        self.push(frame::ping());
    }

    /// Sends `frame` behind what waits already, and a ping with it when one is due.
    fn send(&self, frame: Bytes) {
        let mut progress = self.progress.borrow_mut();
        progress.send(frame.len());
        if progress.is_due() {
            progress.ask(Instant::now());
            self.push([frame, frame::ping()].concat().into());
        } else {
            self.push(frame);
        }
    }

    fn push(&self, frame: Bytes) {
        self.metrics.sent_bytes.add(frame.len() as u64);
        let mut outbox = self.outbox.borrow_mut();
        if !outbox.is_empty() {
            return outbox.push(frame);
        }
        let written = self.write(&frame);
        if written < frame.len() {
            outbox.push(frame.slice(written..));
            self.nudge.notify_one();
        }
    }

    /// Writes past the runtime, which need not know of a socket that takes everything at once. What
    /// it does not take, and any other error, is for [`Self::drain`] to find.
    fn write(&self, frame: &[u8]) -> usize {
        let sent = rustix::net::send(&self.stream, frame, SendFlags::NOSIGNAL);
        self.heed(sent.map_err(io::Error::from)).unwrap_or(0)
    }

    /// Writes what the socket takes.
    fn drain(&self) {
        let write = |bytes: &[u8]| self.heed(self.stream.try_write(bytes));
        if self.outbox.borrow_mut().drain(write).is_err() {
            self.set_over(Stage::Gone);
        }
    }

    /// Keeps in mind that the system has waited for the other side in vain: it says so only once.
    fn heed<T>(&self, done: io::Result<T>) -> io::Result<T> {
        done.inspect_err(|error| {
            if is_silence(error.kind()) {
                self.given_up.set(Some(GivenUp::Silent));
            }
        })
    }

    /// Sends a stretch of the history to who has come far enough for it; says whether there may be
    /// more to send at once.
    fn catch_up(&self, hub: &Hub) -> bool {
        if self.stage.get() != Stage::Behind || self.is_behind() {
            return false;
        }
        let Ok(stretch) = hub.events_after(self.sent.get(), CATCH_UP_BYTES) else {
            self.give_up(GivenUp::Unreadable);
            return false;
        };
        if stretch.events.is_empty() {
            self.stage.set(Stage::Live);
            return false;
        }
        self.sent.set(stretch.last);
        self.send(frame::text(&stretch.events));
        true
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
            self.drain();
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

/// The errors that come of waiting rather than of what the other side did.
fn is_silence(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{HostUnreachable, NetworkUnreachable, TimedOut};
    matches!(kind, TimedOut | HostUnreachable | NetworkUnreachable)
}

/// The socket as `tungstenite` wants it: what it writes goes behind everything else.
struct Wire<'a>(&'a Connection);

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.heed(self.0.stream.try_read(buffer))
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
        connection.drain();
        let goes_on = connection.catch_up(hub);
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
                connection.progress.borrow_mut().hear(Instant::now());
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
        tungstenite::Message::Ping(_) => {
            charge(hub, connection, 1);
        }
        tungstenite::Message::Pong(_) => take_answer(hub, connection),
        _ => {}
    }
}

/// Takes the answer to a ping; one that was not asked for is paid for.
fn take_answer(hub: &Hub, connection: &Connection) {
    let was_asked = connection.progress.borrow_mut().answer();
    if !was_asked {
        charge(hub, connection, 1);
    } else if connection.progress.borrow().is_due() {
        connection.ping(Instant::now());
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
