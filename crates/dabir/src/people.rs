//! Between the registry of clients and the meetings' rooms: what is ordered about clients goes to the
//! rooms, and who is in a room goes to the registry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use dabir_clients::{
    Attendance, Clients, ClientsConfig, OrderKind, Orders, REDIS, Sign, Snapshot, Username,
};
use dabir_core::{Current, text};
use dabir_meetings::Register;
use dabir_meetings::register::{self, Bar, Issue, Ordered, Pause, Report};
use imbl::ordmap::DiffItem;
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
    reports: mpsc::UnboundedSender<Report>,
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

impl People {
    /// The rooms' view of `clients`; the receiver belongs to [`run`].
    pub(crate) fn new(
        clients: Clients,
        config: Current<ClientsConfig>,
    ) -> (Arc<Self>, mpsc::UnboundedReceiver<Report>) {
        let (reports, receiver) = mpsc::unbounded_channel();
        let begun = Arc::clone(&clients.orders().borrow());
        let first = Issue::default().then(changed(&Orders::default(), &begun));
        let issue = watch::Sender::new(Arc::new(first));
        let people = Self {
            clients,
            begun,
            config,
            issue,
            reports,
        };
        (Arc::new(people), receiver)
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
        // Nobody listens in a process that keeps no rooms, or at its end.
        let _ = self.reports.send(report);
    }

    fn beat(&self) -> Duration {
        (self.config.get().heartbeat_timeout.get() / 3).min(BEAT)
    }
}

/// Passes both ways what there is, until `cancel`.
pub(crate) async fn run(
    people: Arc<People>,
    reports: mpsc::UnboundedReceiver<Report>,
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

async fn hear(people: &People, mut reports: mpsc::UnboundedReceiver<Report>) {
    let mut rolls = Rolls::of(&people.clients.snapshot());
    let mut heard = Vec::new();
    while reports.recv_many(&mut heard, AT_ONCE).await > 0 {
        let mut next = Rolls::default();
        let news = heard.drain(..).flat_map(|report| next.take(&rolls, report));
        let news: Vec<Attendance> = news.collect();
        // What is lost here is told again with the next sign of life.
        match people.clients.attend(news).await {
            Ok(()) => rolls.0.extend(next.0),
            Err(error) => {
                tracing::warn!(%error, "who is in which room is not kept for a moment: {error}");
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

    /// Takes in a report, from where `before` left off; answers what the registry is to be told.
    fn take(&mut self, before: &Self, report: Report) -> Vec<Attendance> {
        let (Report::Came { room, .. } | Report::Went { room, .. } | Report::Here { room, .. }) =
            &report;
        let room = room.clone();
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

#[cfg(test)]
mod tests {
    use super::*;

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
