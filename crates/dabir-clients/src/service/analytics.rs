//! How many were connected and what happened, over time: from what each change counted.

use std::collections::BTreeMap;

use dabir_core::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::Clients;
use crate::calendar::{self, By, Stretch};
use crate::error::ClientsError;
use crate::model::Refused;
use crate::store::{events, tally};
use crate::tally::{HOUSE, Level, News, Tally, count};

/// What somebody wants to know.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// An instant, or a day as `2026-03-21`.
    pub from: Option<String>,
    /// The same; it is not itself meant.
    pub to: Option<String>,
    pub by: By,
    /// Of one room only.
    pub room: Option<String>,
}

/// How many were connected, and what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = ClientFigures)]
pub struct Figures {
    /// The most who were connected at once.
    pub connected_max: i64,
    /// How many were connected in the mean.
    pub connected_mean: f64,
    pub joins: i64,
    /// How often a connection was lost.
    pub lost: i64,
    pub pauses: i64,
    pub blocks: i64,
}

/// Figures of an hour or a day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ClientFiguresOfTime)]
pub struct FiguresOf {
    pub from: Timestamp,
    pub to: Timestamp,
    /// The Jalali day where the house is, as `1405/01/01`.
    pub day: String,
    /// The time of day at which an hour begins there.
    pub hour: Option<String>,
    #[serde(flatten)]
    pub figures: Figures,
}

/// Figures of a room, all time together.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ClientFiguresOfRoom)]
pub struct FiguresOfRoom {
    pub room: String,
    #[serde(flatten)]
    pub figures: Figures,
}

/// How many were connected and what happened, over time and by room.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ClientAnalytics)]
pub struct Analytics {
    pub by: By,
    /// Whose hours and days these are.
    pub timezone: String,
    pub from: Timestamp,
    pub to: Timestamp,
    /// The room that this is about; all of the house when `null`.
    pub room: Option<String>,
    /// All hours or days, also those in which nothing happened.
    pub items: Vec<FiguresOf>,
    pub total: Figures,
    /// The rooms where most time was spent, a hundred at most; of the whole house only.
    pub rooms: Vec<FiguresOfRoom>,
}

/// A line of a table: an hour or a day, in the house or in a room.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub day: String,
    pub date: String,
    pub hour: Option<String>,
    /// All of the house when empty.
    pub room: String,
    pub figures: Figures,
}

/// For how long quarters of an hour are known, and hours, and days.
const QUARTERS_KEPT: i64 = 2 * DAY;
const HOURS_KEPT: i64 = 93 * DAY;
const DAYS_KEPT: i64 = 1_100 * DAY;
const DAY: i64 = 24 * 60 * 60 * 1_000;
/// How many stretches of all rooms are known at most.
const ALL_KEPT: u64 = 500_000;
/// How many hours or days are told at once.
const MOST: usize = 800;
/// How many lines a table has.
const MOST_LINES: usize = 100_000;
const ROOMS: usize = 100;

/// What was asked for, understood.
struct Question {
    by: By,
    stretches: Vec<Stretch>,
    now: i64,
}

impl Clients {
    /// Tells how many were connected and what happened.
    ///
    /// # Errors
    /// When it is asked for what is no time, or for too much; or the database does not answer.
    pub async fn analytics(&self, asked: &Asked) -> Result<Analytics, ClientsError> {
        let question = self.understand(asked)?;
        let (db, within) = (self.db().read(), question.within());
        let room = asked.room.as_deref().unwrap_or(HOUSE);
        let levels = tally::all_levels(db).await?;
        let mut counted = tally::of_room(db, room, within).await?;
        counted.extend(question.going_on(levels.get(room)));
        let mut rooms = Vec::new();
        if asked.room.is_none() {
            let mut by_room: BTreeMap<String, Tally> = BTreeMap::new();
            let open = levels.iter().filter(|(room, _)| *room != HOUSE);
            let open = open.flat_map(|(room, level)| {
                let going_on = question.going_on(Some(level));
                going_on.map(move |(_, tally)| (room.clone(), tally))
            });
            for (room, tally) in tally::by_room(db, within).await?.into_iter().chain(open) {
                by_room.entry(room).or_default().add(&tally);
            }
            rooms = question.rooms(by_room);
        }
        let sums = question.sums(counted);
        let mut total = Tally::default();
        sums.iter().for_each(|tally| total.add(tally));
        let stretches = question.stretches.iter();
        let items = stretches.zip(&sums).map(|(stretch, tally)| {
            FiguresOf::of(
                question.by,
                &self.shared.zone,
                *stretch,
                question.figures(*stretch, tally),
            )
        });
        let whole = question.whole();
        Ok(Analytics {
            by: asked.by,
            timezone: self.shared.zone.iana_name().unwrap_or("UTC").to_owned(),
            from: whole.from,
            to: whole.to,
            room: asked.room.clone(),
            items: items.collect(),
            total: question.figures(whole, &total),
            rooms,
        })
    }

    /// The same as a table: of the house and of each room, or of one room. Hours and days in which
    /// nothing happened stand there for the house only.
    ///
    /// # Errors
    /// As [`Clients::analytics`].
    pub async fn analytics_table(&self, asked: &Asked) -> Result<Vec<Line>, ClientsError> {
        let question = self.understand(asked)?;
        let (db, within) = (self.db().read(), question.within());
        let is_meant = |room: &str| asked.room.as_deref().is_none_or(|one| one == room);
        let counted = match &asked.room {
            Some(room) => {
                let counted = tally::of_room(db, room, within).await?.into_iter();
                counted
                    .map(|(at, tally)| ((at, room.clone()), tally))
                    .collect()
            }
            None => tally::each(db, within, MOST_LINES + 1).await?,
        };
        if counted.len() > MOST_LINES {
            return Err(invalid(
                "from",
                "this is too much at once; ask for less time, or for one room",
            ));
        }
        let mut sums: BTreeMap<(usize, String), Tally> = BTreeMap::new();
        let first = asked.room.as_deref().unwrap_or(HOUSE);
        for n in 0..question.stretches.len() {
            sums.insert((n, first.to_owned()), Tally::default());
        }
        let levels = tally::all_levels(db).await?;
        let open = levels.iter().filter(|(room, _)| is_meant(room));
        let open = open.flat_map(|(room, level)| {
            let going_on = question.going_on(Some(level));
            going_on.map(move |(at, tally)| ((at, room.clone()), tally))
        });
        for ((at, room), tally) in counted.into_iter().chain(open) {
            if let Some(n) = question.place(at) {
                sums.entry((n, room)).or_default().add(&tally);
            }
        }
        let line = |((n, room), tally): ((usize, String), Tally)| {
            let stretch = question.stretches[n];
            let (day, date) = calendar::days(&self.shared.zone, stretch.from);
            let hour =
                (question.by == By::Hour).then(|| calendar::clock(&self.shared.zone, stretch.from));
            let figures = question.figures(stretch, &tally);
            Line {
                day,
                date,
                hour,
                room,
                figures,
            }
        };
        Ok(sums.into_iter().map(line).collect())
    }

    /// Brings what is counted up to now, makes hours of what is long over and days of what is longer
    /// over, and forgets what was long ago.
    ///
    /// # Errors
    /// When the database fails; what was done stays done.
    pub async fn settle(&self) -> Result<(), ClientsError> {
        let now = self.now().as_millisecond();
        let tx = self.db().write().await?;
        events::take_turn(&tx).await?;
        let mut levels = tally::all_levels(&tx).await?;
        let tallies = count(&mut levels, &News::default(), now);
        tally::keep(&tx, &levels, &tallies).await?;
        tally::forget(&tx, now - DAYS_KEPT, ALL_KEPT).await?;
        tx.commit().await?;
        self.roll(tally::SHORTEST, By::Hour, now - QUARTERS_KEPT)
            .await?;
        self.roll(By::Hour.seconds(), By::Day, now - HOURS_KEPT)
            .await
    }

    async fn roll(&self, shorter: i32, longer: By, before: i64) -> Result<(), ClientsError> {
        loop {
            let oldest = tally::oldest(self.db().read(), shorter).await?;
            let Some(at) = oldest.and_then(|at| Timestamp::from_millisecond(at).ok()) else {
                return Ok(());
            };
            let stretch = longer
                .of(&self.shared.zone, at)
                .map_err(|error| invalid("timezone", &error.to_string()))?;
            if stretch.to.as_millisecond() > before {
                return Ok(());
            }
            let tx = self.db().write().await?;
            events::take_turn(&tx).await?;
            tally::roll(&tx, shorter, longer.seconds(), stretch.within()).await?;
            tx.commit().await?;
        }
    }

    fn understand(&self, asked: &Asked) -> Result<Question, ClientsError> {
        if asked.room.as_ref().is_some_and(|room| room.contains('\0')) {
            return Err(invalid("room", "NUL is no letter"));
        }
        let zone = &self.shared.zone;
        let now = self.now();
        let instant = |field, text: &Option<String>| {
            let read = |text: &String| {
                calendar::instant(zone, text).ok_or_else(|| {
                    invalid(
                        field,
                        "write a day as 2026-03-21, or an instant as 2026-03-21T08:00:00Z",
                    )
                })
            };
            text.as_ref().map(read).transpose()
        };
        let to = instant("to", &asked.to)?.unwrap_or(now);
        let usual = match asked.by {
            By::Hour => DAY - 1,
            By::Day => 30 * DAY - 1,
        };
        let usual = to.as_millisecond().saturating_sub(usual);
        let from = match instant("from", &asked.from)? {
            Some(from) => from,
            None => Timestamp::from_millisecond(usual).unwrap_or(Timestamp::MIN),
        };
        if from >= to {
            return Err(invalid("from", "it is not before `to`"));
        }
        if asked.by == By::Hour && from.as_millisecond() < now.as_millisecond() - HOURS_KEPT {
            return Err(invalid("from", "hours are known for 93 days; ask by day"));
        }
        let stretches = asked
            .by
            .all(zone, from, to, MOST)
            .map_err(|_| invalid("from", "no calendar has this time"))?;
        if stretches.len() > MOST {
            return Err(invalid("from", "ask for 800 hours or days at most"));
        }
        Ok(Question {
            by: asked.by,
            stretches,
            now: now.as_millisecond(),
        })
    }
}

impl Question {
    /// From the first to the last: there is one at least.
    fn whole(&self) -> Stretch {
        let end = Timestamp::UNIX_EPOCH;
        Stretch {
            from: self.stretches.first().map_or(end, |first| first.from),
            to: self.stretches.last().map_or(end, |last| last.to),
        }
    }

    fn within(&self) -> tally::Within {
        self.whole().within()
    }

    /// In which hour or day an instant is.
    fn place(&self, at: i64) -> Option<usize> {
        let (from, to) = self.within();
        let after = self
            .stretches
            .partition_point(|stretch| stretch.from.as_millisecond() <= at);
        (from <= at && at < to).then(|| after.saturating_sub(1))
    }

    /// What was not counted yet, because nothing has changed since.
    fn going_on(&self, level: Option<&Level>) -> impl Iterator<Item = (i64, Tally)> + use<> {
        let (now, (from, to)) = (self.now, self.within());
        let level = level.copied().into_iter();
        let quarters = level.flat_map(move |level| level.until(now));
        quarters.filter(move |(at, _)| from <= *at && *at < to)
    }

    fn sums(&self, counted: impl IntoIterator<Item = (i64, Tally)>) -> Vec<Tally> {
        let mut sums = vec![Tally::default(); self.stretches.len()];
        for (at, tally) in counted {
            if let Some(n) = self.place(at) {
                sums[n].add(&tally);
            }
        }
        sums
    }

    fn rooms(&self, by_room: BTreeMap<String, Tally>) -> Vec<FiguresOfRoom> {
        let mut rooms: Vec<(String, Tally)> = by_room.into_iter().collect();
        rooms.sort_by_key(|(_, tally)| std::cmp::Reverse((tally.area, tally.joins)));
        rooms.truncate(ROOMS);
        let whole = self.whole();
        let of = |(room, tally): (String, Tally)| FiguresOfRoom {
            room,
            figures: self.figures(whole, &tally),
        };
        rooms.into_iter().map(of).collect()
    }

    /// What is not over yet counts as far as it has come.
    #[expect(clippy::cast_precision_loss, reason = "a mean is told with two digits")]
    fn figures(&self, stretch: Stretch, tally: &Tally) -> Figures {
        let (from, to) = stretch.within();
        let span = (to.min(self.now) - from).max(1);
        Figures {
            connected_max: tally.peak,
            connected_mean: (tally.area as f64 / span as f64 * 100.0).round() / 100.0,
            joins: tally.joins,
            lost: tally.lost,
            pauses: tally.pauses,
            blocks: tally.blocks,
        }
    }
}

impl Stretch {
    fn within(self) -> tally::Within {
        (self.from.as_millisecond(), self.to.as_millisecond())
    }
}

impl FiguresOf {
    fn of(by: By, zone: &TimeZone, Stretch { from, to }: Stretch, figures: Figures) -> Self {
        let (day, _) = calendar::days(zone, from);
        let hour = (by == By::Hour).then(|| calendar::clock(zone, from));
        Self {
            from,
            to,
            day,
            hour,
            figures,
        }
    }
}

fn invalid(field: &'static str, why: &str) -> ClientsError {
    let why = why.to_owned();
    Refused::Invalid { field, why }.into()
}
