//! The one loop that changes the room.
//!
//! It takes all that was asked, turns it into events, waits until they are on the disk, and only
//! then shows them; what is asked meanwhile makes the next batch. Nobody ever sees what a crash
//! could take back.

use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use dabir_core::Timestamp;

use crate::admission::Turned;
use crate::connection::{Connection, GivenUp};
use crate::control::{FromRoom, Present, ToRoom};
use crate::frame::{self, CloseCode};
use crate::history::History;
use crate::hub::{Ask, Entrant, Hub};
use crate::journal::{self, Journal};
use crate::message::{Message, Problem, RoomView, Snapshot, Welcome, You};
use crate::model::{Record, What};
use crate::orders::{Bar, Orders, Pause};
use crate::record::{self, Encoded};
use crate::request::{Asked, MAX_HISTORY, Refusal, Request, Subject};
use crate::state::{Draft, Member, Room};

/// How long the first of a busy room's messages waits for company, so that several share a write.
/// The timer adds up to a millisecond.
const WAIT_FOR_COMPANY: Duration = Duration::from_millis(9);

/// A message that follows the last batch sooner than this makes the room a busy one.
const BUSY_WITHIN: Duration = Duration::from_millis(20);

/// How much of the history a welcome brings, and an answer to `history` at most.
const WELCOME_BYTES: usize = 64 * 1024;
const HISTORY_BYTES: usize = 256 * 1024;

/// How long the journal may get; what its people say beyond that is refused, and what ends or
/// moderates the room is not.
const MAX_JOURNAL: u64 = 256 * 1024 * 1024;

/// What was decided together and becomes durable together.
#[derive(Debug, Default)]
struct Batch {
    /// When all of it happens.
    now: Timestamp,
    /// The journal's lines.
    lines: Vec<u8>,
    happened: Vec<Happened>,
    then: Vec<Then>,
}

/// An event in the form that people see.
#[derive(Debug)]
struct Happened {
    event: Bytes,
    line_bytes: usize,
    is_chat: bool,
}

/// What is done when the events before it can be seen.
#[derive(Debug)]
enum Then {
    Welcome(Box<Entrant>),
    Close(Rc<Connection>, &'static str),
    Kick(Rc<Connection>, String),
    Bar(Rc<Connection>, Bar),
    Answer(Rc<Connection>, Request),
    Refuse(Rc<Connection>, Subject, Refusal),
    Notice(String),
    SayPause(Rc<Connection>, bool, Pause),
    Report(FromRoom),
    Tell(u64, ToRoom),
    MoveEnd(Timestamp),
    End(String),
}

/// Why the loop is over.
#[derive(Debug)]
pub enum Over {
    /// The room was ended, for this reason.
    Ended(String),
    /// The journal takes nothing more.
    Failed(io::Error),
}

/// Lets happen what is asked until the room ends.
pub async fn run(hub: &Hub, mut journal: Journal) -> Over {
    let mut shown_at = None;
    loop {
        hub.asked.notified().await;
        pace(hub, shown_at).await;
        let Batch {
            lines,
            happened,
            then,
            ..
        } = match decide(hub) {
            Ok(batch) => batch,
            Err(error) => return Over::Failed(error),
        };
        if !happened.is_empty() {
            shown_at = Some(Instant::now());
            let bytes = lines.len();
            if let Err(error) = journal.append(lines).await {
                return Over::Failed(error);
            }
            count(hub, &happened, bytes);
            show(hub, &happened);
        }
        for then in then {
            if let Then::End(reason) = then {
                return Over::Ended(reason);
            }
            follow_up(hub, then);
        }
    }
}

fn count(hub: &Hub, happened: &[Happened], journal_bytes: usize) {
    let chats = happened.iter().filter(|happened| happened.is_chat);
    hub.metrics.messages.add(chats.count() as u64);
    hub.metrics.events.add(happened.len() as u64);
    hub.metrics.journal_writes.add(1);
    hub.metrics.journal_bytes.add(journal_bytes as u64);
}

/// Lets more messages gather when the last batch is only just out.
async fn pace(hub: &Hub, shown_at: Option<Instant>) {
    let asked_at = hub.asked_at.get();
    let is_busy = |shown_at| asked_at.saturating_duration_since(shown_at) < BUSY_WITHIN;
    if shown_at.is_some_and(is_busy) {
        tokio::time::sleep_until((asked_at + WAIT_FOR_COMPANY).into()).await;
    }
}

fn decide(hub: &Hub) -> io::Result<Batch> {
    let mut batch = Batch {
        now: to_the_millisecond(hub.clock.now()),
        ..Batch::default()
    };
    for ask in hub.inbox.take() {
        batch.take(hub, ask)?;
    }
    Ok(batch)
}

/// Nobody needs to read the time more exactly, many times over.
fn to_the_millisecond(now: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// Shows the events of a batch to everybody, in one frame.
fn show(hub: &Hub, happened: &[Happened]) {
    let mut history = hub.history.borrow_mut();
    let first = history.offset() + 1;
    for Happened {
        event,
        line_bytes,
        is_chat,
    } in happened
    {
        history.push(event.clone(), *line_bytes, *is_chat);
    }
    let last = history.offset();
    drop(history);
    let words = frame::text(happened.iter().map(|happened| &happened.event));
    for connection in hub.connections.borrow().values() {
        connection.offer(first, last, &words);
    }
}

impl Batch {
    fn take(&mut self, hub: &Hub, ask: Ask) -> io::Result<()> {
        match ask {
            Ask::Enter(entrant) => self.enter(hub, entrant),
            Ask::Leave(person) => self.leave(hub, &person),
            Ask::Request(connection, asked) => self.request(hub, connection, asked),
            Ask::House(supervisor, word) => self.house(hub, supervisor, word),
            Ask::End(reason) => self.end(hub, reason),
        }
    }

    /// Lets the drafts happen, to be seen once the batch is on the disk.
    fn happen(&mut self, hub: &Hub, drafts: Vec<Draft>) -> io::Result<()> {
        let mut room = hub.room.borrow_mut();
        for draft in drafts {
            let record = room.stamp(draft, self.now);
            let Encoded { event, line } = record::encode(&record)?;
            let before = room.present();
            room.apply(&record);
            self.lines.extend_from_slice(&line);
            self.happened.push(Happened {
                event,
                line_bytes: line.len(),
                is_chat: journal::is_chat(&record),
            });
            self.then.extend(consequences(hub, &room, record, before));
        }
        Ok(())
    }

    fn enter(&mut self, hub: &Hub, entrant: Box<Entrant>) -> io::Result<()> {
        let connection = Rc::clone(&entrant.connection);
        if connection.is_over() {
            return Ok(());
        }
        let person = connection.person.clone();
        let entry = entrant.admission.entry.clone();
        if let Some(bar) = hub.bar_of(entry.client()) {
            // It was ordered since the door let them through.
            self.then.push(Then::Bar(connection, bar));
            return Ok(());
        }
        let decision = hub.room.borrow().decide_entry(entry, self.now);
        let drafts = match decision {
            Ok(drafts) => drafts,
            Err(reason) => {
                self.then.push(Then::Kick(connection, reason));
                return Ok(());
            }
        };
        self.happen(hub, drafts)?;
        if let Some(earlier) = hub.connection_of(&person) {
            self.then.push(Then::Close(earlier, "replaced"));
        }
        hub.away.borrow_mut().remove(&person);
        hub.before_crash.borrow_mut().remove(&person);
        hub.online.borrow_mut().insert(person, connection.id);
        self.then.push(Then::Welcome(entrant));
        Ok(())
    }

    fn leave(&mut self, hub: &Hub, person: &str) -> io::Result<()> {
        if hub.online.borrow().contains_key(person) {
            // They came back before it was said.
            return Ok(());
        }
        let seen_at = hub.before_crash.borrow_mut().remove(person);
        let drafts = hub.room.borrow().decide_leave(person, seen_at);
        self.happen(hub, drafts)
    }

    fn request(&mut self, hub: &Hub, connection: Rc<Connection>, asked: Asked) -> io::Result<()> {
        let Asked { subject, request } = asked;
        let journal = hub.history.borrow().file_bytes() + self.lines.len() as u64;
        let request = request.and_then(|request| has_space(journal, request));
        match request.and_then(|request| decide_request(hub, &connection, request, self.now)) {
            Ok((drafts, answer)) => {
                let answer = answer.map(|request| Then::Answer(connection, request));
                self.happen(hub, drafts)?;
                self.then.extend(answer);
            }
            Err(refusal) => self.then.push(Then::Refuse(connection, subject, refusal)),
        }
        Ok(())
    }

    fn house(&mut self, hub: &Hub, supervisor: u64, word: ToRoom) -> io::Result<()> {
        match word {
            ToRoom::EndsAt { ends_at } => {
                let known = hub.room.borrow().ends_at.or(hub.spec.ends_at);
                let moved = (known != Some(ends_at)).then_some(What::Extended { ends_at });
                self.happen(hub, moved.into_iter().map(Draft::from).collect())
            }
            ToRoom::Kick { who, reason } => self.kick(hub, &who, &reason),
            ToRoom::Pause {
                who,
                on,
                by,
                reason,
            } => {
                self.pause(hub, who, on, Pause { by, reason });
                Ok(())
            }
            ToRoom::Orders { about, whole, .. } => self.order(hub, about, whole),
            ToRoom::End { reason } => self.end(hub, reason),
            ToRoom::Notice { text } => {
                self.then.push(Then::Notice(text));
                Ok(())
            }
            ask @ (ToRoom::Participants | ToRoom::Attendance) => {
                self.then.push(Then::Tell(supervisor, ask));
                Ok(())
            }
        }
    }

    /// Puts out everybody who is called so, and who comes in so within the next minute.
    fn kick(&mut self, hub: &Hub, who: &str, reason: &str) -> io::Result<()> {
        let put_out = hub.room.borrow().decide_put_out(who, reason);
        self.happen(hub, vec![put_out])?;
        for id in ids_called(hub, who) {
            // One at a time: each has a hand that the others' may stand behind.
            let drafts = hub.room.borrow().decide_kick(&id, reason);
            self.happen(hub, drafts)?;
        }
        Ok(())
    }

    fn pause(&mut self, hub: &Hub, who: String, on: bool, pause: Pause) {
        for member in hub.room.borrow().members_called(&who) {
            if let Some(connection) = hub.connection_of(&member.person.id) {
                self.then
                    .push(Then::SayPause(connection, on, pause.clone()));
            }
        }
        let mut paused = hub.paused.borrow_mut();
        if on {
            paused.insert(who, pause);
        } else {
            paused.remove(&who);
        }
    }

    /// Lets orders hold from now on; whoever is here and is meant feels it at once.
    fn order(&mut self, hub: &Hub, about: Orders, whole: bool) -> io::Result<()> {
        let here = paused_or_not(hub);
        hub.orders.borrow_mut().take_in(about, whole);
        for (id, client, was_paused) in here {
            match hub.bar_of(&client) {
                Some(bar) => self.put_out(hub, &id, bar)?,
                None => self.say_pause(hub, &id, was_paused.as_ref(), hub.pause_of(&client)),
            }
        }
        Ok(())
    }

    /// They have left, and may come back to their seat when the house lets them.
    fn put_out(&mut self, hub: &Hub, id: &str, bar: Bar) -> io::Result<()> {
        let drafts = hub.room.borrow().decide_leave(id, None);
        self.happen(hub, drafts)?;
        hub.away.borrow_mut().remove(id);
        hub.before_crash.borrow_mut().remove(id);
        let connection = hub.connection_of(id);
        self.then
            .extend(connection.map(|connection| Then::Bar(connection, bar)));
        Ok(())
    }

    fn say_pause(&mut self, hub: &Hub, id: &str, was: Option<&Pause>, now: Option<Pause>) {
        if was == now.as_ref() {
            return;
        }
        if let Some(connection) = hub.connection_of(id) {
            let (on, pause) = (now.is_some(), now.unwrap_or_default());
            self.then.push(Then::SayPause(connection, on, pause));
        }
    }

    fn end(&mut self, hub: &Hub, reason: String) -> io::Result<()> {
        hub.ending.set(true);
        let ended = What::Ended {
            reason: reason.clone(),
        };
        self.happen(hub, vec![ended.into()])?;
        self.then.push(Then::End(reason));
        Ok(())
    }
}

/// Everybody here, what the registry calls them, and the order that lets them only listen.
fn paused_or_not(hub: &Hub) -> Vec<(String, String, Option<Pause>)> {
    let room = hub.room.borrow();
    let one = |member: &Member| {
        let client = member.client();
        let id = member.person.id.clone();
        (id, client.to_owned(), hub.pause_of(client))
    };
    room.present_members().map(one).collect()
}

fn ids_called(hub: &Hub, who: &str) -> Vec<String> {
    let room = hub.room.borrow();
    let members = room.members_called(who);
    members.map(|member| member.person.id.clone()).collect()
}

/// What an event leads to besides being seen; so many were here `before`.
fn consequences(hub: &Hub, room: &Room, record: Record, before: usize) -> Vec<Then> {
    let clients = room.present();
    let client = |id: &str| Some(room.member(id)?.client().to_owned());
    match record.event.what {
        What::Joined { id, name, role } => vec![Then::Report(FromRoom::Joined {
            client: client(&id),
            id,
            name,
            role,
            clients,
        })],
        What::Left { id, name, role } => vec![Then::Report(FromRoom::Left {
            client: client(&id),
            id,
            name,
            role,
            clients,
        })],
        What::Removed {
            id, name, reason, ..
        } => removal(hub, room, id, name, reason, before),
        What::Extended { ends_at } => vec![Then::MoveEnd(ends_at)],
        _ => vec![],
    }
}

/// Their connection is closed, and who was here has left.
fn removal(
    hub: &Hub,
    room: &Room,
    id: String,
    name: String,
    reason: String,
    before: usize,
) -> Vec<Then> {
    let Some(member) = room.member(&id) else {
        return vec![];
    };
    let connection = hub.connection_of(&id);
    let kick = connection.map(|connection| Then::Kick(connection, reason));
    let clients = room.present();
    let left = (clients < before).then_some(Then::Report(FromRoom::Left {
        id,
        name,
        role: member.person.role,
        client: Some(member.client().to_owned()),
        clients,
    }));
    kick.into_iter().chain(left).collect()
}

/// The request, unless it would be written and the journal of so many bytes is full.
fn has_space(journal: u64, request: Request) -> Result<Request, Refusal> {
    match request {
        Request::Chat { .. } | Request::Minutes { .. } if journal >= MAX_JOURNAL => {
            Err(Refusal::JournalFull)
        }
        request => Ok(request),
    }
}

/// The events a request comes to, and the request itself when it wants an answer.
fn decide_request(
    hub: &Hub,
    connection: &Connection,
    request: Request,
    now: Timestamp,
) -> Result<(Vec<Draft>, Option<Request>), Refusal> {
    let room = hub.room.borrow();
    let answer = match &request {
        Request::Resume { offset } if *offset > room.offset => return Err(Refusal::ResumeAhead),
        Request::Resume { .. } | Request::History { .. } | Request::Attendance => {
            Some(request.clone())
        }
        _ if is_paused(hub, &room, connection) => return Err(Refusal::Paused),
        Request::Chat {
            nonce: Some(nonce), ..
        } => said_at(&room, connection, nonce).map(|_| request.clone()),
        _ => None,
    };
    let drafts = room.decide(&connection.person, request, now)?;
    Ok((drafts, answer))
}

fn is_paused(hub: &Hub, room: &Room, connection: &Connection) -> bool {
    let member = room.member(&connection.person);
    member.is_some_and(|member| pause_of(hub, member).is_some())
}

/// The event that a message with this mark by this person has become already.
fn said_at(room: &Room, connection: &Connection, nonce: &str) -> Option<u64> {
    room.member(&connection.person)?.said_at(nonce)
}

/// Why somebody may only listen.
fn pause_of(hub: &Hub, member: &Member) -> Option<Pause> {
    let paused = hub.paused.borrow();
    let said = || {
        paused
            .get(&member.person.id)
            .or(paused.get(member.called().word()))
    };
    hub.pause_of(member.client()).or_else(|| said().cloned())
}

fn follow_up(hub: &Hub, then: Then) {
    match then {
        Then::Welcome(entrant) => welcome(hub, &entrant),
        Then::Close(connection, reason) => {
            connection.close(Some(&Message::Closed { reason }.line()), CloseCode::Normal);
        }
        Then::Kick(connection, reason) => kick(&connection, &reason, None),
        Then::Bar(connection, bar) => {
            kick(&connection, &bar.reason, Some(Turned::Blocked.code()));
        }
        Then::Answer(connection, request) => answer(hub, &connection, &request),
        Then::Refuse(connection, subject, refusal) => {
            let room = hub.room.borrow();
            let problem = Problem::new(&subject, &refusal, &room.minutes);
            connection.say(&Message::Error(Box::new(problem)).line());
        }
        Then::Notice(text) => hub.say_to_all(&Message::Notice { text: &text }),
        Then::SayPause(connection, on, pause) => say_pause(&connection, on, &pause),
        Then::Report(report) => hub.supervisors.tell_all(&report),
        Then::Tell(supervisor, ask) => hub.supervisors.tell(supervisor, &report(hub, &ask)),
        Then::MoveEnd(ends_at) => hub.move_end(ends_at),
        Then::End(_) => {}
    }
}

fn kick(connection: &Connection, reason: &str, code: Option<&'static str>) {
    let kicked = Message::Kicked { reason, code };
    connection.close(Some(&kicked.line()), CloseCode::Policy);
}

fn say_pause(connection: &Connection, on: bool, Pause { by, reason }: &Pause) {
    let message = if on {
        Message::Paused { by, reason }
    } else {
        Message::Resumed { by, reason }
    };
    connection.say(&message.line());
}

fn report(hub: &Hub, ask: &ToRoom) -> FromRoom {
    let room = hub.room.borrow();
    if *ask == ToRoom::Attendance {
        return FromRoom::Attendance {
            people: room.attendance(hub.clock.now()),
        };
    }
    let present = room.present_members().filter_map(|member| {
        Some(Present {
            person: member.person.clone(),
            joined_at: member.present_since()?,
            client: Some(member.client().to_owned()),
        })
    });
    FromRoom::Participants {
        participants: present.collect(),
    }
}

fn answer(hub: &Hub, connection: &Connection, request: &Request) {
    match request {
        Request::Resume { offset } => connection.rewind(*offset),
        Request::History { before, limit } => {
            let before = before.unwrap_or(u64::MAX);
            let limit = limit.unwrap_or(MAX_HISTORY).min(MAX_HISTORY);
            let history = hub.history.borrow();
            match history.chats_before(before, limit, HISTORY_BYTES) {
                Ok((events, more)) => {
                    connection.say(&Message::History { more }.line_with("events", &events));
                }
                Err(_) => connection.give_up(GivenUp::Unreadable),
            }
        }
        Request::Chat {
            nonce: Some(nonce), ..
        } => say_again(hub, connection, nonce),
        Request::Attendance => {
            let people = hub.room.borrow().attendance(hub.clock.now());
            connection.say(&Message::Attendance { people }.line());
        }
        _ => {}
    }
}

/// Shows the sender what their message became, unless it is still on its way to them.
fn say_again(hub: &Hub, connection: &Connection, nonce: &str) {
    let said_at = said_at(&hub.room.borrow(), connection, nonce);
    let Some(offset) = said_at.filter(|offset| connection.was_sent(*offset)) else {
        return;
    };
    match hub.events_after(offset - 1, 1) {
        Ok(stretch) => {
            for event in &stretch.events {
                connection.say(event);
            }
        }
        Err(_) => connection.give_up(GivenUp::Unreadable),
    }
}

/// Says the first word; a page that comes back to an offset gets what it missed behind it.
fn welcome(hub: &Hub, entrant: &Entrant) {
    let connection = &entrant.connection;
    let room = hub.room.borrow();
    let Some(member) = room.member(&connection.person) else {
        return connection.give_up(GivenUp::Unreadable);
    };
    let history = hub.history.borrow();
    let (epoch, offset) = (history.epoch(), history.offset());
    let message =
        |offset, snapshot| welcome_message(hub, &room, member, entrant, (epoch, offset), snapshot);
    match entrant.after.filter(|after| *after <= offset) {
        Some(after) => {
            let message = message(after, None);
            connection.welcome(&message.line(), after);
            connection.rewind(after);
        }
        None => {
            let (chats, more) = newest_chats(&history);
            let snapshot = Snapshot::new(&room, member, more);
            let message = message(offset, Some(snapshot));
            connection.welcome(&message.line_with("history", &chats), offset);
        }
    }
    if let Some(pause) = pause_of(hub, member) {
        say_pause(connection, true, &pause);
    }
}

/// Without a readable history people can still talk, so a welcome does not fail over it.
fn newest_chats(history: &History) -> (Vec<Bytes>, bool) {
    history
        .chats_before(u64::MAX, MAX_HISTORY, WELCOME_BYTES)
        .unwrap_or_default()
}

fn welcome_message<'a>(
    hub: &'a Hub,
    room: &Room,
    member: &'a Member,
    entrant: &'a Entrant,
    (epoch, offset): (&'a str, u64),
    snapshot: Option<Snapshot<'a>>,
) -> Message<'a> {
    Message::Welcome(Box::new(Welcome {
        you: you(hub, member, entrant),
        room: RoomView::new(&hub.spec, hub.ends_at(), room),
        epoch,
        offset,
        now: hub.clock.now(),
        resumed: snapshot.is_none(),
        snapshot,
    }))
}

fn you<'a>(hub: &Hub, member: &'a Member, entrant: &'a Entrant) -> You<'a> {
    You {
        id: &member.person.id,
        name: &member.person.name,
        role: member.person.role,
        seat: &entrant.admission.seat,
        muted: member.person.muted,
        paused: pause_of(hub, member).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_journal_takes_no_words_and_still_ends_and_moderates() {
        let chat = Request::Chat {
            text: "x".into(),
            nonce: None,
        };
        let minutes = Request::Minutes {
            base: 0,
            text: "x".into(),
        };
        for request in [chat, minutes] {
            assert!(has_space(MAX_JOURNAL - 1, request.clone()).is_ok());
            assert_eq!(has_space(MAX_JOURNAL, request), Err(Refusal::JournalFull));
        }
        let lock = Request::Lock { on: true };
        assert!(has_space(MAX_JOURNAL, lock).is_ok());
    }
}
