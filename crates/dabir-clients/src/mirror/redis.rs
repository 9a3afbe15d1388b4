//! The key in Redis: our fields written one by one, what others say taken in.
//!
//! `active_clients` belongs to both: whoever is in a room is added to what others wrote there, and it
//! is noted beside the key which names these are, so that they are not taken for theirs. While Redis
//! is away everything goes on here, and both agree again when it is back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::lag::Lag;
use super::link::{self, Found, Link, Writing};
use super::status::{self, ACTIVE, KEY, LOST, Lengths, NOTE, OURS, THEIRS, TO_CLOSE};
use super::{DEBOUNCE, Mirrors, orders};
use crate::client::REDIS;
use crate::error::ClientsError;
use crate::model::{Facts, PlaceState};
use crate::name::Username;
use crate::registry::Snapshot;
use crate::sets::Kind;

const MIRROR: &str = "redis";
/// The connection as a subject of problems.
const CONNECTION: &str = "connection";
/// Between two tries to reach it.
const FIRST_TRY: Duration = Duration::from_millis(100);
const LAST_TRY: Duration = Duration::from_secs(5);
/// How often a server that says what changes is asked whether it is there and did.
const FLOOR: Duration = Duration::from_secs(30);
/// How often everything is read although it says so.
const ANEW: Duration = Duration::from_secs(5 * 60);
/// How long nothing is written after the server refused it.
const REFUSED: Duration = Duration::from_secs(2);
/// How often it is tried again at once when others write at the same time.
const TRIES: u32 = 10;

/// Why the mirror is not up to date.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("{0}")]
    Redis(#[from] redis::RedisError),
    #[error("{0}")]
    Clients(#[from] ClientsError),
    #[error("{0}")]
    Lease(#[from] sea_orm::DbErr),
    #[error("other programs write faster than it can be read")]
    Busy,
    /// In the words that told it before.
    #[error("{0}")]
    Refused(String),
}

/// What is known of the key.
#[derive(Debug, Default)]
struct Known {
    found: Option<Found>,
    theirs: BTreeMap<&'static str, Theirs>,
    /// The registry knows what others say.
    is_taken: bool,
    /// Which active names were ours when that was noted last.
    noted: Option<Vec<u8>>,
    /// The texts of our lists, by the offsets of these.
    ours: BTreeMap<&'static str, (i64, Vec<u8>)>,
    /// The offset of the active list for which the field was right.
    active: Option<i64>,
    /// When the server refused to have something written, and why.
    refused: Option<(Instant, String)>,
}

/// What others say in one field.
#[derive(Debug)]
struct Theirs {
    text: Option<Vec<u8>>,
    /// Without what we wrote there; an error when it says nothing.
    names: Result<BTreeSet<Username>, String>,
}

/// Runs until `cancel`.
pub(super) async fn run(mirrors: Mirrors, cancel: CancellationToken) {
    if mirrors.redis.is_empty() {
        return;
    }
    let mut lag = Lag::new(MIRROR, &mirrors.metrics);
    let mut lease = mirrors.lease.changes();
    let mut pause = FIRST_TRY;
    let mut known = Known::default();
    loop {
        if mirrors.lease.held().is_some() {
            let served = tokio::select! {
                () = cancel.cancelled() => return,
                served = serve(&mirrors, &mut known, &mut lag, &mut pause) => served,
            };
            let why = served.err().map(|failed| failed.to_string());
            mirrors.problems.tell(MIRROR, CONNECTION, why.as_deref());
        } else {
            known = Known::default();
            mirrors.problems.clear(MIRROR);
            lag.rest();
        }
        mirrors.count_problems(MIRROR);
        tokio::select! {
            () = cancel.cancelled() => return,
            _ = lease.changed() => {}
            () = tokio::time::sleep(pause) => {}
        }
        lag.notice(mirrors.clients.snapshot().offset);
        pause = (pause * 2).min(LAST_TRY);
    }
}

/// Keeps the key up to date on one connection, for as long as that and the lease hold.
async fn serve(
    mirrors: &Mirrors,
    known: &mut Known,
    lag: &mut Lag,
    pause: &mut Duration,
) -> Result<(), Failed> {
    let config = mirrors.clients.config();
    let mut link = Link::open(mirrors.redis.expose(), config.redis_encoding).await?;
    let mut sets = mirrors.clients.sets();
    (known.found, known.refused) = (None, None);
    let mut read_at = Instant::now();
    while mirrors.lease.held().is_some() {
        let began = tokio::time::Instant::now();
        let snapshot = sets.borrow_and_update().clone();
        lag.notice(snapshot.offset);
        if read_at.elapsed() >= ANEW {
            known.found = None;
            read_at = Instant::now();
        }
        if bring_up_to_date(mirrors, &mut link, known).await? {
            lag.done();
        }
        let refused = known.refused.as_ref().map(|(_, why)| why.as_str());
        mirrors.problems.tell(MIRROR, CONNECTION, refused);
        mirrors.count_problems(MIRROR);
        *pause = FIRST_TRY;
        let interval = mirrors.clients.config().interval.get();
        let wait = match (link.is_told, refused) {
            (false, _) => interval,
            (true, Some(_)) => REFUSED,
            (true, None) => FLOOR,
        };
        tokio::select! {
            _ = sets.changed() => {}
            () = link.changed() => {}
            () = tokio::time::sleep(wait) => {}
        }
        tokio::time::sleep_until(began + DEBOUNCE).await;
    }
    Ok(())
}

/// Takes in what others say, and writes what is not there yet. Tells whether all is there.
async fn bring_up_to_date(
    mirrors: &Mirrors,
    link: &mut Link,
    known: &mut Known,
) -> Result<bool, Failed> {
    for _ in 0..TRIES {
        let Some(held) = mirrors.lease.held() else {
            return Ok(false);
        };
        if link.watch().await? || known.found.is_none() {
            let snapshot = mirrors.clients.snapshot();
            let lengths = known.lengths(&snapshot);
            known.take(link.read(&lengths).await?, &snapshot);
        }
        known.tell(mirrors);
        let Some(found) = &mut known.found else {
            continue;
        };
        if found.broken.is_some() {
            link.unwatch().await?;
            return Ok(false);
        }
        if found.epoch > held.epoch {
            link.unwatch().await?;
            mirrors.lease.outrun(found.epoch).await?;
            if mirrors.lease.held() == Some(held) {
                return Ok(false);
            }
            continue;
        }
        known.take_in(mirrors).await?;
        let new = known.writing(&mirrors.clients.snapshot(), held.epoch);
        let may_try = held.is_sure() && !known.is_refused_lately();
        let Some(found) = &mut known.found else {
            continue;
        };
        let is_right = new.fields.is_empty() && new.active.is_none();
        let is_right = is_right && found.epoch == held.epoch && found.odd_note.is_none();
        if is_right {
            link.unwatch().await?;
            known.refused = None;
            return Ok(true);
        }
        if !may_try {
            link.unwatch().await?;
            known.found = None;
            return Ok(false);
        }
        match link.write(found, new).await {
            Ok(true) => {
                known.noted.clone_from(&found.active);
                known.refused = None;
                return Ok(true);
            }
            Ok(false) => known.found = None,
            Err(error) => {
                let why = link::refusal(error)?;
                if known.refused.is_some() {
                    // By now the name may lead to another server, as when the leader changed.
                    return Err(Failed::Refused(why));
                }
                known.refused = Some((Instant::now(), why));
                known.found = None;
                return Ok(false);
            }
        }
    }
    Err(Failed::Busy)
}

impl Known {
    /// This stands there.
    fn take(&mut self, found: Found, snapshot: &Snapshot) {
        (self.active, self.is_taken) = (None, false);
        if let Some(why) = &found.odd_note {
            tracing::warn!("{NOTE} is written anew: {why}");
        }
        if found.active.is_some() {
            self.noted.clone_from(&found.active);
        }
        let ours = match &self.noted {
            Some(noted) => status::names(Some(noted)).unwrap_or_default(),
            None => in_rooms(snapshot),
        };
        for field in THEIRS {
            let text = found.fields.get(field);
            let known = self.theirs.get(field);
            // The active ones depend on what is ours among them.
            if field != ACTIVE && known.is_some_and(|known| known.text.as_ref() == text) {
                continue;
            }
            let mut names = status::names(text.map(Vec::as_slice));
            if found.too_long.iter().any(|long| long == field) {
                names = Err("it is too long to be read".to_owned());
            }
            if field == ACTIVE
                && let Ok(names) = &mut names
            {
                names.retain(|name| !ours.contains(name));
            }
            let text = text.cloned();
            self.theirs.insert(field, Theirs { text, names });
        }
        self.found = Some(found);
    }

    fn is_refused_lately(&self) -> bool {
        let refused = self.refused.as_ref();
        refused.is_some_and(|(at, _)| at.elapsed() < REFUSED)
    }

    /// Tells what of it cannot be followed.
    fn tell(&self, mirrors: &Mirrors) {
        let broken = self
            .found
            .as_ref()
            .and_then(|found| found.broken.as_deref());
        mirrors.problems.tell(MIRROR, KEY, broken);
        for (field, theirs) in &self.theirs {
            let why = theirs.names.as_ref().err();
            let subject = format!("{KEY}.{field}");
            mirrors
                .problems
                .tell(MIRROR, &subject, why.map(String::as_str));
        }
    }

    /// Brings the registry to what others say; a field that says nothing leaves it as it is.
    async fn take_in(&mut self, mirrors: &Mirrors) -> Result<(), ClientsError> {
        if self.is_taken {
            return Ok(());
        }
        let says = |field: &str| self.theirs.get(field)?.names.as_ref().ok();
        let clients = &mirrors.clients;
        if let (Some(active), Some(lost)) = (says(ACTIVE), says(LOST)) {
            clients.take_stock(REDIS, active, lost).await?;
        }
        if let Some(to_close) = says(TO_CLOSE) {
            let count = orders::obey_redis(clients, to_close).await?;
            mirrors.metrics.edits(MIRROR, count);
        }
        self.is_taken = true;
        Ok(())
    }

    fn bring_ours(&mut self, snapshot: &Snapshot) {
        for (field, kind) in OURS {
            let offset = snapshot.changed_at(kind);
            let ours = self.ours.entry(field).or_insert((-1, Vec::new()));
            if ours.0 != offset {
                *ours = (offset, status::text(snapshot.of(kind)));
            }
        }
    }

    fn lengths(&mut self, snapshot: &Snapshot) -> Lengths {
        self.bring_ours(snapshot);
        let ours = self.ours.iter();
        ours.map(|(field, (_, text))| (*field, text.len() as u64))
            .collect()
    }

    /// What is to be written so that the key says what the registry knows.
    fn writing(&mut self, snapshot: &Snapshot, epoch: i64) -> Writing {
        let mut new = Writing {
            epoch,
            ..Writing::default()
        };
        self.bring_ours(snapshot);
        let found = self.found.get_or_insert_default();
        for (field, (_, text)) in &self.ours {
            if found.fields.get(*field) != Some(text) {
                new.fields.push((field, text.clone()));
            }
        }
        let offset = snapshot.changed_at(Kind::Active);
        if self.active != Some(offset)
            && let Some(Theirs { text, names }) = self.theirs.get_mut(ACTIVE)
            && let Ok(theirs) = names
        {
            let active = snapshot.of(Kind::Active);
            let ours = active.iter().filter(|name| !theirs.contains(*name));
            let ours = status::text(ours);
            let stands = status::names(text.as_deref()).unwrap_or_default();
            if !stands.iter().eq(active.iter()) {
                let all = status::text(active);
                *text = Some(all.clone());
                new.fields.push((ACTIVE, all));
            }
            if found.active.as_ref().is_none_or(|known| *known != ours) {
                new.active = Some(ours);
            }
            self.active = Some(offset);
        }
        new
    }
}

/// Who is there without Redis: without a note, these are taken to be ours.
fn in_rooms(snapshot: &Snapshot) -> BTreeSet<Username> {
    let is_there = |facts: &Facts| {
        let mut places = facts.places.iter();
        places.any(|one| &*one.place != REDIS && one.state == PlaceState::Connected)
    };
    let all = snapshot.after(None);
    let ours = all.filter(|(_, facts)| is_there(facts));
    ours.map(|(username, _)| username.clone()).collect()
}
