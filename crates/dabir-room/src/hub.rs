//! What a room's tasks share: who is connected, who is on the way in, and the inbox of what they
//! ask. [`crate::batch`] lets it happen.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use dabir_core::{Clock, Timestamp};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::admission::{Admission, Door, Entrance, Turned};
use crate::connection::{self, Connection, Ending, GivenUp};
use crate::control::{FromRoom, ToRoom};
use crate::frame::{self, CloseCode};
use crate::history::{History, Stretch};
use crate::limit::Bucket;
use crate::log::Seldom;
use crate::message::Message;
use crate::metrics::Metrics;
use crate::model::{Role, UsedToken};
use crate::orders::{Bar, Book, Pause};
use crate::progress::Verdict;
use crate::request::Asked;
use crate::spec::RoomSpec;
use crate::state::{Member, Room};
use crate::supervisor::Supervisors;
use crate::zipped::Zipped;

/// How many may come in within a second, after a first rush of everybody twice.
const ENTRIES_PER_SECOND: u32 = 100;

/// How long somebody whose connection broke is waited for.
const BACK_WITHIN: Duration = Duration::from_secs(10);

/// Silence is judged this much too late at most.
const SWEEP_AT_MOST_EVERY: Duration = Duration::from_millis(250);

/// The room at work.
#[derive(Debug)]
pub struct Hub {
    pub spec: RoomSpec,
    pub clock: Clock,
    pub supervisors: Supervisors,
    pub metrics: Rc<Metrics>,
    pub pages: Zipped,
    /// Tells the timekeeper that the end was moved.
    pub end_moved: Notify,
    pub(crate) room: RefCell<Room>,
    pub(crate) history: RefCell<History>,
    pub(crate) connections: RefCell<BTreeMap<u64, Rc<Connection>>>,
    /// Each person's connection.
    pub(crate) online: RefCell<BTreeMap<String, u64>>,
    /// Who lost their connection, and when they count as gone.
    pub(crate) away: RefCell<BTreeMap<String, Instant>>,
    /// Who was here before a crash and is not back yet, and when that was.
    pub(crate) before_crash: RefCell<BTreeMap<String, Timestamp>>,
    /// Who may only listen, by what the supervisor calls them.
    pub(crate) paused: RefCell<BTreeMap<String, Pause>>,
    /// What the house orders, by what its registry calls people.
    pub(crate) orders: RefCell<Book>,
    pub(crate) ends_at: Cell<Option<Timestamp>>,
    /// No one comes in any more.
    pub(crate) ending: Cell<bool>,
    pub(crate) inbox: RefCell<Vec<Ask>>,
    pub(crate) asked: Notify,
    /// When the oldest in the inbox was asked.
    pub(crate) asked_at: Cell<Instant>,
    door: Door,
    entering: RefCell<Entering>,
    last_connection: Cell<u64>,
    open_sockets: Cell<usize>,
    pub(crate) socket_closed: Notify,
    sweep_due: Notify,
    /// What is told in the log, and not each time.
    given_up: [Seldom; 3],
    pub(crate) flooded: Seldom,
    pub(crate) hung_up: Seldom,
    pub(crate) out_of_descriptors: Seldom,
}

/// Who was let in and is not in the room yet.
#[derive(Debug)]
struct Entering {
    people: usize,
    /// Their tokens, with the time these expire at.
    tokens: BTreeMap<String, i64>,
    rate: Bucket,
}

/// Something for the next batch to deal with.
#[derive(Debug)]
pub(crate) enum Ask {
    Enter(Box<Entrant>),
    /// Somebody who is not connected counts as gone.
    Leave(String),
    Request(Rc<Connection>, Asked),
    /// What a supervisor says, and which one.
    House(u64, ToRoom),
    End(String),
}

/// Somebody with a connection who is not in the room yet.
#[derive(Debug)]
pub(crate) struct Entrant {
    pub(crate) connection: Rc<Connection>,
    pub(crate) admission: Admission,
    /// The offset that a returning page has come to.
    pub(crate) after: Option<u64>,
    pub(crate) _ticket: Ticket,
}

/// Somebody who may come in once their connection is a WebSocket.
#[derive(Debug)]
pub struct Pass {
    admission: Admission,
    after: Option<u64>,
    ticket: Ticket,
}

/// A place in the room that is kept for somebody on the way in; given back when dropped.
#[derive(Debug)]
pub(crate) struct Ticket(Rc<Hub>);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.entering.borrow_mut().people -= 1;
    }
}

impl Hub {
    /// The room of `spec`, as its journal tells of it.
    #[must_use]
    pub fn new(spec: RoomSpec, door: Door, clock: Clock, room: Room, history: History) -> Rc<Self> {
        let now = Instant::now();
        let rush = u32::try_from(spec.max_clients.saturating_mul(2)).unwrap_or(u32::MAX);
        let moved_to = spec
            .ends_at
            .filter(|at| room.ends_at.is_some_and(|known| known != *at));
        // Whoever was here before a crash has the usual time to come back.
        let here = room.participants().map(|(person, _)| person.id.clone());
        let before_crash: BTreeMap<_, _> = here.map(|id| (id, room.newest_at)).collect();
        let away = before_crash
            .keys()
            .map(|id| (id.clone(), now + BACK_WITHIN));
        let away = away.collect();
        let hub = Rc::new(Self {
            ends_at: Cell::new(spec.ends_at),
            spec,
            clock,
            supervisors: Supervisors::default(),
            metrics: Rc::default(),
            pages: Zipped::default(),
            end_moved: Notify::new(),
            room: RefCell::new(room),
            history: RefCell::new(history),
            connections: RefCell::default(),
            online: RefCell::default(),
            away: RefCell::new(away),
            before_crash: RefCell::new(before_crash),
            paused: RefCell::default(),
            orders: RefCell::default(),
            ending: Cell::new(false),
            inbox: RefCell::default(),
            asked: Notify::new(),
            asked_at: Cell::new(now),
            door,
            entering: RefCell::new(Entering {
                people: 0,
                tokens: BTreeMap::new(),
                rate: Bucket::new(rush.max(200), ENTRIES_PER_SECOND, now),
            }),
            last_connection: Cell::new(0),
            open_sockets: Cell::new(0),
            socket_closed: Notify::new(),
            sweep_due: Notify::new(),
            given_up: Default::default(),
            flooded: Seldom::default(),
            hung_up: Seldom::default(),
            out_of_descriptors: Seldom::default(),
        });
        if let Some(ends_at) = moved_to {
            hub.post(Ask::House(0, ToRoom::EndsAt { ends_at }));
        }
        hub
    }

    pub(crate) fn post(&self, ask: Ask) {
        let mut inbox = self.inbox.borrow_mut();
        if inbox.is_empty() {
            self.asked_at.set(Instant::now());
        }
        inbox.push(ask);
        self.asked.notify_one();
    }

    /// Takes what a person asks for.
    pub fn ask(&self, connection: &Rc<Connection>, asked: Asked) {
        self.post(Ask::Request(Rc::clone(connection), asked));
    }

    /// Takes a supervisor's word.
    pub fn hear_supervisor(&self, supervisor: u64, word: ToRoom) {
        self.post(Ask::House(supervisor, word));
    }

    /// Ends the room once everything asked before has happened.
    pub fn end(&self, reason: &str) {
        self.post(Ask::End(reason.to_owned()));
    }

    /// When the room ends, as far as is known now.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.ends_at.get()
    }

    pub(crate) fn move_end(&self, ends_at: Timestamp) {
        self.ends_at.set(Some(ends_at));
        self.end_moved.notify_one();
    }

    /// How many are in the room.
    pub fn clients(&self) -> usize {
        self.room.borrow().present()
    }

    /// Whether only those who have a place may come in.
    pub fn is_locked(&self) -> bool {
        self.room.borrow().locked
    }

    /// Whether there is no place for anybody else.
    pub fn is_full(&self) -> bool {
        self.clients() + self.entering.borrow().people >= self.spec.max_clients
    }

    /// The first word on a control connection.
    pub fn hello(&self) -> FromRoom {
        FromRoom::Hello {
            pid: std::process::id(),
            id: self.spec.id.clone(),
            ends_at: self.ends_at(),
            clients: self.clients(),
            offset: self.history.borrow().offset(),
            orders: true,
        }
    }

    /// Whether offsets of this epoch mean what they mean here.
    pub fn is_epoch(&self, epoch: &str) -> bool {
        self.history.borrow().epoch() == epoch
    }

    /// The events after `offset` that people may see, about `max_bytes` of them.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn events_after(&self, offset: u64, max_bytes: usize) -> io::Result<Stretch> {
        self.history.borrow().after(offset, max_bytes)
    }

    /// Why the house keeps somebody out now whom its registry calls `client`.
    pub(crate) fn bar_of(&self, client: &str) -> Option<Bar> {
        let orders = self.orders.borrow();
        orders.bar_of(client, self.clock.now()).cloned()
    }

    /// Why the house lets somebody only listen whom its registry calls `client`.
    pub(crate) fn pause_of(&self, client: &str) -> Option<Pause> {
        self.orders.borrow().pause_of(client).cloned()
    }

    /// Says whether `entrance` would be taken now, and takes nothing.
    ///
    /// # Errors
    /// Why it would not.
    pub fn check(&self, entrance: &Entrance) -> Result<Admission, Turned> {
        if self.ending.get() {
            return Err(Turned::Ended);
        }
        let room = self.room.borrow();
        let admission = self.door.admit(&room, entrance, self.clock.now())?;
        if self.bar_of(admission.entry.client()).is_some() {
            return Err(Turned::Blocked);
        }
        if let Some(token) = &admission.entry.token
            && self.entering.borrow().tokens.contains_key(&token.jti)
        {
            return Err(Turned::TokenUsed);
        }
        let has_place = admission.entry.role == Role::Moderator
            || room
                .member(&admission.entry.id)
                .is_some_and(Member::is_present);
        if self.is_full() && !has_place {
            return Err(Turned::Full);
        }
        Ok(admission)
    }

    /// Lets somebody come in with `entrance`; `after` is how far a returning page has come.
    ///
    /// # Errors
    /// Why they may not.
    pub fn admit(self: &Rc<Self>, entrance: &Entrance, after: Option<u64>) -> Result<Pass, Turned> {
        let admission = self.check(entrance)?;
        let mut entering = self.entering.borrow_mut();
        if !entering.rate.take(1, Instant::now()) {
            return Err(Turned::Busy);
        }
        if let Some(UsedToken { jti, exp }) = &admission.entry.token {
            let now = self.clock.now().as_second();
            entering.tokens.retain(|_, exp| *exp > now);
            entering.tokens.insert(jti.clone(), *exp);
        }
        entering.people += 1;
        Ok(Pass {
            admission,
            after,
            ticket: Ticket(Rc::clone(self)),
        })
    }

    /// Serves the WebSocket on `stream` for whom `pass` lets in, until it ends.
    pub async fn serve(self: &Rc<Self>, pass: Pass, stream: TcpStream, early: Vec<u8>) {
        let id = self.last_connection.get() + 1;
        self.last_connection.set(id);
        let person = pass.admission.entry.id.clone();
        let metrics = Rc::clone(&self.metrics);
        let connection = Rc::new(Connection::new(id, person, stream, metrics));
        self.connections
            .borrow_mut()
            .insert(id, Rc::clone(&connection));
        self.open_sockets.update(|count| count + 1);
        self.sweep_due.notify_one();
        self.post(Ask::Enter(Box::new(Entrant {
            connection: Rc::clone(&connection),
            admission: pass.admission,
            after: pass.after,
            _ticket: pass.ticket,
        })));
        let ending = connection::serve(self, &connection, early).await;
        if let Some(why) = connection.given_up() {
            self.tell_given_up(why);
        }
        self.lost(&connection, ending);
        self.open_sockets.update(|count| count - 1);
        self.socket_closed.notify_one();
    }

    /// How many WebSockets have not been closed yet.
    pub(crate) fn open_sockets(&self) -> usize {
        self.open_sockets.get()
    }

    /// Forgets a connection; its person is gone, or away for as long as one waits for them.
    fn lost(&self, connection: &Connection, ending: Ending) {
        self.connections.borrow_mut().remove(&connection.id);
        let mut online = self.online.borrow_mut();
        if online.get(&connection.person) != Some(&connection.id) {
            return;
        }
        online.remove(&connection.person);
        let person = connection.person.clone();
        // Who was given up has been waited for already.
        if ending == Ending::Broken && connection.given_up().is_none() {
            let gone_at = Instant::now() + BACK_WITHIN;
            self.away.borrow_mut().insert(person, gone_at);
            self.sweep_due.notify_one();
        } else {
            self.post(Ask::Leave(person));
        }
    }

    /// The connection of a person in the room.
    pub(crate) fn connection_of(&self, person: &str) -> Option<Rc<Connection>> {
        let id = *self.online.borrow().get(person)?;
        self.connections.borrow().get(&id).cloned()
    }

    /// Says something that is no event to everybody.
    pub fn say_to_all(&self, message: &Message) {
        let words = frame::text([&message.line()]);
        for connection in self.connections.borrow().values() {
            connection.say_in_passing(&words);
        }
    }

    /// Closes every connection with a last word, and lets nobody in any more.
    pub fn close_all(&self, reason: &str) {
        self.ending.set(true);
        let line = Message::Closed { reason }.line();
        for connection in self.connections.borrow().values() {
            connection.close(Some(&line), CloseCode::GoingAway);
        }
    }

    /// Looks after the silent and the absent for as long as the room lives.
    pub async fn sweep(&self) {
        loop {
            let next = self.sweep_once(Instant::now());
            let due = async {
                match next {
                    None => std::future::pending().await,
                    Some(next) => tokio::time::sleep_until(next.into()).await,
                }
            };
            tokio::select! {
                () = due => {}
                () = self.sweep_due.notified() => {}
            }
            tokio::time::sleep(SWEEP_AT_MOST_EVERY).await;
        }
    }

    /// Does what is due; says when to look again, if there is anybody to look after.
    fn sweep_once(&self, now: Instant) -> Option<Instant> {
        let silent = self.sweep_connections(now);
        let absent = self.sweep_absent(now);
        silent.into_iter().chain(absent).min()
    }

    fn sweep_connections(&self, now: Instant) -> Option<Instant> {
        let connections = self.connections.borrow();
        let look_again = connections.values().map(|connection| {
            match connection.verdict(now) {
                Verdict::Fine { look_again } => return look_again,
                Verdict::Ping => connection.ping(now),
                Verdict::Gone => connection.give_up(GivenUp::Silent),
            }
            now
        });
        look_again.min()
    }

    /// Counts and tells that a connection was given up.
    fn tell_given_up(&self, why: GivenUp) {
        let metrics = &self.metrics;
        let (count, words) = match why {
            GivenUp::Unread => (&metrics.slow_readers, "asks and does not read"),
            GivenUp::Silent => (&metrics.silent, "does not answer any more"),
            GivenUp::Unreadable => (&metrics.unreadable, "misses what the journal cannot tell"),
        };
        count.add(1);
        self.given_up[why as usize].line(
            &self.clock,
            format_args!("warning: somebody {words}; given up"),
        );
    }

    fn sweep_absent(&self, now: Instant) -> Option<Instant> {
        let mut away = self.away.borrow_mut();
        let gone: Vec<String> = away
            .extract_if(.., |_, gone_at| *gone_at <= now)
            .map(|(person, _)| person)
            .collect();
        for person in gone {
            self.post(Ask::Leave(person));
        }
        away.values().min().copied()
    }
}
