//! What the house orders about people goes to the room, and what the room says of its people goes to
//! the house.

use std::sync::Arc;

use dabir_room::control::{Present, ToRoom};
use dabir_room::orders::Orders;
use tokio::sync::watch;
use tokio::time::Instant;

use super::RoomTask;
use super::living::{Asker, Living};
use crate::register::{Issue, Report};

impl RoomTask {
    /// Tells a room that said hello all that is ordered.
    pub(super) async fn tell_all(&mut self, living: &mut Living) {
        let issue = self.issues.borrow_and_update().clone();
        living.told = Some(Arc::clone(&issue));
        if living.takes_orders {
            living.order(issue.list(), true).await;
        } else {
            tracing::warn!(
                meeting.id = %self.wanted.meeting_id,
                "the room of {} is of a former version: until it is started again, it hears of new \
                 blocks and pauses only, and keeps nobody out for longer than a minute", self.wanted.meeting_id,
            );
        }
    }

    /// Tells the room what is other since it was told last.
    pub(super) async fn pass_on(&mut self, living: &mut Living) {
        let issue = self.issues.borrow_and_update().clone();
        let Some(told) = living.told.replace(Arc::clone(&issue)) else {
            return;
        };
        let changed = issue.since(&told);
        if living.takes_orders {
            living.order(Orders::clone(&changed), false).await;
        } else {
            living.order_as_before(&changed, &told).await;
        }
    }

    /// Asks who is there, for the register.
    pub(super) async fn call(&mut self, living: &mut Living) {
        living.call_at = None;
        if living.control.is_some() {
            living.answers.participants.push(Asker::Register);
            living.tell(&ToRoom::Participants).await;
        }
    }

    pub(super) fn answer(&mut self, living: &mut Living, asker: Asker, here: Vec<Present>) {
        match asker {
            // Whoever asked may have gone.
            Asker::Person(answer) => drop(answer.send(here)),
            Asker::Register => {
                // A room that does not answer is not asked again: its people are not heard of.
                living.call_at = Instant::now().checked_add(self.shared.settings.register.beat());
                let named = |one: Present| Some((one.person.id, one.client?));
                let here = here.into_iter().filter_map(named).collect();
                let report = self.roll.call(&self.wanted.meeting_id, here);
                self.report(report);
            }
        }
    }

    pub(super) fn came(&mut self, id: String, client: Option<String>) {
        let Some(name) = client else { return };
        for report in self.roll.come(&self.wanted.meeting_id, id, name) {
            self.report(report);
        }
    }

    pub(super) fn went(&mut self, id: &str) {
        if let Some(report) = self.roll.leave(&self.wanted.meeting_id, id) {
            self.report(report);
        }
    }

    /// The room is over.
    pub(super) fn everybody_left(&mut self) {
        let report = self.roll.call(&self.wanted.meeting_id, [].into());
        self.report(report);
    }

    fn report(&self, report: Report) {
        self.shared.settings.register.hear(report);
    }
}

impl Living {
    async fn order(&mut self, about: Orders, whole: bool) {
        for word in ToRoom::orders(about, whole) {
            self.tell(&word).await;
        }
    }

    /// The same for a room that knows only single words about people.
    async fn order_as_before(&mut self, changed: &Orders, told: &Issue) {
        for (who, ordered) in changed {
            let before = told.about(who);
            if let Some(bar) = ordered.bar.as_ref().filter(|_| before.bar.is_none()) {
                let (who, reason) = (who.clone(), bar.reason.clone());
                self.tell(&ToRoom::Kick { who, reason }).await;
            }
            if ordered.pause != before.pause {
                let on = ordered.pause.is_some();
                let pause = ordered.pause.clone().unwrap_or_default();
                let (who, by, reason) = (who.clone(), pause.by, pause.reason);
                let word = ToRoom::Pause {
                    who,
                    on,
                    by,
                    reason,
                };
                self.tell(&word).await;
            }
        }
    }
}

/// The house orders something else; never, while the room is not listening.
pub(super) async fn next_issue(issues: &mut watch::Receiver<Arc<Issue>>, listens: bool) {
    // Whoever orders ends with the house, and nothing is ordered any more.
    if !listens || issues.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use dabir_room::orders::{Bar, Ordered, Pause};

    use super::*;
    use crate::rooms::control::Control;
    use crate::rooms::folder::RoomFolder;
    use crate::rooms::process::Process;

    fn ordered(bar: Option<&str>, pause: Option<&str>) -> Ordered {
        Ordered {
            bar: bar.map(|reason| Bar {
                reason: reason.to_owned(),
                until: None,
            }),
            pause: pause.map(|reason| Pause {
                by: "ops".to_owned(),
                reason: reason.to_owned(),
            }),
        }
    }

    #[tokio::test]
    async fn a_room_of_a_former_version_hears_words_that_it_knows() {
        let root = tempfile::tempdir().unwrap();
        let folder = RoomFolder::make(root.path(), "a").unwrap();
        let room = folder.bind_control().unwrap();
        let process = Process::of_pid(std::process::id()).unwrap().unwrap();
        let mut living = Living::new(process, None, true, String::new());
        living.control = Some(Control::connect(&folder).await.unwrap());
        let before = Orders::from([
            ("free".to_owned(), ordered(Some("x"), Some("y"))),
            ("still".to_owned(), ordered(Some("x"), None)),
        ]);
        let changed = Orders::from([
            ("ali".to_owned(), ordered(Some("spam"), None)),
            ("free".to_owned(), Ordered::default()),
            ("sara".to_owned(), ordered(None, Some("network"))),
            (
                "still".to_owned(),
                ordered(Some("for another reason"), None),
            ),
        ]);
        let told = Issue::default().then(before);
        living.order_as_before(&changed, &told).await;
        drop(living);
        let mut said = String::new();
        room.accept().unwrap().0.read_to_string(&mut said).unwrap();
        let said: Vec<&str> = said.lines().collect();
        assert_eq!(
            said,
            [
                r#"{"type":"kick","who":"ali","reason":"spam"}"#,
                r#"{"type":"pause","who":"free","on":false,"by":"","reason":""}"#,
                r#"{"type":"pause","who":"sara","on":true,"by":"ops","reason":"network"}"#,
            ]
        );
    }
}
