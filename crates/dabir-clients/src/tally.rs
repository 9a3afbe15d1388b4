//! Clients counted by time: how many were connected, and what happened, in each quarter of an hour.
//!
//! The hours and the days of every time zone are made of whole quarters, so that what is counted once
//! is right wherever the house is. How many are connected is not sampled: each change adds what was
//! true until then, so that a mean is exact and no peak is missed.

use std::collections::BTreeMap;

use crate::client::REDIS;
use crate::model::{Facts, Happening, PlaceState, Presence};
use crate::name::Username;
use crate::store::facts::Changed;

/// The room that stands for all of the house.
pub(crate) const HOUSE: &str = "";
/// A quarter of an hour, in milliseconds.
pub(crate) const QUARTER: i64 = 15 * 60 * 1_000;
/// For how long it is believed that nothing changed: a house that was closed for longer knows nothing
/// of that time.
const BELIEVED: i64 = 24 * 60 * 60 * 1_000;

/// What happened in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// The most who were connected at once.
    pub(crate) peak: i64,
    /// For how many milliseconds clients were connected, all of them together.
    pub(crate) area: i64,
    pub(crate) joins: i64,
    pub(crate) lost: i64,
    pub(crate) pauses: i64,
    pub(crate) blocks: i64,
}

/// How many are connected since when, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) connected: i64,
    pub(crate) since: i64,
}

/// What a change means for a room.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    /// How many more are connected.
    more: i64,
    happened: Tally,
}

/// What a change means for each room that it concerns.
#[derive(Debug, Default)]
pub(crate) struct News(BTreeMap<String, Turn>);

/// By the beginning of the stretch, and the room.
pub(crate) type Tallies = BTreeMap<(i64, String), Tally>;
pub(crate) type Levels = BTreeMap<String, Level>;

impl Tally {
    /// Takes in that of another stretch.
    pub(crate) fn add(&mut self, other: &Self) {
        self.peak = self.peak.max(other.peak);
        self.area += other.area;
        self.joins += other.joins;
        self.lost += other.lost;
        self.pauses += other.pauses;
        self.blocks += other.blocks;
    }

    fn note(&mut self, kind: &str) {
        match kind {
            "joined" => self.joins += 1,
            "lost" => self.lost += 1,
            "paused" => self.pauses += 1,
            "blocked" => self.blocks += 1,
            _ => {}
        }
    }
}

impl Level {
    /// What it adds to each quarter until `now`.
    pub(crate) fn until(self, now: i64) -> impl Iterator<Item = (i64, Tally)> {
        let since = self.since.max(now.saturating_sub(BELIEVED));
        let first = if self.connected > 0 { since } else { now };
        let quarters = std::iter::successors(Some(quarter(first)), |at| Some(at + QUARTER));
        quarters.take_while(move |at| *at < now).map(move |at| {
            let span = now.min(at + QUARTER) - since.max(at);
            let area = self.connected * span.max(0);
            let peak = self.connected;
            let tally = Tally {
                peak,
                area,
                ..Tally::default()
            };
            (at, tally)
        })
    }
}

impl News {
    pub(crate) fn of(changed: &[Changed], happened: &[(i64, Username, Happening)]) -> Self {
        let mut news = Self::default();
        for one in changed {
            news.compare(&one.before, -1);
            news.compare(&one.after, 1);
        }
        for (_, username, happening) in happened {
            // They are in the order of their names.
            let found = changed.binary_search_by(|one| one.username.cmp(username));
            let after = found.ok().map(|at| &changed[at].after);
            news.note(happening, after);
        }
        news.0
            .retain(|_, turn| turn.more != 0 || turn.happened != Tally::default());
        news
    }

    pub(crate) fn rooms(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn room(&mut self, room: &str) -> &mut Turn {
        self.0.entry(room.to_owned()).or_default()
    }

    fn compare(&mut self, facts: &Facts, by: i64) {
        if facts.presence() == Presence::Connected {
            self.room(HOUSE).more += by;
        }
        let here = facts.places.iter();
        for place in here.filter(|place| place.state == PlaceState::Connected) {
            if &*place.place != REDIS {
                self.room(&place.place).more += by;
            }
        }
    }

    fn note(&mut self, happening: &Happening, facts: Option<&Facts>) {
        let kind = happening.kind;
        match kind {
            "joined" | "lost" if happening.detail != REDIS => {
                self.room(&happening.detail).happened.note(kind);
            }
            "paused" | "blocked" => {
                let places = facts.into_iter().flat_map(|facts| &facts.places);
                for place in places.filter(|place| &*place.place != REDIS) {
                    self.room(&place.place).happened.note(kind);
                }
            }
            _ => {}
        }
        self.room(HOUSE).happened.note(kind);
    }
}

/// Counts a change, or with no news only the time that has passed.
pub(crate) fn count(levels: &mut Levels, news: &News, now: i64) -> Tallies {
    let mut tallies = Tallies::new();
    for room in news.rooms() {
        let level = Level {
            connected: 0,
            since: now,
        };
        levels.entry(room.to_owned()).or_insert(level);
    }
    for (room, level) in levels {
        for (at, tally) in level.until(now) {
            tallies.entry((at, room.clone())).or_default().add(&tally);
        }
        // A clock that went back counts nothing twice.
        level.since = level.since.max(now);
        if let Some(turn) = news.0.get(room) {
            level.connected = (level.connected + turn.more).max(0);
            let here = tallies.entry((quarter(now), room.clone())).or_default();
            here.add(&turn.happened);
            here.peak = here.peak.max(level.connected);
        }
    }
    tallies
}

fn quarter(at: i64) -> i64 {
    at - at.rem_euclid(QUARTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn turn(room: &str, more: i64) -> News {
        let happened = Tally::default();
        News(BTreeMap::from([(room.to_owned(), Turn { more, happened })]))
    }

    #[test]
    fn a_peak_is_kept_and_a_mean_is_exact() {
        let mut levels = Levels::new();
        let mut all = Tallies::new();
        for (minute, more) in [(5, 3), (6, -2), (40, -1)] {
            for (key, tally) in count(&mut levels, &turn("board", more), minute * MINUTE) {
                all.entry(key).or_default().add(&tally);
            }
        }
        let of = |n: i64| all[&(n * QUARTER, "board".to_owned())];
        assert_eq!((of(0).peak, of(0).area), (3, (3 + 9) * MINUTE));
        assert_eq!((of(1).peak, of(1).area), (1, 15 * MINUTE));
        assert_eq!((of(2).peak, of(2).area), (1, 10 * MINUTE));
        assert_eq!(levels["board"].connected, 0);
    }

    #[test]
    fn a_clock_that_goes_back_counts_nothing_twice() {
        let mut levels = Levels::new();
        let area = |tallies: Tallies| tallies.values().map(|one| one.area).sum::<i64>();
        count(&mut levels, &turn("board", 1), 0);
        assert_eq!(area(count(&mut levels, &News::default(), 10)), 10);
        assert_eq!(area(count(&mut levels, &News::default(), 4)), 0);
        assert_eq!(area(count(&mut levels, &News::default(), 12)), 2);
    }

    #[test]
    fn a_house_that_was_closed_for_long_is_believed_a_day() {
        let level = Level {
            connected: 2,
            since: 0,
        };
        let tallies: Vec<_> = level.until(10 * BELIEVED).collect();
        assert_eq!(tallies.len(), 96);
        let area: i64 = tallies.iter().map(|(_, tally)| tally.area).sum();
        assert_eq!(area, 2 * BELIEVED);
    }
}
