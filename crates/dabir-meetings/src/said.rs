//! What is said outside of a meeting: that its room runs, does not, or is over.

use dabir_db::outbox::Happening;
use serde_json::json;

use crate::model::{Meeting, MeetingState};

/// What became of a meeting, if it is news.
pub(crate) fn said(before: Option<MeetingState>, after: &Meeting) -> Option<Happening> {
    Some(Happening {
        event: event(before?, after.state)?,
        subject_kind: "meeting",
        subject_id: after.id.clone(),
        subject_name: after.name.clone(),
        data: json!({
            "id": after.id, "name": after.name, "state": after.state, "port": after.port,
            "date_time": after.date_time,
        }),
        concerns: Vec::new(),
    })
}

fn event(before: MeetingState, after: MeetingState) -> Option<&'static str> {
    use MeetingState as State;
    match (before, after) {
        (State::Scheduled | State::Starting | State::Failed | State::Ended, State::Running) => {
            Some("meeting.started")
        }
        // One whose time passed without a room was no meeting.
        (State::Scheduled | State::Ended, State::Ended) => None,
        (_, State::Ended) => Some("meeting.ended"),
        (State::Failed, State::Failed) => None,
        (_, State::Failed) => Some("meeting.failed"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use dabir_testing::Postgres;

    use super::*;
    use crate::model::samples::local;
    use crate::testing::House;

    #[tokio::test]
    async fn what_becomes_of_a_meeting_is_said_where_it_is_kept() {
        let postgres = Postgres::start();
        for database in [String::new(), postgres.database()] {
            let house = House {
                database,
                ..House::new()
            };
            let meetings = house.meetings().await;
            let turn = meetings.turn().await.unwrap();
            use MeetingState as State;
            for state in [
                State::Scheduled,
                State::Running,
                State::Failed,
                State::Failed,
                State::Ended,
            ] {
                let meeting = Meeting {
                    state,
                    ..local("a")
                };
                meetings.keep_quietly(&turn, vec![meeting]).await.unwrap();
            }
            let tx = meetings.inner.db.write().await.unwrap();
            let said = dabir_db::outbox::take(&tx, 10).await.unwrap();
            let events: Vec<&str> = said.iter().map(|said| said.event.as_str()).collect();
            let expected = ["meeting.started", "meeting.failed", "meeting.ended"];
            assert_eq!(events, expected);
            assert_eq!(said[0].data["state"], "running");
        }
    }

    #[test]
    fn a_meeting_is_said_to_begin_to_end_and_to_fail_when_it_does() {
        use MeetingState as State;
        for (before, after, event) in [
            (State::Scheduled, State::Starting, None),
            (State::Starting, State::Running, Some("meeting.started")),
            (State::Held, State::Running, None),
            (State::Running, State::Stopping, None),
            (State::Stopping, State::Ended, Some("meeting.ended")),
            (State::Scheduled, State::Ended, None),
            (State::Running, State::Failed, Some("meeting.failed")),
            (State::Failed, State::Failed, None),
        ] {
            assert_eq!(super::event(before, after), event, "{before} {after}");
        }
    }
}
