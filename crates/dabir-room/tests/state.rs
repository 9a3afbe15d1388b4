//! Any sequence of requests keeps what a room promises, and the journal tells all of it again.

use std::collections::BTreeSet;

use dabir_core::Timestamp;
use dabir_room::decide::Entry;
use dabir_room::model::{AgendaItem, Record, Role};
use dabir_room::record;
use dabir_room::request::Request;
use dabir_room::state::{Draft, Room};
use proptest::prelude::*;

/// One step of a made-up meeting; people are numbers.
#[derive(Clone, Debug)]
enum Step {
    Enter { person: usize, new_seat: bool },
    Leave { person: usize },
    Kick { person: usize },
    PutOut { person: usize },
    Ask { person: usize, request: Request },
}

/// The live room, and what its journal would hold.
#[derive(Default)]
struct Meeting {
    room: Room,
    lines: Vec<Vec<u8>>,
    seconds: i64,
}

fn id(person: usize) -> String {
    format!("p{person}")
}

impl Meeting {
    fn take(&mut self, step: Step) {
        self.seconds += 1;
        let now = Timestamp::from_second(self.seconds).unwrap_or_default();
        let drafts = match step {
            Step::Enter { person, new_seat } => self.enter(person, new_seat, now),
            Step::Leave { person } => self.room.decide_leave(&id(person), None),
            Step::Kick { person } => self.room.decide_kick(&id(person), "because"),
            Step::PutOut { person } => {
                vec![self.room.decide_put_out(&format!("sub{person}"), "because")]
            }
            Step::Ask { person, request } => self.ask(&id(person), request, now),
        };
        self.happen(drafts, now);
    }

    fn happen(&mut self, drafts: Vec<Draft>, now: Timestamp) {
        for draft in drafts {
            let record = self.room.stamp(draft, now);
            self.room.apply(&record);
            self.lines
                .extend(record::encode(&record).map(|encoded| encoded.line));
        }
    }

    fn enter(&self, person: usize, new_seat: bool, now: Timestamp) -> Vec<Draft> {
        let is_known = self.room.member(&id(person)).is_some();
        let entry = Entry {
            id: id(person),
            name: format!("Person {person}"),
            role: if person == 0 {
                Role::Moderator
            } else {
                Role::Participant
            },
            seat: (new_seat || !is_known).then(|| format!("seat{person}-{}", self.seconds)),
            sub: person.is_multiple_of(2).then(|| format!("sub{person}")),
            client: person.is_multiple_of(4).then(|| format!("client{person}")),
            token: None,
        };
        self.room.decide_entry(entry, now).unwrap_or_default()
    }

    fn guest(&mut self, number: usize, name: &str) {
        let entry = Entry {
            id: id(2 * number + 1),
            name: name.to_owned(),
            role: Role::Participant,
            seat: Some(format!("guest{number}")),
            sub: None,
            client: None,
            token: None,
        };
        let drafts = self.room.decide_entry(entry, Timestamp::UNIX_EPOCH);
        self.happen(drafts.unwrap_or_default(), Timestamp::UNIX_EPOCH);
    }

    /// What is refused changes nothing, whatever the reason.
    fn ask(&self, person: &str, request: Request, now: Timestamp) -> Vec<Draft> {
        let moderators_only = !matches!(
            request,
            Request::Chat { .. }
                | Request::Hand { .. }
                | Request::Vote { .. }
                | Request::Minutes { .. }
                | Request::Resume { .. }
                | Request::History { .. }
        );
        let drafts = self.room.decide(person, request, now).unwrap_or_default();
        let member = self.room.member(person);
        if let Some(member) = member.filter(|_| !drafts.is_empty()) {
            assert!(member.is_present());
            assert!(!moderators_only || member.person.role == Role::Moderator);
        }
        drafts
    }

    fn check(&self) {
        let room = &self.room;
        let present: BTreeSet<&String> =
            room.participants().map(|(person, _)| &person.id).collect();
        assert_eq!(present.len(), room.present());
        let hands: BTreeSet<&String> = room.hands.iter().collect();
        assert_eq!(
            hands.len(),
            room.hands.len(),
            "a hand stands twice in the queue"
        );
        assert!(
            hands.is_subset(&present),
            "a hand of somebody who is not there"
        );
        assert!(
            room.agenda
                .current
                .is_none_or(|at| at < room.agenda.items.len())
        );
        assert_eq!(
            room.agenda.current.is_some(),
            room.agenda.started_at.is_some()
        );
        for poll in &room.polls {
            let votes: usize = poll.view.options.iter().map(|option| option.votes).sum();
            let cast: usize = poll.ballots.values().map(Vec::len).sum();
            let hidden = poll.view.secret && poll.view.open;
            assert_eq!(votes, if hidden { 0 } else { cast });
            assert_eq!(poll.view.voters, poll.ballots.len());
            assert!(poll.view.multiple || poll.ballots.values().all(|choices| choices.len() == 1));
        }
        assert_eq!(room.offset, self.lines.len() as u64);
    }

    fn told_again(&self) -> Room {
        let mut room = Room::default();
        for line in &self.lines {
            let record: Option<Record> = record::decode(line);
            record.iter().for_each(|record| room.apply(record));
        }
        room
    }
}

fn any_person() -> impl Strategy<Value = usize> {
    0..5_usize
}

fn any_poll() -> impl Strategy<Value = String> {
    (1..60_u64).prop_map(|offset| format!("p{offset}"))
}

fn any_request() -> impl Strategy<Value = Request> {
    let person = || any_person().prop_map(id);
    let nonce = proptest::option::of("[ab]");
    let items = proptest::collection::vec(("[a-c]?", 0..2_000_u32), 0..4);
    prop_oneof![
        ("[a-z ]{0,5}", nonce).prop_map(|(text, nonce)| Request::Chat { text, nonce }),
        (any::<bool>(), proptest::option::of(person()))
            .prop_map(|(up, id)| Request::Hand { up, id }),
        (any::<bool>(), any::<bool>(), 1..5_usize).prop_map(|(multiple, secret, count)| {
            Request::Poll {
                question: "?".into(),
                options: (0..count).map(|option| option.to_string()).collect(),
                multiple,
                secret,
            }
        }),
        (any_poll(), proptest::collection::vec(0..4_usize, 0..4))
            .prop_map(|(poll, choices)| Request::Vote { poll, choices }),
        any_poll().prop_map(|poll| Request::PollClose { poll }),
        items.prop_map(|items| Request::Agenda {
            items: items
                .into_iter()
                .map(|(title, minutes)| AgendaItem { title, minutes })
                .collect()
        }),
        proptest::option::of(0..4_usize).prop_map(|item| Request::AgendaCurrent { item }),
        (0..4_u64, "[ab]").prop_map(|(base, text)| Request::Minutes { base, text }),
        (person(), any::<bool>()).prop_map(|(id, on)| Request::Mute { id, on }),
        person().prop_map(|id| Request::Remove {
            id,
            reason: String::new()
        }),
        any::<bool>().prop_map(|on| Request::Lock { on }),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (any_person(), any::<bool>())
            .prop_map(|(person, new_seat)| Step::Enter { person, new_seat }),
        1 => any_person().prop_map(|person| Step::Leave { person }),
        1 => any_person().prop_map(|person| Step::Kick { person }),
        1 => any_person().prop_map(|person| Step::PutOut { person }),
        12 => (any_person(), any_request())
            .prop_map(|(person, request)| Step::Ask { person, request }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_meeting_keeps_its_promises_and_is_told_again_by_its_journal(
        steps in proptest::collection::vec(any_step(), 1..80)
    ) {
        let mut meeting = Meeting::default();
        for step in steps {
            meeting.take(step);
            meeting.check();
        }
        prop_assert_eq!(&meeting.told_again(), &meeting.room);
    }

    #[test]
    fn no_line_is_too_strange_to_be_answered(line in "\\PC*") {
        let asked = dabir_room::request::parse(&line);
        if let Err(refusal) = asked.request {
            prop_assert!(!refusal.code().is_empty());
        }
    }
}

#[test]
fn who_is_away_longest_is_forgotten_first_and_nobody_who_is_there() {
    let mut meeting = Meeting::default();
    meeting.take(Step::Enter {
        person: 0,
        new_seat: true,
    });
    for person in 1..=20_001 {
        meeting.take(Step::Enter {
            person,
            new_seat: true,
        });
        meeting.take(Step::Leave { person });
    }
    let remembers = |person: usize| meeting.room.member(&id(person)).is_some();
    assert!(remembers(0) && !remembers(1) && !remembers(2) && remembers(3) && remembers(20_001));
    assert_eq!(meeting.room.attendance(Timestamp::UNIX_EPOCH).len(), 20_000);
}

#[test]
fn who_was_put_out_is_remembered_longer_and_not_for_ever() {
    let mut meeting = Meeting::default();
    for person in 1..=20_000 {
        meeting.take(Step::Enter {
            person,
            new_seat: true,
        });
        meeting.take(Step::Kick { person });
    }
    for person in 20_001..=20_003 {
        meeting.take(Step::Enter {
            person,
            new_seat: true,
        });
        meeting.take(Step::Leave { person });
    }
    let remembers = |person: usize| meeting.room.member(&id(person)).is_some();
    assert!(!remembers(1) && remembers(2) && !remembers(20_002) && remembers(20_003));
    assert_eq!(meeting.room.attendance(Timestamp::UNIX_EPOCH).len(), 20_000);
}

#[test]
fn a_name_means_the_guests_who_are_here_and_a_sub_its_holder_anywhere() {
    let mut meeting = Meeting::default();
    for person in 0..1_000 {
        meeting.guest(person, "Sara");
        meeting.take(Step::Leave {
            person: 2 * person + 1,
        });
    }
    meeting.guest(1_000, "Sara");
    meeting.take(Step::Enter {
        person: 2,
        new_seat: true,
    });
    meeting.take(Step::Leave { person: 2 });
    let called = |who: &str| -> Vec<String> {
        let members = meeting.room.members_called(who);
        members.map(|member| member.person.id.clone()).collect()
    };
    assert_eq!(called("Sara"), ["p2001"]);
    assert_eq!(called("sub2"), ["p2"]);
    assert_eq!(called("p3"), ["p3"]);
}
