//! Between the registry of clients and the meetings' rooms: what is ordered about clients goes to the
//! rooms, and who is in a room goes to the registry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use dabir_clients::{
    Attendance, Clients, ClientsConfig, OrderKind, Orders, REDIS, Sign, Snapshot, Username,
};
use dabir_core::{Current, text};
use dabir_meetings::Register;
use dabir_meetings::register::{self, Bar, Issue, Ordered, Pause, Report};
use imbl::ordmap::DiffItem;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// The registry as rooms know it.
#[derive(Debug)]
pub(crate) struct People {
    clients: Clients,
    config: Current<ClientsConfig>,
    /// What the first issue says.
    begun: Arc<Orders>,
    issue: watch::Sender<Arc<Issue>>,
    reports: mpsc::Sender<Report>,
    /// Rooms of which a report was lost after they last told who is there, and when. A `std` mutex: held
    /// for a look-up.
    missed: Mutex<BTreeMap<String, Instant>>,
}

/// Whom the registry takes to be in which room.
#[derive(Debug, Default)]
struct Rolls(BTreeMap<String, BTreeSet<Username>>);

/// How much of a reason, or of who gave it, a room is told, in characters.
const MAX_WORDS: usize = 500;
/// How often people say that they are there, at most.
const BEAT: Duration = Duration::from_secs(10);
/// How many reports are taken in at once.
const AT_ONCE: usize = 1_000;
/// How many may wait for that.
const MAX_REPORTS: usize = 10_000;
/// How long a room of which a report was lost may take to tell again who is there.
const PATIENCE: Duration = Duration::from_secs(30);

impl People {
    /// The rooms' view of `clients`; the receiver belongs to [`run`].
    pub(crate) fn new(
        clients: Clients,
        config: Current<ClientsConfig>,
    ) -> (Arc<Self>, mpsc::Receiver<Report>) {
        let (reports, receiver) = mpsc::channel(MAX_REPORTS);
        let begun = Arc::clone(&clients.orders().borrow());
        let first = Issue::default().then(changed(&Orders::default(), &begun));
        let issue = watch::Sender::new(Arc::new(first));
        let people = Self {
            clients,
            begun,
            config,
            issue,
            reports,
            missed: Mutex::default(),
        };
        (Arc::new(people), receiver)
    }

    /// That nobody is in the rooms that did not tell again by `now`: a room that ended tells no more.
    fn ended(&self, now: Instant) -> Vec<Report> {
        let mut ended = Vec::new();
        self.missed().retain(|room, since| {
            let may_tell = now.saturating_duration_since(*since) < PATIENCE;
            if !may_tell {
                ended.push(Report::Here {
                    room: room.clone(),
                    names: BTreeSet::new(),
                });
            }
            may_tell
        });
        ended
    }

    fn missed(&self) -> MutexGuard<'_, BTreeMap<String, Instant>> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Register for People {
    fn bar(&self, name: &str) -> Option<String> {
        let bar = self.clients.may_enter(name).err()?;
        Some(bar.reason)
    }

    fn orders(&self) -> watch::Receiver<Arc<Issue>> {
        self.issue.subscribe()
    }

    fn hear(&self, report: Report) {
        let room = room_of(&report).to_owned();
        let tells_all = matches!(report, Report::Here { .. });
        match self.reports.try_send(report) {
            Ok(()) if tells_all => drop(self.missed().remove(&room)),
            // What is too much for the moment a room tells again when it says who is there.
            Err(TrySendError::Full(_)) => drop(self.missed().insert(room, Instant::now())),
            // Nobody listens in a process that keeps no rooms, or at its end.
            Ok(()) | Err(TrySendError::Closed(_)) => {}
        }
    }

    fn beat(&self) -> Duration {
        (self.config.get().heartbeat_timeout.get() / 3).min(BEAT)
    }
}

/// Passes both ways what there is, until `cancel`.
pub(crate) async fn run(
    people: Arc<People>,
    reports: mpsc::Receiver<Report>,
    cancel: CancellationToken,
) {
    let both = async { tokio::join!(issue(&people), hear(&people, reports)) };
    cancel.run_until_cancelled(both).await;
}

async fn issue(people: &People) {
    let mut orders = people.clients.orders();
    let mut known = Arc::clone(&people.begun);
    loop {
        let now = Arc::clone(&orders.borrow_and_update());
        let changed = changed(&known, &now);
        known = now;
        if !changed.is_empty() {
            people
                .issue
                .send_modify(|issue| *issue = Arc::new(issue.then(changed)));
        }
        if orders.changed().await.is_err() {
            return;
        }
    }
}

/// What rooms have to know of those about whom the orders are other than before.
fn changed(before: &Orders, now: &Orders) -> register::Orders {
    let mut changed = register::Orders::new();
    for kind in OrderKind::ALL {
        for item in before.of(kind).diff(now.of(kind)) {
            let (DiffItem::Add(username, _)
            | DiffItem::Remove(username, _)
            | DiffItem::Update {
                new: (username, _), ..
            }) = item;
            let name = username.to_string();
            changed
                .entry(name)
                .or_insert_with(|| ordered(now, username));
        }
    }
    changed
}

fn ordered(orders: &Orders, username: &Username) -> Ordered {
    // A block weighs more than a closing, and only the house lifts it: no room ends it by its own
    // clock.
    let block = orders.blocked.get(username).map(|order| (order, None));
    let close = orders.to_close.get(username);
    let bar = block.or(close.map(|order| (order, order.until)));
    let pause = orders.paused.get(username);
    Ordered {
        bar: bar.map(|(order, until)| Bar {
            reason: cut(&order.reason),
            until,
        }),
        pause: pause.map(|order| Pause {
            by: cut(&order.by),
            reason: cut(&order.reason),
        }),
    }
}

fn cut(words: &str) -> String {
    text::cut(words, MAX_WORDS)
}

async fn hear(people: &People, mut reports: mpsc::Receiver<Report>) {
    let mut rolls = Rolls::of(&people.clients.snapshot());
    let mut heard = Vec::new();
    let mut look = tokio::time::interval(BEAT);
    loop {
        tokio::select! {
            // What waits was told before.
            biased;
            count = reports.recv_many(&mut heard, AT_ONCE) => if count == 0 { return },
            _ = look.tick() => heard.extend(people.ended(Instant::now())),
        }
        let mut next = Rolls::default();
        let news = heard.drain(..).flat_map(|report| next.take(&rolls, report));
        let news: Vec<Attendance> = news.collect();
        match people.clients.attend(news).await {
            Ok(()) => rolls.0.extend(next.0),
            Err(error) => {
                tracing::warn!(%error, "who is in which room is not kept for a moment: {error}");
                let rooms = next.0.keys().map(|room| (room.clone(), Instant::now()));
                people.missed().extend(rooms);
                rolls.doubt(next);
            }
        }
        rolls.0.retain(|_, names| !names.is_empty());
    }
}

impl Rolls {
    /// Everybody in a room, as it was before this process.
    fn of(snapshot: &Snapshot) -> Self {
        let mut rolls = Self::default();
        for (username, facts) in snapshot.after(None) {
            for place in facts.places.iter().filter(|one| &*one.place != REDIS) {
                let roll = rolls.0.entry(place.place.to_string()).or_default();
                roll.insert(username.clone());
            }
        }
        rolls
    }

    /// Adds whoever may be known to be there as well, so that whoever is gone is told as gone.
    fn doubt(&mut self, maybe: Self) {
        for (room, names) in maybe.0 {
            self.0.entry(room).or_default().extend(names);
        }
    }

    /// Takes in a report, from where `before` left off; answers what the registry is to be told.
    fn take(&mut self, before: &Self, report: Report) -> Vec<Attendance> {
        let room = room_of(&report).to_owned();
        let known = || before.0.get(&room).cloned().unwrap_or_default();
        let roll = self.0.entry(room.clone()).or_insert_with(known);
        let place: Arc<str> = room.into();
        let tell = |sign: Sign, username: Username| Attendance {
            place: place.clone(),
            sign,
            username,
        };
        match report {
            // Whoever comes is held to their signs of life from the beginning.
            Report::Came { name, .. } => {
                let username = name.parse::<Username>().ok();
                roll.extend(username.clone());
                let came = username.map(|username| tell(Sign::Heartbeat, username));
                came.into_iter().collect()
            }
            Report::Went { name, .. } => {
                let username = name.parse::<Username>().ok();
                let went = username.filter(|username| roll.remove(username));
                let went = went.map(|username| tell(Sign::Left, username));
                went.into_iter().collect()
            }
            Report::Here { names, .. } => {
                let here = names.iter().filter_map(|name| name.parse().ok()).collect();
                let before = std::mem::replace(roll, here);
                let here = roll
                    .iter()
                    .map(|username| tell(Sign::Heartbeat, username.clone()));
                let gone = before.difference(roll);
                let gone = gone.map(|username| tell(Sign::Left, username.clone()));
                here.chain(gone).collect()
            }
        }
    }
}

fn room_of(report: &Report) -> &str {
    let (Report::Came { room, .. } | Report::Went { room, .. } | Report::Here { room, .. }) =
        report;
    room
}

#[cfg(test)]
mod tests {
    use dabir_clients::ClientsSetup;
    use dabir_core::{Clock, Events};
    use dabir_db::Db;
    use jiff::tz::TimeZone;

    use super::*;

    /// Rooms' view of nobody.
    async fn nobody(folder: &std::path::Path) -> (Arc<People>, mpsc::Receiver<Report>) {
        let setup = ClientsSetup {
            db: Db::open("", folder).await.unwrap(),
            clock: Clock::system(),
            events: Events::default(),
            config: Current::from(ClientsConfig::default()),
            timezone: TimeZone::UTC,
        };
        let clients = Clients::load(setup).await.unwrap();
        let config = Current::from(ClientsConfig::default());
        People::new(clients, config)
    }

    fn came(room: &str, name: &str) -> Report {
        let (room, name) = (room.to_owned(), name.to_owned());
        Report::Came { room, name }
    }

    fn nobody_in(room: &str) -> Report {
        Report::Here {
            room: room.to_owned(),
            names: BTreeSet::new(),
        }
    }

    #[tokio::test]
    async fn a_flood_of_reports_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (people, reports) = nobody(folder.path()).await;
        for n in 0..2 * MAX_REPORTS {
            people.hear(came("r", &n.to_string()));
        }
        assert_eq!(reports.len(), MAX_REPORTS);
        assert_eq!(people.missed().len(), 1);
    }

    #[tokio::test]
    async fn a_room_whose_last_word_was_lost_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let (people, mut reports) = nobody(folder.path()).await;
        for n in 0..MAX_REPORTS {
            people.hear(came("of many", &n.to_string()));
        }
        for room in ["ended", "living"] {
            people.hear(nobody_in(room));
        }
        reports.recv().await.unwrap();
        people.hear(nobody_in("living"));
        assert_eq!(people.ended(Instant::now()), []);
        let later = Instant::now() + PATIENCE;
        assert_eq!(people.ended(later), [nobody_in("ended")]);
        assert_eq!(people.ended(later), []);
    }

    #[tokio::test]
    async fn what_was_not_kept_is_told_again_when_all_have_left() {
        let mut rolls = Rolls(BTreeMap::from([("r".to_owned(), [name("old")].into())]));
        let mut failed = Rolls::default();
        failed.take(&rolls, came("r", "new"));
        failed.take(
            &rolls,
            Report::Went {
                room: "r".to_owned(),
                name: "old".to_owned(),
            },
        );
        rolls.doubt(failed);
        let left = |name: &str| (Sign::Left, name.to_owned());
        assert_eq!(told(&mut rolls, nobody_in("r")), [left("new"), left("old")]);
    }

    fn name(text: &str) -> Username {
        text.parse().unwrap()
    }

    fn told(rolls: &mut Rolls, report: Report) -> Vec<(Sign, String)> {
        let mut next = Rolls::default();
        let news = next.take(rolls, report);
        rolls.0.extend(next.0);
        let one = |news: Attendance| {
            assert_eq!(&*news.place, "r");
            (news.sign, news.username.to_string())
        };
        news.into_iter().map(one).collect()
    }

    #[test]
    fn a_room_s_people_are_told_as_they_come_and_go_and_live() {
        let mut rolls = Rolls(BTreeMap::from([("r".to_owned(), [name("old")].into())]));
        let room = || "r".to_owned();
        let sign = |sign: Sign, name: &str| (sign, name.to_owned());
        let came = |name: &str| Report::Came {
            room: room(),
            name: name.to_owned(),
        };
        let went = |name: &str| Report::Went {
            room: room(),
            name: name.to_owned(),
        };
        let here = |names: &[&str]| Report::Here {
            room: room(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert_eq!(
            told(&mut rolls, came("Ali")),
            [sign(Sign::Heartbeat, "Ali")]
        );
        assert_eq!(told(&mut rolls, came("a/b")), [], "it is no client's name");
        assert_eq!(
            told(&mut rolls, here(&["Ali", "Sara", "a/b"])),
            [
                sign(Sign::Heartbeat, "Ali"),
                sign(Sign::Heartbeat, "Sara"),
                sign(Sign::Left, "old"),
            ]
        );
        assert_eq!(told(&mut rolls, went("Ali")), [sign(Sign::Left, "Ali")]);
        assert_eq!(told(&mut rolls, went("Ali")), []);
        assert_eq!(told(&mut rolls, here(&[])), [sign(Sign::Left, "Sara")]);
    }
}
