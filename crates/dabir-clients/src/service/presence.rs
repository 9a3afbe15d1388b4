//! Who is where: what rooms and other programs report.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use dabir_core::Timestamp;

use super::change::Draft;
use super::orders::obey;
use super::{Clients, MAX_COMMANDS, dabir};
use crate::client::REDIS;
use crate::error::ClientsError;
use crate::model::{Action, Command, NewProfile, Place, PlaceState, Sign, Source};
use crate::name::Username;
use crate::sets::Kind;
use crate::store::presence::{self, At};

/// One report of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendance {
    /// A room, or [`REDIS`].
    pub place: Arc<str>,
    pub sign: Sign,
    pub username: Username,
}

/// Signs of life that are not written down yet, by place.
#[derive(Debug, Default)]
pub(super) struct Beats {
    heard: BTreeMap<Arc<str>, BTreeSet<Username>>,
    /// When the database was found away last: what other processes heard may not be written either.
    away_at: Option<Timestamp>,
}

/// How long guests are known who do not come back.
const GUEST: Duration = Duration::from_secs(24 * 60 * 60);
/// How many guests are known; others are there all the same.
const MAX_GUESTS: usize = 10_000;

impl Clients {
    /// Takes in what a place reports of somebody. Nothing is refused: that a blocked client is
    /// connected somewhere is a fact, and whoever lets people in asks [`Clients::may_enter`] before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn presence(
        &self,
        place: &str,
        sign: Sign,
        username: &Username,
    ) -> Result<(), ClientsError> {
        let one = Attendance {
            place: place.into(),
            sign,
            username: username.clone(),
        };
        self.attend(vec![one]).await
    }

    /// Takes in what places report, many at a time. A sign of life of somebody who is known to be
    /// there is kept in memory, and written down with others before long.
    ///
    /// # Errors
    /// When the database fails; what was taken in before stays so.
    pub async fn attend(&self, reports: Vec<Attendance>) -> Result<(), ClientsError> {
        let mut news = Vec::new();
        // What is known of these is other in a moment.
        let mut moved = BTreeSet::new();
        for report in reports {
            let at = (report.place.clone(), report.username.clone());
            if moved.contains(&at) || !self.is_known(&report) {
                moved.insert(at);
                news.push(report);
            }
        }
        for news in news.chunks(MAX_COMMANDS) {
            let names = news.iter().map(|report| &report.username);
            let mut more = MAX_GUESTS.saturating_sub(self.snapshot().guests());
            self.change(&dabir(), names, |draft| {
                news.iter()
                    .for_each(|report| hear(draft, report, &mut more));
            })
            .await?;
        }
        Ok(())
    }

    /// Brings a place to exactly those who are there and those who are lost there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_stock(
        &self,
        place: &str,
        connected: &BTreeSet<Username>,
        lost: &BTreeSet<Username>,
    ) -> Result<(), ClientsError> {
        let place: Arc<str> = place.into();
        let snapshot = self.snapshot();
        let state = |username: &Username| {
            let places = snapshot.get(username).map(|facts| &facts.places);
            let mut places = places.into_iter().flatten();
            places.find(|one| one.place == place).map(|one| one.state)
        };
        let report = |sign: Sign, username: &Username| Attendance {
            place: place.clone(),
            sign,
            username: username.clone(),
        };
        let mut reports = Vec::new();
        for username in connected {
            if state(username) != Some(PlaceState::Connected) {
                reports.push(report(Sign::Joined, username));
            }
        }
        for username in lost.difference(connected) {
            match state(username) {
                None => reports.push(report(Sign::Joined, username)),
                Some(PlaceState::Lost) => continue,
                Some(PlaceState::Connected) => {}
            }
            reports.push(report(Sign::Lost, username));
        }
        for (username, facts) in snapshot.after(None) {
            let is_there = facts.places.iter().any(|one| one.place == place);
            if is_there && !connected.contains(username) && !lost.contains(username) {
                reports.push(report(Sign::Left, username));
            }
        }
        self.attend(reports).await
    }

    /// Writes the signs of life down, and finds who gives none: first lost, then gone. What other
    /// programs say in Redis is theirs.
    ///
    /// # Errors
    /// When the database fails; what was not written is kept for the next time.
    pub async fn sweep(&self) -> Result<(), ClientsError> {
        let swept = self.sweep_once().await;
        if swept.is_err() {
            self.beats().away_at = Some(self.now());
        }
        swept
    }

    async fn sweep_once(&self) -> Result<(), ClientsError> {
        self.write_beats().await?;
        let snapshot = self.snapshot();
        if snapshot.of(Kind::Active).is_empty() && snapshot.of(Kind::Lost).is_empty() {
            return Ok(());
        }
        let config = self.config();
        let before = |span: Duration| self.now().checked_sub(span).unwrap_or(Timestamp::MIN);
        let silent = before(config.heartbeat_timeout.get());
        if !self.was_away_since(silent) {
            self.lose(presence::silent(self.db().read(), silent).await?, silent)
                .await?;
        }
        let lost = before(config.connection_error.get());
        let lost = presence::long_lost(self.db().read(), lost).await?;
        self.attend(reports(lost, Sign::Left)).await
    }

    fn was_away_since(&self, before: Timestamp) -> bool {
        let away_at = self.beats().away_at;
        away_at.is_some_and(|at| (before..=self.now()).contains(&at))
    }

    /// Takes those for lost who gave no sign of life since `before`: another process may have heard of
    /// them a moment ago.
    async fn lose(&self, silent: Vec<At>, before: Timestamp) -> Result<(), ClientsError> {
        for silent in reports(silent, Sign::Lost).chunks(MAX_COMMANDS) {
            let names = silent.iter().map(|report| &report.username);
            self.change(&dabir(), names, |draft| {
                for report in silent {
                    let facts = draft.facts(&report.username);
                    let mut places = facts.places.iter();
                    let is_it = |at: &&Place| at.place == report.place;
                    let last = places.find(is_it).and_then(|at| at.heartbeat_at);
                    if last.is_some_and(|last| last < before) {
                        hear(draft, report, &mut 0);
                    }
                }
            })
            .await?;
        }
        Ok(())
    }

    /// Forgets guests who were not there for a day: anybody may come by any name.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn forget_guests(&self) -> Result<(), ClientsError> {
        let before = self.now().checked_sub(GUEST).unwrap_or(Timestamp::MIN);
        let snapshot = self.snapshot();
        let were = snapshot
            .after(None)
            .filter(|(_, facts)| facts.is_guest_of_once(before));
        let remove = were.take(MAX_COMMANDS).map(|(username, facts)| Command {
            username: username.clone(),
            action: Action::Remove,
            version: Some(facts.version),
        });
        let remove: Vec<Command> = remove.collect();
        let names = remove.iter().map(|one| one.username.to_string()).collect();
        if remove.is_empty() {
            return Ok(());
        }
        self.change_with(&dabir(), names, true, |draft| {
            for command in &remove {
                if draft.facts(&command.username).is_guest_of_once(before) {
                    // Whoever was changed in this moment stays.
                    let _ = obey(draft, command);
                }
            }
        })
        .await
    }

    async fn write_beats(&self) -> Result<(), ClientsError> {
        let heard = std::mem::take(&mut self.beats().heard);
        if heard.is_empty() {
            return Ok(());
        }
        let written = self.try_to_write(&heard).await;
        if written.is_err() {
            let mut beats = self.beats();
            for (place, names) in heard {
                beats.heard.entry(place).or_default().extend(names);
            }
        }
        written
    }

    async fn try_to_write(
        &self,
        heard: &BTreeMap<Arc<str>, BTreeSet<Username>>,
    ) -> Result<(), ClientsError> {
        let tx = self.db().write().await?;
        for (place, names) in heard {
            let names: Vec<&str> = names.iter().map(Username::as_str).collect();
            presence::beat(&tx, place, &names, self.now()).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Whether a report says nothing new; a sign of life is noted.
    fn is_known(&self, report: &Attendance) -> bool {
        let snapshot = self.shared.snapshot.borrow();
        let facts = snapshot.get(&report.username);
        let mut places = facts.into_iter().flat_map(|facts| &facts.places);
        let known = places.find(|known| known.place == report.place);
        let is_there = known.is_some_and(|known| known.state == PlaceState::Connected);
        if is_there && report.sign == Sign::Heartbeat {
            let mut beats = self.beats();
            let heard = beats.heard.entry(report.place.clone()).or_default();
            heard.insert(report.username.clone());
            return true;
        }
        // Of the others only the database knows: another process may have heard more.
        false
    }
}

fn reports(at: Vec<At>, sign: Sign) -> Vec<Attendance> {
    let report = |(username, place): At| Attendance {
        place: place.into(),
        sign,
        username: Username::kept(&username),
    };
    at.into_iter().map(report).collect()
}

fn hear(draft: &mut Draft, report: &Attendance, more: &mut usize) {
    let username = &report.username;
    let comes = matches!(report.sign, Sign::Joined | Sign::Heartbeat);
    let is_known = draft.facts(username).profile.is_some();
    if comes && !is_known && *more > 0 && &*report.place != REDIS {
        let guest = Command {
            username: username.clone(),
            action: Action::Add(NewProfile {
                source: Source::Room,
                ..NewProfile::default()
            }),
            version: None,
        };
        // A name that no client may have is there all the same.
        *more -= usize::from(obey(draft, &guest).is_ok());
    }
    let mut facts = draft.facts(username);
    let happened = facts.hear(&report.place, report.sign, draft.now);
    draft.put(username, facts, happened);
}

#[cfg(test)]
mod tests {
    use dabir_core::{Clock, Current, Events};
    use dabir_db::Db;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::service::ClientsSetup;

    #[tokio::test]
    async fn whoever_was_heard_of_meanwhile_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(Timestamp::from_second(1_000).unwrap());
        let setup = ClientsSetup {
            db: Db::open("", folder.path()).await.unwrap(),
            clock: clock.clone(),
            events: Events::default(),
            config: Current::from(crate::ClientsConfig::default()),
            timezone: TimeZone::UTC,
        };
        let clients = Clients::load(setup).await.unwrap();
        let ali: Username = "ali".parse().unwrap();
        let beat = async || clients.presence("board", Sign::Heartbeat, &ali).await;
        beat().await.unwrap();
        clock.advance(Duration::from_secs(31));
        let before = Timestamp::from_second(1_001).unwrap();
        let silent = presence::silent(clients.db().read(), before).await.unwrap();
        assert_eq!(silent.len(), 1);
        beat().await.unwrap();
        clients.write_beats().await.unwrap();
        clients.lose(silent, before).await.unwrap();
        let places = clients.get(&ali).unwrap().places;
        assert_eq!(places[0].state, PlaceState::Connected);
    }
}
