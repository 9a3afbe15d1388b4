//! Chat, offsets, and coming back without loss.

use proptest::prelude::*;
use proptest::test_runner::TestRng;
use serde_json::json;

use crate::support::{Client, TestRoom};

#[tokio::test]
async fn people_see_each_other_come_talk_and_go() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    assert_eq!(ali.welcome["participants"].as_array().unwrap().len(), 1);
    let mut sara = room.guest("%D8%B3%D8%A7%D8%B1%D8%A7").await;
    let joined = ali.expect("joined").await;
    assert_eq!(
        (&joined["name"], &joined["offset"]),
        (&json!("سارا"), &json!(2))
    );
    sara.chat("سلام، می‌روم").await;
    let chat = ali.expect("chat").await;
    assert_eq!(chat["text"], "سلام، می‌روم");
    assert_eq!(chat["from_id"], sara.welcome["you"]["id"]);
    assert_eq!(sara.expect("chat").await, chat);
    sara.close().await;
    assert_eq!(ali.expect("left").await["name"], "سارا");
}

#[tokio::test]
async fn many_talk_at_once_and_all_see_the_same_order() {
    let room = TestRoom::start();
    let mut people = Vec::new();
    for number in 0..5 {
        people.push(room.guest(&format!("p{number}")).await);
    }
    for message in 0..20 {
        for (number, person) in people.iter_mut().enumerate() {
            person.chat(&format!("{number}/{message}")).await;
        }
    }
    let mut heard = Vec::new();
    for person in &mut people {
        let mut chats = Vec::new();
        while chats.len() < 100 {
            chats.push(person.expect("chat").await);
        }
        heard.push(chats);
    }
    let offsets: Vec<_> = heard[0]
        .iter()
        .map(|chat| chat["offset"].as_u64().unwrap())
        .collect();
    assert!(offsets.is_sorted_by(|a, b| a < b));
    assert!(heard.iter().all(|chats| *chats == heard[0]));
}

#[tokio::test]
async fn a_late_comer_gets_the_newest_chats_and_asks_for_the_older() {
    let room = TestRoom::start();
    let mut writers = Vec::new();
    for number in 0..7 {
        writers.push(room.guest(&format!("w{number}")).await);
    }
    for writer in &mut writers {
        for number in 0..35 {
            writer.chat(&format!("m{number}")).await;
        }
    }
    let mut seen = 0;
    while seen < 245 {
        writers[0].expect("chat").await;
        seen += 1;
    }
    let mut late = room.guest("late").await;
    let newest = late.welcome["history"].as_array().unwrap().clone();
    assert_eq!((newest.len(), &late.welcome["more"]), (200, &json!(true)));
    late.send(json!({"type": "history", "before": newest[0]["offset"]}))
        .await;
    let older = late.expect("history").await;
    let events = older["events"].as_array().unwrap();
    assert_eq!((events.len(), &older["more"]), (45, &json!(false)));
    assert!(events[44]["offset"].as_u64() < newest[0]["offset"].as_u64());
}

#[tokio::test]
async fn a_message_sent_again_with_its_mark_is_said_once() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    for _ in 0..3 {
        ali.send(json!({"type": "chat", "text": "once", "nonce": "n1"}))
            .await;
    }
    let first = ali.expect("chat").await;
    assert_eq!(first["nonce"], "n1");
    // Whoever sent it again sees what it has become.
    for _ in 0..2 {
        assert_eq!(ali.expect("chat").await, first);
    }
    ali.say("then").await;
    ali.send(json!({"type": "resume", "offset": 0})).await;
    let mut texts = Vec::new();
    while texts.last() != Some(&json!("then")) {
        texts.push(ali.expect("chat").await["text"].clone());
    }
    assert_eq!(texts, ["once", "then"]);
}

#[tokio::test]
async fn resume_sends_what_came_after_an_offset() {
    let room = TestRoom::start();
    let mut ali = room.guest("Ali").await;
    let first = ali.say("one").await;
    ali.say("two").await;
    ali.send(json!({"type": "resume", "offset": first})).await;
    assert_eq!(ali.next().await["text"], "two");
    assert_eq!(
        ali.refused(json!({"type": "resume", "offset": 99})).await,
        "resume.ahead"
    );
}

/// Cuts a reader off again and again, at any moment, while others talk: they see every event once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_over_hundreds_of_cuts() {
    const MESSAGES: usize = 600;
    let room = TestRoom::start();
    let mut rng = TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha);
    let first = room.guest("reader").await;
    let (seat, start) = (first.seat(), first.offset());
    drop(first);
    let mut writers = Vec::new();
    for number in 0..15 {
        writers.push(room.guest(&format!("w{number}")).await);
    }
    let talk = tokio::spawn(async move {
        for number in 0..MESSAGES / 15 {
            for writer in &mut writers {
                writer.say(&format!("m{number}")).await;
            }
        }
        writers
    });
    let mut reader = Reader {
        last: start,
        chats: 0,
        cuts: 0,
    };
    while reader.chats < MESSAGES {
        let mut client = room.back(&seat, reader.last).await;
        let events = 1 + rng.next_u32() % 4;
        reader.read(&mut client, events, MESSAGES).await;
    }
    assert!(reader.cuts >= 200, "only {} cuts", reader.cuts);
    drop(talk.await.unwrap());
}

struct Reader {
    last: u64,
    chats: usize,
    cuts: usize,
}

impl Reader {
    /// Reads a few events and drops the connection without a word.
    async fn read(&mut self, client: &mut Client, events: u32, until: usize) {
        assert_eq!(client.welcome["resumed"], true);
        assert_eq!(client.offset(), self.last);
        for _ in 0..events {
            if self.chats == until {
                return;
            }
            let event = client.next().await;
            assert_eq!(
                event["offset"],
                self.last + 1,
                "a gap or a repetition: {event}"
            );
            self.last += 1;
            self.chats += usize::from(event["type"] == "chat");
        }
        self.cuts += 1;
    }
}
