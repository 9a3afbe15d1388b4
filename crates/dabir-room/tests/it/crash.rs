//! What a crash at any moment leaves behind, and what the next start makes of it.

use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Value, json};

use crate::support::{Client, TestRoom};

#[tokio::test]
async fn whatever_was_heard_is_there_after_a_crash_and_seats_are_kept() {
    let mut room = TestRoom::start();
    let mut chair = room.moderator().await;
    let mut ali = room.guest("Ali").await;
    chair
        .send(json!({"type": "minutes", "base": 0, "text": "agreed"}))
        .await;
    ali.expect("minutes").await;
    ali.send(json!({"type": "hand", "up": true})).await;
    chair.expect("hand").await;
    let last = ali.say("before").await;
    room.crash_and_restart();
    let mut back = room.back(&ali.seat(), last).await;
    assert_eq!(back.id(), ali.id());
    // Nobody left and nobody joined: the next event is the next thing that is said.
    assert_eq!(back.say("after").await, last + 1);
    let again = Client::open(&room.url(&format!("seat={}", chair.seat()))).await;
    assert_eq!(again.welcome["you"]["role"], "moderator");
    assert_eq!(
        again.welcome["minutes"],
        json!({"rev": 1, "text": "agreed"})
    );
    assert_eq!(again.welcome["hands"], json!([ali.id()]));
    assert_eq!(again.welcome["participants"].as_array().unwrap().len(), 2);
    assert_eq!(texts(&again.welcome["history"]), ["before", "after"]);
}

/// How long the room was down, and how long it waited for somebody after, is no time of theirs.
#[tokio::test]
async fn who_does_not_come_back_after_a_crash_left_with_it() {
    let mut room = TestRoom::start();
    let mut chair = room.moderator().await;
    let ali = room.guest("Ali").await;
    chair.expect("joined").await;
    chair.chat("last words").await;
    let last = chair.expect("chat").await["at"].clone();
    room.crash_and_restart();
    let mut chair = Client::open(&room.url(&format!("seat={}", chair.seat()))).await;
    assert_eq!(chair.expect("left").await["id"], ali.id());
    chair.send(json!({"type": "attendance"})).await;
    let people = chair.expect("attendance").await["people"].clone();
    let people = people.as_array().unwrap().iter();
    let left_at: Vec<_> = people.map(|person| &person["left_at"]).collect();
    assert_eq!(left_at, [&Value::Null, &last]);
}

/// Kills the room while people talk, again and again; acknowledged messages are there once each.
#[tokio::test]
async fn a_room_that_crashes_while_people_talk_loses_nothing_it_acknowledged() {
    let mut room = TestRoom::start();
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut ali = room.guest("Ali").await;
    let mut acknowledged = Vec::new();
    for round in 0..12 {
        let heard = 1 + rng.next_u32() % 5;
        for number in 0..8 {
            ali.chat(&format!("{round}/{number}")).await;
        }
        for _ in 0..heard {
            acknowledged.push(ali.expect("chat").await["text"].clone());
        }
        room.crash_and_restart();
        let seat = ali.seat();
        ali = room.back(&seat, 0).await;
    }
    ali.say("end").await;
    let late = room.guest("late").await;
    let kept = texts(&late.welcome["history"]);
    for text in &acknowledged {
        assert_eq!(
            kept.iter().filter(|kept| *kept == text).count(),
            1,
            "{text}"
        );
    }
    assert!(
        kept.iter()
            .enumerate()
            .all(|(at, text)| !kept[..at].contains(text))
    );
}

#[tokio::test]
async fn a_record_torn_at_any_byte_is_cut_off_and_nothing_else() {
    let mut room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    let last = ali.say("kept").await;
    let seat = ali.seat();
    let kept = fs::read(room.journal()).unwrap();
    ali.say("torn: می‌روم").await;
    room.crash();
    let whole = fs::read(room.journal()).unwrap();
    for end in kept.len()..whole.len() {
        fs::write(room.journal(), &whole[..end]).unwrap();
        room.restart();
        let back = room.back(&seat, 0).await;
        assert_eq!(back.welcome["room"]["id"], "r1");
        room.crash();
        assert_eq!(fs::read(room.journal()).unwrap(), kept, "cut at byte {end}");
    }
    let cuts = room.log().matches("were cut off").count();
    assert_eq!(cuts, whole.len() - kept.len() - 1);
    room.restart();
    assert_eq!(room.back(&seat, last).await.say("goes on").await, last + 1);
}

#[tokio::test]
async fn a_broken_line_in_the_middle_sets_the_file_aside() {
    let mut room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    for text in ["one", "two", "three"] {
        ali.say(text).await;
    }
    room.crash();
    let journal = fs::read_to_string(room.journal()).unwrap();
    let broken = journal.replace("two", "2wo");
    fs::write(room.journal(), &broken).unwrap();
    room.restart();
    let back = Client::open(&room.url(&format!("seat={}", ali.seat()))).await;
    assert_eq!(texts(&back.welcome["history"]), ["one"]);
    let aside = room.dir.path().join("journal.jsonl.corrupt-1");
    assert_eq!(fs::read_to_string(aside).unwrap(), broken);
    assert!(room.log().contains("line 4 of the journal is broken"));
    // The same again: the first file is kept.
    room.crash();
    fs::write(room.journal(), format!("garbage\n{journal}")).unwrap();
    room.restart();
    room.guest("Sara").await;
    assert!(room.dir.path().join("journal.jsonl.corrupt-2").exists());
    let first = room.dir.path().join("journal.jsonl.corrupt-1");
    assert_eq!(fs::read_to_string(first).unwrap(), broken);
}

/// After the damage the same offsets are other events, and who knew the first ones must not be
/// taken to know the second.
#[tokio::test]
async fn who_comes_back_to_a_damaged_journal_is_told_everything_anew() {
    let mut room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    for text in ["one", "two", "three"] {
        ali.say(text).await;
    }
    room.crash();
    let journal = fs::read_to_string(room.journal()).unwrap();
    fs::write(room.journal(), journal.replace("two", "2wo")).unwrap();
    room.restart();
    let mut sara = room.guest("Sara").await;
    for text in ["new two", "new three", "new four"] {
        sara.say(text).await;
    }
    let again = room.back_to(&ali, 4, ali.epoch()).await;
    assert_eq!(again.welcome["resumed"], Value::Null);
    assert_ne!(again.epoch(), ali.epoch());
    let all = ["one", "new two", "new three", "new four"];
    assert_eq!(texts(&again.welcome["history"]), all);
    // The new count goes on across the next crash.
    room.crash_and_restart();
    let back = room.back_to(&again, again.offset(), again.epoch()).await;
    assert_eq!(back.welcome["resumed"], true);
}

#[tokio::test]
async fn a_journal_without_a_head_is_gone_on_with() {
    let mut room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    let last = ali.say("kept").await;
    room.crash();
    let journal = fs::read_to_string(room.journal()).unwrap();
    let (_head, records) = journal.split_once('\n').unwrap();
    fs::write(room.journal(), records).unwrap();
    room.restart();
    let mut back = room.back(&ali.seat(), last).await;
    assert_eq!(back.say("goes on").await, last + 1);
    room.crash_and_restart();
    let mut back = room.back_to(&ali, last, back.epoch()).await;
    assert_eq!(back.next().await["text"], "goes on");
}

/// What a crash left in the system's memory may be lost yet, so it is put on the disk before anybody
/// is shown it; what cannot be put there is not shown.
#[test]
fn a_journal_that_cannot_be_made_durable_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/null", dir.path().join("journal.jsonl")).unwrap();
    assert!(dabir_room::journal::open(dir.path()).is_err());
}

#[tokio::test]
async fn a_broken_last_line_that_was_written_whole_is_kept_aside() {
    let mut room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    for text in ["one", "two"] {
        ali.say(text).await;
    }
    room.crash();
    let journal = fs::read_to_string(room.journal()).unwrap();
    let broken = journal.replace("two", "2wo");
    fs::write(room.journal(), &broken).unwrap();
    room.restart();
    let back = Client::open(&room.url(&format!("seat={}", ali.seat()))).await;
    assert_eq!(texts(&back.welcome["history"]), ["one"]);
    let aside = room.dir.path().join("journal.jsonl.corrupt-1");
    assert_eq!(fs::read_to_string(aside).unwrap(), broken);
}

#[tokio::test]
async fn a_journal_that_takes_nothing_ends_the_room_and_says_so() {
    let mut room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    ali.say("kept").await;
    let pid = rustix::process::Pid::from_raw(room.pid().cast_signed());
    let size = fs::metadata(room.journal()).unwrap().len();
    let full = rustix::process::Rlimit {
        current: Some(size + 10),
        maximum: Some(size + 10),
    };
    rustix::process::prlimit(pid, rustix::process::Resource::Fsize, full).unwrap();
    ali.chat("lost").await;
    assert_eq!(ali.expect("closed").await["reason"], "failed");
    assert_eq!(room.exited().await.code(), Some(1));
    assert!(room.log().contains("cannot write the journal"));
    room.restart();
    let back = Client::open(&room.url(&format!("seat={}", ali.seat()))).await;
    assert_eq!(texts(&back.welcome["history"]), ["kept"]);
}

/// Everybody loses the room at once and comes back at once; nobody is told of anybody's absence.
#[tokio::test]
async fn hundreds_come_back_at_once_and_miss_nothing() {
    const PEOPLE: usize = 300;
    let mut room = TestRoom::start();
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(room.guest(&format!("p{number}")).await);
    }
    let last = people[0].say("before").await;
    room.crash_and_restart();
    let room = &room;
    let back = people.iter().map(|person| {
        let seat = person.seat();
        async move {
            let mut client = room.back(&seat, last - 1).await;
            let missed = client.next().await;
            assert_eq!(
                (&missed["text"], &missed["offset"]),
                (&json!("before"), &json!(last))
            );
            client
        }
    });
    let mut back = futures_util::future::join_all(back).await;
    back[7].chat("after").await;
    for client in &mut back {
        let next = client.next().await;
        assert_eq!(
            (&next["text"], &next["offset"]),
            (&json!("after"), &json!(last + 1))
        );
    }
}

fn texts(history: &Value) -> Vec<Value> {
    let events = history.as_array().unwrap();
    events.iter().map(|event| event["text"].clone()).collect()
}
