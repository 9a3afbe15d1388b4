//! People's inboxes, and what they chose.

use std::collections::BTreeMap;
use std::time::Duration;

use dabir_core::event::Numbered;
use dabir_core::{Event, Timestamp};
use dabir_notify::{Channels, Digest, NewChoices, Notification, NotifyError, Place, Seen};
use tokio::sync::broadcast::Receiver;

use crate::bench::{Bench, LIMIT, REZA, SARA, operator};

/// Until something is said again to whoever did not listen yet.
const AGAIN: Duration = Duration::from_secs(1);

dabir_testing::on_both!(
    people_are_told_of_what_concerns_them,
    ten_comments_on_one_thing_are_one_line,
    of_two_unread_lines_of_one_thing_the_newest_goes_on,
    what_is_seen_or_asleep_is_not_counted,
    a_thousand_are_marked_at_once,
    an_inbox_has_pages,
    an_inbox_is_its_owner_s,
    what_is_chosen_is_kept_and_obeyed,
    what_is_old_is_forgotten,
    what_waits_for_no_digest_is_forgotten,
    live_streams_hear_of_it_in_every_process,
);

impl Bench {
    async fn inbox(&self, user: &str) -> Vec<Notification> {
        let page = self.notify.list_notifications(user, false, None, 100).await;
        page.unwrap().items
    }

    async fn unread(&self, user: &str) -> u64 {
        self.notify.count_unread(user).await.unwrap()
    }

    /// Says so, and tells it.
    async fn tell(&self, event: &'static str, n: u64, concerns: &[&str]) {
        self.say_that(event, n, concerns).await;
        self.notify.look().await.unwrap();
    }
}

async fn people_are_told_of_what_concerns_them(bench: Bench) {
    let concerns = [SARA, SARA, "operator", "somebody who is gone"];
    bench.tell("task.assigned", 1, &concerns).await;
    let inbox = bench.inbox(SARA).await;
    let [line] = inbox.as_slice() else {
        panic!("{inbox:?}")
    };
    assert_eq!(
        (line.event.as_str(), line.subject_name.as_str(), line.times),
        ("task.assigned", "Task 1", 1)
    );
    assert_eq!(
        (line.by_name.as_str(), &line.data["n"]),
        ("operator", &1.into())
    );
    assert_eq!((line.at, line.seen_at), (bench.clock.now(), None));
    for nobody in ["operator", "somebody who is gone", REZA] {
        assert_eq!(bench.inbox(nobody).await, []);
    }
    assert_eq!(
        bench
            .text("SELECT CAST(COUNT(*) AS TEXT) FROM outbox")
            .await,
        "0"
    );
}

async fn ten_comments_on_one_thing_are_one_line(bench: Bench) {
    let begun = bench.clock.now();
    for _ in 0..10 {
        bench.clock.advance(Duration::from_secs(60));
        bench.tell("task.commented", 1, &[SARA]).await;
    }
    bench.tell("task.commented", 2, &[SARA]).await;
    bench.tell("task.assigned", 1, &[SARA]).await;
    let inbox = bench.inbox(SARA).await;
    let times: Vec<i32> = inbox.iter().map(|line| line.times).collect();
    assert_eq!(times, [1, 1, 10]);
    let first_at = begun.saturating_add(Duration::from_secs(60)).unwrap();
    assert_eq!(
        (inbox[2].first_at, inbox[2].at),
        (first_at, bench.clock.now())
    );
    assert_eq!(bench.unread(SARA).await, 3);
    let all = Seen {
        until: Some(bench.clock.now()),
        ..Seen::default()
    };
    assert_eq!(bench.notify.see(SARA, &all).await.unwrap(), 0);
    bench.clock.advance(Duration::from_secs(60));
    bench.tell("task.commented", 1, &[SARA]).await;
    let inbox = bench.inbox(SARA).await;
    assert_eq!(
        (inbox.len(), inbox[0].times),
        (4, 1),
        "what was seen stays as it was"
    );
}

async fn of_two_unread_lines_of_one_thing_the_newest_goes_on(bench: Bench) {
    bench.tell("task.commented", 1, &[SARA]).await;
    let first = bench.inbox(SARA).await[0].id;
    let seen = Seen {
        ids: vec![first],
        until: None,
    };
    bench.notify.see(SARA, &seen).await.unwrap();
    bench.tell("task.commented", 1, &[SARA]).await;
    let until = bench
        .clock
        .now()
        .saturating_add(Duration::from_secs(60))
        .unwrap();
    bench.notify.snooze(SARA, first, until).await.unwrap();
    bench.tell("task.commented", 1, &[SARA]).await;
    let times = async || {
        let inbox = bench.inbox(SARA).await.into_iter();
        inbox.map(|line| line.times).collect::<Vec<i32>>()
    };
    assert_eq!(times().await, [2], "the other one sleeps on");
    bench.wait_until(until);
    bench.notify.look().await.unwrap();
    assert_eq!(times().await, [1, 2]);
}

async fn a_thousand_are_marked_at_once(bench: Bench) {
    for n in 0..3 {
        bench.tell("task.assigned", n, &[SARA]).await;
    }
    let ids = bench.inbox(SARA).await.into_iter().map(|line| line.id);
    let ids: Vec<i64> = ids.collect();
    let none = -1_000..-2;
    let seen = Seen {
        ids: [ids[0]].into_iter().chain(none).chain([ids[1]]).collect(),
        until: None,
    };
    assert_eq!(seen.ids.len(), 1_000);
    assert_eq!(bench.notify.see(SARA, &seen).await.unwrap(), 1);
}

async fn what_is_seen_or_asleep_is_not_counted(bench: Bench) {
    for n in 0..3 {
        bench.tell("task.assigned", n, &[SARA]).await;
        bench.clock.advance(Duration::from_secs(1));
    }
    let ids: Vec<i64> = bench.inbox(SARA).await.iter().map(|line| line.id).collect();
    let one = Seen {
        ids: vec![ids[0], ids[0], 999],
        until: None,
    };
    assert_eq!(bench.notify.see(SARA, &one).await.unwrap(), 2);
    let until = bench
        .clock
        .now()
        .saturating_add(Duration::from_secs(3_600))
        .unwrap();
    let sleeps = bench.notify.snooze(SARA, ids[2], until).await.unwrap();
    assert_eq!(sleeps.snoozed_until, Some(until));
    assert_eq!(
        (bench.unread(SARA).await, bench.inbox(SARA).await.len()),
        (1, 2)
    );
    let unread = bench.notify.list_notifications(SARA, true, None, 10).await;
    assert_eq!(unread.unwrap().items[0].id, ids[1]);
    bench.wait_until(until);
    bench.notify.look().await.unwrap();
    let inbox = bench.inbox(SARA).await;
    assert_eq!(
        (inbox[0].id, inbox[0].at),
        (ids[2], until),
        "awake, and the newest"
    );
    assert_eq!(bench.unread(SARA).await, 2);
    let refused = async |until: &str| {
        let until: Timestamp = until.parse().unwrap();
        bench.notify.snooze(SARA, ids[0], until).await
    };
    for wrong in ["2026-11-22T09:00:00Z", "2030-01-01T00:00:00Z"] {
        assert!(matches!(refused(wrong).await, Err(NotifyError::Invalid(_))));
    }
    let nothing = bench.notify.see(SARA, &Seen::default()).await;
    assert!(matches!(nothing, Err(NotifyError::Invalid(_))));
}

async fn an_inbox_has_pages(bench: Bench) {
    for n in 0..5 {
        bench.say_that("task.assigned", n, &[SARA]).await;
    }
    bench.notify.look().await.unwrap();
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let page = bench.notify.list_notifications(SARA, false, after, 2).await;
        let page = page.unwrap();
        names.extend(page.items.into_iter().map(|line| line.subject_name));
        let Some(cursor) = page.next_cursor else {
            break;
        };
        after = Place::parse(&cursor);
        assert!(after.is_some());
    }
    assert_eq!(names, ["Task 4", "Task 3", "Task 2", "Task 1", "Task 0"]);
}

async fn an_inbox_is_its_owner_s(bench: Bench) {
    bench.tell("task.assigned", 1, &[SARA]).await;
    let id = bench.inbox(SARA).await[0].id;
    let all = Seen {
        ids: vec![id],
        until: Some(Timestamp::MAX),
    };
    bench.notify.see(REZA, &all).await.unwrap();
    let until = bench
        .clock
        .now()
        .saturating_add(Duration::from_secs(60))
        .unwrap();
    let snoozed = bench.notify.snooze(REZA, id, until).await;
    assert!(matches!(
        snoozed,
        Err(NotifyError::NotFound("notification"))
    ));
    let deleted = bench.notify.delete_notification(REZA, id).await;
    assert!(matches!(
        deleted,
        Err(NotifyError::NotFound("notification"))
    ));
    assert_eq!(bench.unread(SARA).await, 1);
    bench.notify.delete_notification(SARA, id).await.unwrap();
    assert_eq!(bench.inbox(SARA).await, []);
}

async fn what_is_chosen_is_kept_and_obeyed(bench: Bench) {
    let none = Channels {
        inbox: false,
        mail: false,
        sms: false,
    };
    let new = NewChoices {
        events: BTreeMap::from([("task.assigned".to_owned(), none)]),
        digest: Digest::Daily,
        digest_hour: Some(7),
        timezone: None,
        phone: Some("+989121234567".to_owned()),
    };
    let chosen = bench.notify.choose(&operator(), SARA, &new).await.unwrap();
    assert_eq!(chosen.events["task.assigned"], none);
    assert!(chosen.events["task.due"].mail);
    assert_eq!(
        (
            chosen.habits.digest,
            chosen.habits.digest_hour,
            chosen.habits.timezone.as_str()
        ),
        (Digest::Daily, 7, "Asia/Tehran")
    );
    assert_eq!(bench.notify.choices(SARA).await.unwrap(), chosen);
    assert_eq!(bench.notify.choices(REZA).await.unwrap().habits.phone, None);
    let audited = bench.text("SELECT COALESCE(after, '') FROM audit").await;
    assert!(
        audited.contains("daily") && !audited.contains("98912"),
        "{audited}"
    );
    bench.tell("task.assigned", 1, &[SARA, REZA]).await;
    bench.tell("task.commented", 1, &[SARA]).await;
    let heard: Vec<String> = bench
        .inbox(SARA)
        .await
        .into_iter()
        .map(|line| line.event)
        .collect();
    assert_eq!(heard, ["task.commented"]);
    assert_eq!(bench.inbox(REZA).await.len(), 1);
    let again = NewChoices::default();
    let chosen = bench
        .notify
        .choose(&operator(), SARA, &again)
        .await
        .unwrap();
    assert!(chosen.events["task.assigned"].inbox && chosen.habits.phone.is_none());
}

async fn what_is_old_is_forgotten(bench: Bench) {
    bench.tell("task.assigned", 1, &[SARA]).await;
    bench.clock.advance(Duration::from_secs(89 * 86_400));
    bench.tell("task.assigned", 2, &[SARA]).await;
    bench.notify.forget().await.unwrap();
    assert_eq!(bench.inbox(SARA).await.len(), 2);
    bench.clock.advance(Duration::from_secs(2 * 86_400));
    bench.notify.forget().await.unwrap();
    assert_eq!(bench.inbox(SARA).await.len(), 1);
}

async fn what_waits_for_no_digest_is_forgotten(bench: Bench) {
    let daily = NewChoices {
        digest: Digest::Daily,
        ..NewChoices::default()
    };
    bench
        .notify
        .choose(&operator(), REZA, &daily)
        .await
        .unwrap();
    for user in [SARA, REZA] {
        for due_at in [0, bench.clock.now().as_millisecond()] {
            let sql = format!(
                "INSERT INTO notify_waiting (user_id, due_at, item) VALUES ('{user}', {due_at}, '')"
            );
            bench.execute(&sql).await;
        }
    }
    bench.notify.forget().await.unwrap();
    let waiting = "SELECT user_id FROM notify_waiting ORDER BY user_id";
    assert_eq!(bench.text(waiting).await, "reza\nreza\nsara");
}

/// Waits until the stream tells that this inbox changed.
async fn hears(stream: &mut Receiver<Numbered>, user: &str) {
    let heard = tokio::time::timeout(LIMIT, async {
        loop {
            let event = stream.recv().await.unwrap().event;
            if matches!(event, Event::NotificationsChanged { user_id } if user_id == user) {
                return;
            }
        }
    });
    heard.await.unwrap();
}

async fn live_streams_hear_of_it_in_every_process(bench: Bench) {
    let mut here = bench.events.subscribe(None).receiver;
    let cancel = tokio_util::sync::CancellationToken::new();
    let other = bench.another();
    let mut there = other.0.subscribe(None).receiver;
    let run = |notify| tokio::spawn(dabir_notify::worker::run(notify, cancel.clone()));
    let running = [run(bench.notify.clone()), run(other.1)];
    // Whoever does not listen yet hears the next one.
    let saying = async {
        for n in 1.. {
            bench.say_that("task.assigned", n, &[SARA]).await;
            tokio::time::sleep(AGAIN).await;
        }
    };
    // On SQLite there is one process, which hears itself.
    let hearing = async {
        if bench.db.kind() == "postgres" {
            tokio::join!(hears(&mut here, SARA), hears(&mut there, SARA));
        } else {
            tokio::select! {
                () = hears(&mut here, SARA) => {}
                () = hears(&mut there, SARA) => {}
            }
        }
    };
    tokio::select! {
        () = saying => {}
        () = hearing => {}
    }
    cancel.cancel();
    for running in running {
        running.await.unwrap();
    }
}
