//! Who is where: what rooms and other programs report.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use dabir_core::Timestamp;

use super::change::Draft;
use super::{Clients, dabir};
use crate::client::REDIS;
use crate::error::ClientsError;
use crate::model::{Action, NewProfile, PlaceState, Sign, Source};
use crate::name::Username;
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
}

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

    /// Takes in what places report, all at once. A sign of life of somebody who is known to be there
    /// is kept in memory, and written down with others before long.
    ///
    /// # Errors
    /// When the database fails.
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
        if news.is_empty() {
            return Ok(());
        }
        let names = news.iter().map(|report| &report.username);
        self.change(&dabir(), names, |draft| {
            news.iter().for_each(|report| hear(draft, report));
        })
        .await?;
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
        self.write_beats().await?;
        let config = self.config();
        let before = |span: Duration| self.now().checked_sub(span).unwrap_or(Timestamp::MIN);
        let silent = before(config.heartbeat_timeout.get());
        let silent = presence::silent(self.db().read(), silent).await?;
        self.attend(reports(silent, Sign::Lost)).await?;
        let lost = before(config.connection_error.get());
        let lost = presence::long_lost(self.db().read(), lost).await?;
        self.attend(reports(lost, Sign::Left)).await
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

fn hear(draft: &mut Draft, report: &Attendance) {
    let username = &report.username;
    let mut facts = draft.facts(username);
    let comes = matches!(report.sign, Sign::Joined | Sign::Heartbeat);
    if comes && facts.profile.is_none() && &*report.place != REDIS {
        let guest = Action::Put(NewProfile {
            source: Source::Room,
            ..NewProfile::default()
        });
        // A name that is known to be one is refused nothing here.
        if let Ok(happened) = facts.obey(username, &guest, draft.by(), draft.now) {
            draft.put_version(username, facts, happened);
            facts = draft.facts(username);
        }
    }
    let happened = facts.hear(&report.place, report.sign, draft.now);
    draft.put(username, facts, happened);
}
