//! The one loop that claims jobs and writes how they ended: both in one transaction, so that under
//! load a hundred jobs cost one.

use std::time::Duration;

use dabir_core::id::{random_bytes, random_text};
use sea_orm::DbErr;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Worker;
use crate::context::Stop;
use crate::store::lease::{self, Claimed, Claimer, Finish};
use crate::store::{queues, workers};

/// How long the loop sleeps when nothing wakes it: hints may get lost.
const FLOOR: Duration = Duration::from_secs(1);
/// How long it waits when jobs are due that a limit holds back.
const HELD_BACK: Duration = Duration::from_millis(200);
/// How many endings are written in one statement.
const MOST_FINISHES: usize = 500;
/// How long it waits for a database that is away, at most.
const AWAY: Duration = Duration::from_secs(2);
/// For how long fewer jobs than half of the workers could do have to run before one is let go.
const IDLE: Duration = Duration::from_secs(10);

/// What the loop remembers from one round to the next.
struct Round {
    ended: UnboundedReceiver<Finish>,
    tell: UnboundedSender<Finish>,
    /// Endings that are not written yet.
    finishes: Vec<Finish>,
    failures: u32,
    /// Since when there is too little to do for so many workers.
    idle_since: Option<Instant>,
    /// How many rounds in a row found something due that could not be claimed.
    held_back: u32,
}

/// What one transaction did.
struct Done {
    claimed: Vec<Claimed>,
    /// Whether the others know this worker as alive.
    is_known: bool,
}

impl Default for Done {
    fn default() -> Self {
        Self {
            claimed: Vec::new(),
            is_known: true,
        }
    }
}

impl Worker {
    pub(super) async fn dispatch(&self, cancel: CancellationToken) {
        let mut round = Round::new();
        while !cancel.is_cancelled() {
            let wait = self.go_round(&mut round).await;
            tokio::select! {
                ended = round.ended.recv(), if !wait.is_zero() => round.finishes.extend(ended),
                () = self.jobs.shared.due.notified(), if !wait.is_zero() => {}
                () = tokio::time::sleep(wait) => {}
                () = cancel.cancelled() => {}
            }
        }
        self.drain(round).await;
    }

    /// Writes what ended and claims what is due. Answers how long there is nothing to do, unless
    /// something happens.
    async fn go_round(&self, round: &mut Round) -> Duration {
        self.gather(round).await;
        let free = self.hands.slots().saturating_sub(self.hands.count());
        let id = self.hands.id();
        match self.try_in_time(&id, &round.finishes, free).await {
            Ok(done) => {
                round.finishes.clear();
                let count = done.claimed.len();
                for job in done.claimed {
                    self.begin(&id, job, round.tell.clone());
                }
                if !done.is_known {
                    self.start_anew(&id).await;
                }
                self.recover(round).await;
                self.adapt(round, count, free);
                if count > 0 && count == free {
                    return Duration::ZERO;
                }
                let wait = self.time_to_next(free > count).await;
                round.wait(wait, count)
            }
            Err(error) => {
                round.failures += 1;
                if round.failures == 1 {
                    tracing::warn!(%error, "jobs are neither begun nor ended until the database answers: {error}");
                }
                (FLOOR / 10 * round.failures).min(AWAY)
            }
        }
    }

    /// Takes those along that end at this very moment: a transaction for one costs as much as one for
    /// a hundred.
    async fn gather(&self, round: &mut Round) {
        round.collect();
        let mut before = 0;
        while round.finishes.len() > before && self.hands.count() > 0 {
            before = round.finishes.len();
            tokio::task::yield_now().await;
            round.collect();
        }
    }

    /// A database that is cut off in the middle of a transaction may never answer.
    async fn try_in_time(&self, id: &str, finishes: &[Finish], free: usize) -> Result<Done, DbErr> {
        let done = self.try_round(id, finishes, free);
        in_time(self.pace.lease, done).await
    }

    async fn try_round(&self, id: &str, finishes: &[Finish], free: usize) -> Result<Done, DbErr> {
        let db = &self.jobs.shared.db;
        let can_claim = free > 0 && self.handlers.kinds().next().is_some();
        if finishes.is_empty() && !(can_claim && self.is_anything_due().await?) {
            return Ok(Done::default());
        }
        let tx = db.write().await?;
        let mut written = 0;
        for some in finishes.chunks(MOST_FINISHES) {
            written += lease::finish(&tx, some).await?.len();
        }
        let mut done = Done::default();
        if can_claim || written < finishes.len() {
            // A sign of life, and the proof that the others still know this worker: whoever was
            // taken for dead must not claim under the old name.
            done.is_known = workers::beat(&tx, id, self.slots(), self.now()).await?;
        }
        if can_claim && done.is_known {
            done.claimed = self.claim(&tx, id, free).await?;
        }
        if finishes.is_empty() && done.claimed.is_empty() && done.is_known {
            // Something is due that a limit holds back: no reason to write to the disk.
            tx.rollback().await?;
            return Ok(done);
        }
        tx.commit().await?;
        self.metrics.fenced(finishes.len() - written);
        self.jobs.changed();
        Ok(done)
    }

    async fn is_anything_due(&self) -> Result<bool, DbErr> {
        let due = queues::next_due(self.jobs.shared.db.read()).await?;
        Ok(due.is_some_and(|due| due <= self.now().as_millisecond()))
    }

    /// Claims up to `free` jobs: first each queue's share by its weight, then whatever there is.
    async fn claim(
        &self,
        tx: &sea_orm::DatabaseTransaction,
        id: &str,
        free: usize,
    ) -> Result<Vec<Claimed>, DbErr> {
        let kinds: Vec<_> = self.handlers.kinds().collect();
        let token = random_text(26);
        let claimer = Claimer {
            worker: id,
            token: &token,
            kinds: &kinds,
            now: self.now(),
        };
        let mut queues = queues::lock(tx).await?;
        // Who comes first matters when there is room for few: the heavier, the more often.
        queues.sort_by_cached_key(|queue| Turn::drawn(queue.weight));
        let total: usize = queues.iter().map(|queue| queue.weight).sum();
        let mut claimed = Vec::new();
        let mut more = Vec::new();
        for mut queue in queues {
            let share = (free * queue.weight).div_ceil(total);
            let wanted = share.min(free - claimed.len());
            let some = claimer.claim(tx, &mut queue, wanted).await?;
            if some.len() == wanted {
                more.push(queue);
            }
            claimed.extend(some);
        }
        for mut queue in more {
            let wanted = free - claimed.len();
            claimed.extend(claimer.claim(tx, &mut queue, wanted).await?);
        }
        Ok(claimed)
    }

    /// After a database that was away: what was claimed in a transaction whose commit was never
    /// answered is in the table, and in nobody's hands.
    async fn recover(&self, round: &mut Round) {
        if round.failures == 0 {
            return;
        }
        // What ends from here on has its ending in the channel before it leaves the hand.
        let mut in_hand = self.hands.ids();
        let held = self.jobs.held(&self.hands.id()).await;
        round.collect();
        in_hand.extend(round.finishes.iter().map(|finish| finish.id));
        let given_back = match held {
            Ok(held) => self.jobs.give_back(held, &in_hand).await,
            Err(error) => Err(error),
        };
        match given_back {
            Ok(()) => {
                tracing::info!("the database answers again; jobs go on");
                round.failures = 0;
            }
            Err(error) => {
                tracing::warn!(%error, "what a lost answer left is not given back yet: {error}");
            }
        }
    }

    /// More workers while jobs wait, fewer when most of them have nothing to do.
    fn adapt(&self, round: &mut Round, claimed: usize, free: usize) {
        let config = self.config.get();
        let (min, max) = (config.workers_min as usize, config.workers_max as usize);
        let slots = self.hands.slots();
        if claimed > 0 && claimed == free {
            round.idle_since = None;
            self.hands.set_slots((slots * 2).clamp(min, max));
            return;
        }
        if self.hands.count() * 2 >= slots {
            round.idle_since = None;
        } else if round.idle_since.get_or_insert_with(Instant::now).elapsed() >= IDLE {
            round.idle_since = None;
            self.hands.set_slots(slots / 2);
        }
        self.hands.set_slots(self.hands.slots().clamp(min, max));
    }

    /// How long until the next job is due, at most [`FLOOR`].
    async fn time_to_next(&self, has_room: bool) -> Duration {
        if !has_room {
            return FLOOR;
        }
        let due = queues::next_due(self.jobs.shared.db.read())
            .await
            .ok()
            .flatten();
        let Some(due) = due else { return FLOOR };
        match u64::try_from(due - self.now().as_millisecond()) {
            Ok(millis) if millis > 0 => Duration::from_millis(millis).min(FLOOR),
            // It is due and was not claimed: a limit, a lane, or a kind that we do not know.
            _ => HELD_BACK,
        }
    }

    /// Lets what runs end by itself for a while, asks the rest to end, and gives that back.
    async fn drain(&self, mut round: Round) {
        self.collect_until(&mut round, self.pace.drain).await;
        for running in self.hands.all() {
            running.stop(Stop::Shutdown);
        }
        self.collect_until(&mut round, self.pace.grace * 2).await;
        if let Err(error) = self.write_endings(&mut round).await {
            tracing::warn!(%error, "how {} jobs ended is not written; another worker takes them: {error}", round.finishes.len());
        }
    }

    async fn write_endings(&self, round: &mut Round) -> Result<(), DbErr> {
        self.gather(round).await;
        self.try_in_time(&self.hands.id(), &round.finishes, 0)
            .await?;
        round.finishes.clear();
        Ok(())
    }

    async fn collect_until(&self, round: &mut Round, wait: Duration) {
        let over = tokio::time::sleep(wait);
        tokio::pin!(over);
        while self.hands.count() > 0 {
            tokio::select! {
                ended = round.ended.recv() => round.finishes.extend(ended),
                () = &mut over => return,
            }
            if let Err(error) = self.write_endings(round).await {
                tracing::warn!(%error, "how jobs ended is written later: {error}");
            }
        }
    }
}

/// What `asked` answers, or an error when that takes longer than `most`.
pub(super) async fn in_time<T>(
    most: Duration,
    asked: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    let late = |_| {
        DbErr::Custom(format!(
            "the database did not answer within {} s",
            most.as_secs()
        ))
    };
    tokio::time::timeout(most, asked).await.map_err(late)?
}

/// A place in a draw where twice the weight comes first twice as often.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Turn(f64);

impl Turn {
    fn drawn(weight: usize) -> Self {
        let luck =
            (f64::from(u32::from_le_bytes(random_bytes())) + 1.0) / (f64::from(u32::MAX) + 2.0);
        // Waiting times of Poisson processes: the chance to be the shortest goes by the rate.
        Self(-luck.ln() / weight as f64)
    }
}

impl Eq for Turn {}

impl Ord for Turn {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Turn {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Round {
    fn new() -> Self {
        let (tell, ended) = mpsc::unbounded_channel();
        Self {
            ended,
            tell,
            finishes: Vec::new(),
            failures: 0,
            idle_since: None,
            held_back: 0,
        }
    }

    /// How long to wait; longer each time that nothing of what is due can be claimed.
    fn wait(&mut self, wait: Duration, claimed: usize) -> Duration {
        if wait != HELD_BACK || claimed > 0 {
            self.held_back = 0;
            return wait;
        }
        self.held_back = (self.held_back + 1).min(8);
        (HELD_BACK * self.held_back).min(FLOOR)
    }

    fn collect(&mut self) {
        while let Ok(ended) = self.ended.try_recv() {
            self.finishes.push(ended);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dabir_core::{Clock, Current, Events};
    use dabir_db::Db;
    use sea_orm::DatabaseTransaction;
    use tokio::sync::Semaphore;
    use tokio::time::timeout;

    use super::super::Pace;
    use super::*;
    use crate::config::JobsConfig;
    use crate::kind::{Handlers, Kind};
    use crate::metrics::Metrics;
    use crate::model::JobState;
    use crate::service::Jobs;

    const KIND: Kind<()> = Kind::new("test.wait", "test");
    /// Far longer than the worker waits, and shorter than the database would have it wait.
    const SOON: Duration = Duration::from_secs(3);

    /// A worker whose loops do not run, with one job that waits for the gate and then says a line.
    struct Still {
        worker: Worker,
        db: Db,
        job: i64,
        gate: Arc<Semaphore>,
        _folder: tempfile::TempDir,
    }

    impl Still {
        async fn open() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let db = Db::open("", folder.path()).await.unwrap();
            let jobs = Jobs::new(db.clone(), Clock::system(), Events::default());
            let gate = Arc::new(Semaphore::new(0));
            let through = gate.clone();
            let handlers = Handlers::builder().on(&KIND, move |ctx, ()| {
                let gate = through.clone();
                async move {
                    gate.acquire().await.unwrap().forget();
                    ctx.info("through");
                    Ok(())
                }
            });
            let config = Current::from(JobsConfig::default());
            let pace = Pace {
                lease: Duration::from_millis(100),
                ..Pace::default()
            };
            let worker = Worker::new(jobs.clone(), handlers.build(), config, Metrics::default());
            let worker = worker.paced(pace);
            worker.try_to_register().await.unwrap();
            let job = jobs.enqueue_now(KIND.job(&()).unwrap()).await.unwrap().id;
            Self {
                worker,
                db,
                job,
                gate,
                _folder: folder,
            }
        }

        /// Nobody else writes while this is held.
        async fn stand_still(&self) -> DatabaseTransaction {
            self.db.write().await.unwrap()
        }

        /// Rounds until one is done; the machine may be slower than this worker has patience.
        async fn go_on(&self, round: &mut Round) {
            for _ in 0..100 {
                self.worker.go_round(round).await;
                if round.failures == 0 {
                    return;
                }
            }
            panic!("no round is done");
        }

        async fn state(&self) -> JobState {
            self.worker.jobs.get(self.job).await.unwrap().state
        }
    }

    #[tokio::test]
    async fn a_round_is_given_up_while_the_database_stands_still_and_made_good() {
        let still = Still::open().await;
        let mut round = Round::new();
        let held = still.stand_still().await;
        let given_up = timeout(SOON, still.worker.go_round(&mut round)).await;
        assert!(given_up.unwrap() <= AWAY);
        assert_eq!((round.failures, still.state().await), (1, JobState::Queued));
        held.rollback().await.unwrap();
        still.go_on(&mut round).await;
        assert_eq!(still.state().await, JobState::Running);
        still.gate.add_permits(1);
        let ended = round.ended.recv().await;
        round.finishes.extend(ended);
        let held = still.stand_still().await;
        timeout(SOON, still.worker.go_round(&mut round))
            .await
            .unwrap();
        assert_eq!(round.finishes.len(), 1, "an ending waits for the database");
        held.rollback().await.unwrap();
        still.go_on(&mut round).await;
        assert_eq!(still.state().await, JobState::Succeeded);
    }

    #[tokio::test]
    async fn the_last_words_of_a_job_hold_up_its_ending_no_longer_than_a_lease() {
        let still = Still::open().await;
        let mut round = Round::new();
        still.go_on(&mut round).await;
        let held = still.stand_still().await;
        still.gate.add_permits(1);
        let ended = timeout(SOON, round.ended.recv()).await.unwrap().unwrap();
        assert_eq!(ended.state, JobState::Succeeded);
        held.rollback().await.unwrap();
    }

    #[test]
    fn the_heavier_queue_comes_first_more_often() {
        let first = (0..4_000)
            .filter(|_| Turn::drawn(9) < Turn::drawn(1))
            .count();
        assert!(
            (3_400..3_800).contains(&first),
            "{first} of 4,000, where 3,600 are its share"
        );
    }
}
