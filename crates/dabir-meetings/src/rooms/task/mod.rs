//! One room's life: start it, or take it over; wait until it answers; watch it; bring it back after
//! a crash; end it. One task per room, so that there are never two starts of one meeting at once.

mod start;
mod living;
mod attend;
mod people;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use dabir_core::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::budget::RoomBudget;
use super::folder::{Record, RoomFolder};
use super::process::Process;
use super::{Order, Phase, RoomStatus, Settings, Shared, Wanted};
use crate::reason::Reason;
use crate::register::{Issue, Roll};
use living::Living;
use start::HeldPort;

pub(super) use living::kill_all;

/// A room that an earlier supervisor started.
#[derive(Debug)]
pub(crate) struct Adopted {
    pub(super) process: Process,
    pub(super) record: Record,
}

/// How a room is before its task has done anything.
pub(super) fn first_status(
    settings: &Settings,
    wanted: &Wanted,
    adopted: Option<&Adopted>,
) -> RoomStatus {
    RoomStatus {
        phase: Phase::Starting,
        pid: adopted.map(|adopted| adopted.process.id().pid),
        port: adopted.map(|adopted| adopted.record.port),
        host: adopted
            .and_then(|adopted| adopted.record.host)
            .unwrap_or(settings.host()),
        ends_at: adopted.map_or(wanted.ends_at, |adopted| adopted.record.ends_at),
        restarts: adopted.map_or(0, |adopted| adopted.record.restarts),
        last_error: None,
        clients: 0,
        asked_port: wanted.port,
        own: adopted.map_or(settings.command.is_own(), |adopted| adopted.record.own),
    }
}

/// The task of one room.
pub(super) struct RoomTask {
    shared: Arc<Shared>,
    wanted: Wanted,
    orders: mpsc::UnboundedReceiver<Order>,
    status: watch::Sender<RoomStatus>,
    budget: RoomBudget,
    port: Option<HeldPort>,
    restarts: u32,
    /// What the house orders about people.
    issues: watch::Receiver<Arc<Issue>>,
    roll: Roll,
}

/// How a stretch of a room's life ended.
enum Outcome {
    /// It was told to end, or its time had come.
    Ended,
    /// It has to come back; why it went.
    Crashed(Reason),
    /// It cannot have its port now.
    NoPort(Reason),
    /// This supervisor ends; the room lives on.
    Left,
}

/// How long a meeting waits for a port that somebody else has.
const PORT_WAIT: Duration = Duration::from_secs(1);
/// How often a foreign room is asked whether it listens.
const PROBE: Duration = Duration::from_millis(20);
/// A room that lived this long has got over its earlier crashes.
const HEALTHY: Duration = Duration::from_secs(60);
/// How long to wait before a lost control channel is tried again.
const RECONNECT: Duration = Duration::from_millis(500);
/// Room and supervisor read the clock at different moments.
const END_TOLERANCE: Duration = Duration::from_secs(1);

impl RoomTask {
    pub(super) fn new(
        shared: Arc<Shared>,
        wanted: Wanted,
        orders: mpsc::UnboundedReceiver<Order>,
        status: watch::Sender<RoomStatus>,
    ) -> Self {
        let config = shared.settings.config.get();
        let budget = RoomBudget::new(config.restart_max, config.restart_window);
        let issues = shared.settings.register.orders();
        Self {
            shared,
            wanted,
            orders,
            status,
            budget,
            port: None,
            restarts: 0,
            issues,
            roll: Roll::default(),
        }
    }

    /// Lives until the room has ended for good, or this supervisor leaves.
    pub(super) async fn run(mut self, adopted: Option<Adopted>) {
        let mut living = adopted.map(|adopted| self.take_over(adopted));
        loop {
            let outcome = match living.take() {
                Some(living) => self.attend(living).await,
                None => match self.start().await {
                    Ok(living) => self.attend(living).await,
                    Err(outcome) => outcome,
                },
            };
            if let Outcome::Left = outcome {
                return;
            }
            if self.after(outcome).await.is_break() {
                return self.clear_up().await;
            }
        }
    }

    fn take_over(&mut self, adopted: Adopted) -> Living {
        let Adopted { process, record } = adopted;
        self.restarts = record.restarts;
        self.port = Some(HeldPort {
            number: record.port,
            host: record.host.unwrap_or(self.shared.settings.host()),
            listener: None,
        });
        tracing::info!(
            meeting.id = %record.meeting_id, pid = process.id().pid, port = record.port,
            "took over the room of {} (process {})", record.meeting_id, process.id().pid,
        );
        Living::new(process, None, record.own, record.nonce)
    }

    /// Waits after a crash, or says that the room's life is over.
    async fn after(&mut self, outcome: Outcome) -> ControlFlow<()> {
        match outcome {
            Outcome::Ended | Outcome::Left => {
                // A room whose clock is a moment ahead must not be started again for that moment.
                let now = self.shared.clock.now();
                let early = now.duration_until(self.wanted.ends_at);
                if early.is_positive() && early.unsigned_abs() <= END_TOLERANCE {
                    sleep(early.unsigned_abs()).await;
                }
                ControlFlow::Break(())
            }
            Outcome::NoPort(reason) => {
                if self.status.borrow().last_error.as_ref() != Some(&reason) {
                    tracing::warn!(meeting.id = %self.wanted.meeting_id, "{reason}");
                }
                self.show(|status| status.fail(reason));
                self.wait(PORT_WAIT).await
            }
            Outcome::Crashed(reason) => self.after_crash(reason).await,
        }
    }

    async fn after_crash(&mut self, reason: Reason) -> ControlFlow<()> {
        self.restarts += 1;
        let restarts = self.restarts;
        let id = &self.wanted.meeting_id;
        let now = Instant::now();
        let Some(wait) = self.budget.crashed(now) else {
            let again = self
                .budget
                .open_again()
                .map_or(Duration::ZERO, |at| at - now);
            let reason = self.given_up(&reason, again);
            tracing::error!(meeting.id = %id, restarts, "gave up the room of {id} for now: {reason}");
            self.show(|status| status.fail(reason));
            return self.wait(again).await;
        };
        let wait = wait.max(self.shared.machine.take(now));
        tracing::warn!(
            meeting.id = %id, restarts, wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            "the room of {id} crashed: {reason}",
        );
        self.show(|status| {
            status.phase = Phase::Starting;
            status.pid = None;
            status.clients = 0;
            status.restarts = restarts;
            status.last_error = Some(reason);
        });
        self.wait(wait).await
    }

    fn given_up(&self, crash: &Reason, again: Duration) -> Reason {
        let (max, window) = (self.budget.max, self.budget.window);
        let seconds = again.as_secs();
        let text = format!(
            "{crash}; it crashed more than {max} times within {window} and is tried again in {seconds} s"
        );
        Reason::new("room.given_up", text)
            .with("crash", crash.text.as_str())
            .with("max", max)
            .with("window", window.to_string())
            .with("seconds", seconds)
    }

    /// Waits, listening to orders. Breaks when the room is not wanted any more.
    async fn wait(&mut self, time: Duration) -> ControlFlow<()> {
        let until = Instant::now() + time;
        loop {
            tokio::select! {
                () = sleep_until(until) => break,
                order = self.orders.recv() => match order {
                    None | Some(Order::Stop(..)) => return ControlFlow::Break(()),
                    Some(Order::EndsAt(at)) => self.move_end(at),
                    Some(Order::Retry) => {
                        self.budget.forget();
                        break;
                    }
                    Some(Order::Participants(_) | Order::Attendance(_) | Order::Kick(..)) => {}
                },
                () = self.shared.leaving.cancelled() => return ControlFlow::Break(()),
            }
        }
        if self.shared.clock.now() < self.wanted.ends_at {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }

    fn move_end(&mut self, at: Timestamp) {
        self.wanted.ends_at = at;
        self.show(|status| status.ends_at = at);
    }

    /// The end of the room's life: its port is free again, its record gone.
    async fn clear_up(&mut self) {
        self.everybody_left();
        if let Ok(folder) = self.folder() {
            folder.remove_record();
        }
        let Some(port) = self.port.take().map(|held| held.number) else {
            return;
        };
        if let Err(error) = self.shared.ports.release_of(port, self.owner()).await {
            tracing::warn!(port, %error, "port {port} was not released: {error}");
        }
    }

    fn folder(&self) -> std::io::Result<RoomFolder> {
        RoomFolder::make(&self.shared.settings.root, &self.wanted.meeting_id)
    }

    fn owner(&self) -> String {
        format!("meeting {}", self.wanted.meeting_id)
    }

    /// Changes the status, and tells when that made a difference.
    fn show(&self, change: impl FnOnce(&mut RoomStatus)) {
        let mut only_clients = false;
        let changed = self.status.send_if_modified(|status| {
            let before = status.clone();
            change(status);
            let clients = status.clients;
            only_clients = RoomStatus {
                clients,
                ..before.clone()
            } == *status;
            *status != before
        });
        if changed {
            self.shared
                .tell_changed(&self.wanted.meeting_id, only_clients);
        }
    }
}

impl RoomStatus {
    fn fail(&mut self, reason: Reason) {
        self.phase = Phase::Failed;
        self.pid = None;
        self.clients = 0;
        self.last_error = Some(reason);
    }
}

/// The machine would not give what a room needs.
fn refused(what: &str, error: &std::io::Error) -> Outcome {
    let reason = Reason::new("room.refused", format!("{what}: {error}"));
    Outcome::Crashed(reason.with("what", what).with("error", error.to_string()))
}

#[cfg(test)]
mod tests {
    use dabir_room::spec::RoomSpec;

    use super::*;
    use crate::config::RoomsConfig;
    use crate::model::samples::at;
    use crate::testing::House;

    /// The task of a room whose settings change after it began.
    fn task(house: &House) -> RoomTask {
        let wanted = Wanted {
            meeting_id: "a".to_owned(),
            name: "Meeting a".to_owned(),
            port: None,
            starts_at: at("10:00:00"),
            ends_at: at("11:00:00"),
        };
        let status = first_status(&house.rooms.shared.settings, &wanted, None);
        let (_, orders) = mpsc::unbounded_channel();
        let (status, _) = watch::channel(status);
        RoomTask::new(Arc::clone(&house.rooms.shared), wanted, orders, status)
    }

    #[tokio::test]
    async fn a_new_end_leaves_the_rules_that_the_room_was_started_with() {
        let house = House::new();
        let mut task = task(&house);
        let folder = task.folder().unwrap();
        let before = task.spec();
        before.write(folder.path()).unwrap();
        house.config.send_replace(RoomsConfig {
            guests: !before.guests,
            max_clients: 7,
            ..RoomsConfig::default()
        });
        task.move_end(at("12:00:00"));
        task.remember_end().await;
        let after = RoomSpec {
            ends_at: Some(at("12:00:00")),
            ..before
        };
        assert_eq!(RoomSpec::read(folder.path()).unwrap(), after);
    }

    #[tokio::test]
    async fn who_is_given_up_is_told_the_rules_that_it_was_judged_by() {
        let house = House::new();
        let task = task(&house);
        house.config.send_replace(RoomsConfig {
            restart_max: 77,
            restart_window: "3h".parse().unwrap(),
            ..RoomsConfig::default()
        });
        let crash = Reason::new("room.crashed", "its process ended");
        let reason = task.given_up(&crash, Duration::from_secs(9));
        let text =
            "its process ended; it crashed more than 5 times within 10m and is tried again in 9 s";
        assert_eq!(reason.text, text);
        assert_eq!(
            (&reason.facts["max"], &reason.facts["window"]),
            (&5.into(), &"10m".into())
        );
    }
}
