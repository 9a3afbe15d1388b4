//! Watching a living room: its end, its words, the orders about it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use dabir_room::control::{FromRoom, ToRoom};
use dabir_room::spec::RoomSpec;
use rustix::process::Signal;
use tokio::time::{Instant, sleep_until};

use super::living::{Asker, Living, Stopping, due, exit_status, kill_all, next_word, probe};
use super::people::next_issue;
use super::{END_TOLERANCE, HEALTHY, Outcome, RECONNECT, RoomTask};
use crate::plan::MOVED;
use crate::reason::Reason;
use crate::rooms::control::Control;
use crate::rooms::folder::{LOG_FILE, Record};
use crate::rooms::log::read_log;
use crate::rooms::{Order, Phase, reach};

impl RoomTask {
    /// Watches a living process until it has ended.
    pub(super) async fn attend(&mut self, mut living: Living) -> Outcome {
        let pid = living.process.id().pid;
        let (port, host) = (self.port.as_ref().map(|held| held.number), self.host());
        self.show(|status| {
            status.phase = Phase::Starting;
            status.pid = Some(pid);
            status.port = port;
            status.host = host;
        });
        if living.own {
            self.take_control(&mut living).await;
        }
        let began = Instant::now();
        let ready_by = began + self.shared.settings.config.get().ready_timeout.get();
        let address = self.address();
        loop {
            tokio::select! {
                () = living.process.exited() => return self.exited(living, began).await,
                order = self.orders.recv() => self.obey(&mut living, order).await,
                word = next_word(&mut living.control) => self.hear(&mut living, word).await,
                listens = probe(address, living.own || living.ready) => {
                    if listens {
                        self.ready(&mut living);
                    }
                }
                () = sleep_until(ready_by), if living.child.is_some() && !living.ready && living.stopping.is_none() => {
                    return self.never_ready(living).await;
                }
                () = due(living.stopping.as_ref().and_then(Stopping::next_step)) => self.kill(&mut living).await,
                () = next_issue(&mut self.issues, living.told.is_some()) => self.pass_on(&mut living).await,
                () = due(living.call_at) => self.call(&mut living).await,
                () = due(living.reconnect_at) => {
                    self.take_control(&mut living).await;
                }
                () = self.shared.leaving.cancelled() => return Outcome::Left,
            }
        }
    }

    /// Connects to the room; when that fails, it is tried again for as long as the room lives.
    async fn take_control(&self, living: &mut Living) {
        let pid = living.process.id().pid;
        living.control = self.connect(pid).await;
        let again = Instant::now() + RECONNECT;
        living.reconnect_at = living.control.is_none().then_some(again);
    }

    async fn connect(&self, pid: u32) -> Option<Control> {
        let connected = match self.folder() {
            Ok(folder) => Control::connect(&folder).await,
            Err(error) => Err(error),
        };
        connected
            .inspect_err(|error| tracing::warn!(pid, %error, "process {pid} has no control channel: {error}"))
            .ok()
    }

    fn address(&self) -> SocketAddr {
        let port = self.port.as_ref().map_or(0, |held| held.number);
        reach(self.host(), port)
    }

    fn ready(&mut self, living: &mut Living) {
        living.ready = true;
        if living.stopping.is_none() {
            self.show(|status| status.phase = Phase::Running);
        }
    }

    async fn obey(&mut self, living: &mut Living, order: Option<Order>) {
        match order {
            // The handle is gone only when `Rooms` is; `leaving` tells how to end.
            None => std::future::pending().await,
            Some(Order::Stop(reason, grace)) => self.stop(living, &reason, grace).await,
            Some(Order::EndsAt(at)) => {
                self.move_end(at);
                self.remember_end().await;
                living.tell(&ToRoom::EndsAt { ends_at: at }).await;
            }
            Some(Order::Participants(answer)) if living.control.is_some() => {
                living.answers.participants.push(Asker::Person(answer));
                living.tell(&ToRoom::Participants).await;
            }
            Some(Order::Attendance(answer)) if living.control.is_some() => {
                living.answers.attendance.push(answer);
                living.tell(&ToRoom::Attendance).await;
            }
            Some(Order::Kick(who, reason)) if living.control.is_some() => {
                living.tell(&ToRoom::Kick { who, reason }).await;
            }
            // A room without a control channel knows nobody by name, and a living one needs no
            // retry.
            Some(
                Order::Participants(_) | Order::Attendance(_) | Order::Kick(..) | Order::Retry,
            ) => {}
        }
    }

    /// The files say the new end too: the room reads it after a crash, the next supervisor when it
    /// takes over.
    pub(super) async fn remember_end(&self) {
        let ends_at = self.wanted.ends_at;
        let folder = self.folder();
        let kept = tokio::task::spawn_blocking(move || {
            let folder = folder?;
            if let Some(record) = folder.record() {
                folder.write_record(&Record { ends_at, ..record })?;
            }
            // The rules in it are those the room was started with; the settings may have changed since.
            let spec = RoomSpec::read(folder.path()).map_err(io::Error::other)?;
            let ends_at = Some(ends_at);
            RoomSpec { ends_at, ..spec }.write(folder.path())
        });
        if let Err(error) = kept.await.unwrap_or_else(|e| Err(e.into())) {
            tracing::warn!(meeting.id = %self.wanted.meeting_id, %error, "the new end is not on disk: {error}");
        }
    }

    async fn hear(&mut self, living: &mut Living, word: std::io::Result<FromRoom>) {
        match word {
            Ok(FromRoom::Hello {
                clients,
                ends_at,
                orders,
                ..
            }) => {
                let listener = living.control.as_mut().and_then(Control::take_listener);
                if let (Some(port), Some(listener)) = (&mut self.port, listener) {
                    port.listener.get_or_insert(listener);
                }
                self.show(|status| status.clients = clients);
                // What was said while nobody listened.
                let wanted = self.wanted.ends_at;
                if ends_at != Some(wanted) {
                    living.tell(&ToRoom::EndsAt { ends_at: wanted }).await;
                }
                living.takes_orders = orders;
                self.tell_all(living).await;
                self.call(living).await;
                self.ready(living);
            }
            Ok(FromRoom::Joined {
                id,
                client,
                clients,
                ..
            }) => {
                self.came(id, client);
                self.show(|status| status.clients = clients);
            }
            Ok(FromRoom::Left { id, clients, .. }) => {
                self.went(&id);
                self.show(|status| status.clients = clients);
            }
            Ok(FromRoom::Participants { participants }) => {
                if !living.answers.participants.is_empty() {
                    let asker = living.answers.participants.remove(0);
                    self.answer(living, asker, participants);
                }
            }
            Ok(FromRoom::Attendance { people }) => {
                if !living.answers.attendance.is_empty() {
                    let _ = living.answers.attendance.remove(0).send(people);
                }
            }
            Ok(FromRoom::Ended { .. }) => {}
            Ok(FromRoom::Error { code, detail }) => {
                tracing::warn!(meeting.id = %self.wanted.meeting_id, code, "the room refused an order: {detail}");
            }
            Err(error) => {
                // It hung up because it is ending, which its pidfd tells next; or it is to be asked
                // again.
                tracing::debug!(meeting.id = %self.wanted.meeting_id, %error, "the control channel broke");
                living.hang_up();
            }
        }
    }

    /// Asks the room to end, in the kindest way it understands.
    async fn stop(&mut self, living: &mut Living, reason: &str, grace: Duration) {
        if living.stopping.is_some() {
            return;
        }
        let id = &self.wanted.meeting_id;
        tracing::info!(meeting.id = %id, "ending the room of {id}: {reason}");
        self.show(|status| status.phase = Phase::Stopping);
        let kill_at = Instant::now() + grace;
        living.stopping = Some(Stopping {
            kill_at,
            killed: false,
        });
        if living.control.is_some() {
            let over = self.shared.clock.now() + END_TOLERANCE >= self.wanted.ends_at;
            let reason = match (reason == MOVED, over) {
                (true, _) => "moved",
                (false, true) => "ended",
                (false, false) => "stopped",
            };
            living
                .tell(&ToRoom::End {
                    reason: reason.to_owned(),
                })
                .await;
        } else {
            living.signal(Signal::TERM).await;
        }
    }

    async fn kill(&mut self, living: &mut Living) {
        let reason = Reason::new("room.killed", "it ignored the order to end and was killed");
        tracing::warn!(meeting.id = %self.wanted.meeting_id, "{reason}");
        self.show(|status| status.last_error = Some(reason));
        if let Some(stopping) = &mut living.stopping {
            stopping.killed = true;
        }
        living.signal(Signal::KILL).await;
    }

    async fn never_ready(&mut self, living: Living) -> Outcome {
        let timeout = self.shared.settings.config.get().ready_timeout;
        living.signal(Signal::KILL).await;
        living.process.exited().await;
        self.collect(living).await;
        let text = format!("it did not answer within {timeout} and was killed");
        let reason = Reason::new("room.never_ready", text);
        Outcome::Crashed(reason.with("timeout", timeout.to_string()))
    }

    async fn exited(&mut self, living: Living, began: Instant) -> Outcome {
        if living.ready && began.elapsed() > HEALTHY {
            self.budget.forget();
        }
        let over = self.shared.clock.now() + END_TOLERANCE >= self.wanted.ends_at;
        let asked = living.stopping.is_some();
        let (code, when) = if living.ready {
            ("room.crashed", "while it ran")
        } else {
            ("room.not_started", "before it was ready")
        };
        let how = self.collect(living).await;
        self.show(|status| status.pid = None);
        if asked || over {
            return Outcome::Ended;
        }
        Outcome::Crashed(self.ended(code, &how, when))
    }

    /// That the process ended, with the last line that it printed: most often it says why.
    pub(super) fn ended(&self, code: &'static str, how: &str, when: &str) -> Reason {
        let folder = self.shared.settings.root.join(&self.wanted.meeting_id);
        let last = read_log(&folder.join(LOG_FILE), 1)
            .ok()
            .and_then(|mut tail| tail.lines.pop());
        let words = last
            .as_ref()
            .map_or(String::new(), |line| format!("; it printed last: {line}"));
        let text = format!("its process ended{how} {when}{words}");
        Reason::new(code, text)
            .with("how", how.trim_start_matches(" with ").trim())
            .with("last_line", last)
    }

    /// Buries an ended process and whatever it left behind; answers how it ended.
    async fn collect(&self, mut living: Living) -> String {
        let how = exit_status(living.child.take());
        if !living.own {
            kill_all(&living.nonce).await;
        }
        how
    }
}
