//! Receivers that are down, flap, hang or are gone: nothing is lost, nothing is overtaken.

use std::time::Duration;

use dabir_core::Timestamp;
use dabir_notify::{DeliveryState, WebhookPatch, WebhookState};
use tokio_util::sync::CancellationToken;

use crate::bench::{Bench, LIMIT, operator};
use crate::receiver::{Manner, Received, Receiver};

dabir_testing::on_both!(
    a_receiver_that_was_down_for_three_days_gets_everything_in_order,
    a_flapping_receiver_gets_each_in_its_turn_with_the_same_id,
    a_receiver_that_hangs_delays_nobody_else,
    a_longer_pause_that_is_asked_for_is_kept,
    a_receiver_that_is_gone_is_turned_off,
    what_somebody_decides_while_it_is_under_way_counts,
    five_days_of_failure_pause_a_webhook_and_on_sends_what_waits,
    a_killed_worker_leaves_nothing_unsent,
    two_processes_tell_each_thing_once,
);

const HOUR: Duration = Duration::from_secs(3_600);

fn after(at: Timestamp, hours: u32) -> Timestamp {
    at.saturating_add(HOUR * hours).unwrap()
}

async fn a_receiver_that_was_down_for_three_days_gets_everything_in_order(bench: Bench) {
    let mut receiver = Receiver::down(Manner::Ok);
    let made = bench.webhook(&receiver, &["task.*"]).await;
    let id = made.webhook.id.as_str();
    let working = bench.work();
    let begun = bench.clock.now();
    // Something happens every other hour, and whatever is due is tried when it is.
    for n in 0..36 {
        bench.say(n).await;
        bench.settle().await;
        let next = after(begun, 2 * (n as u32 + 1));
        while let Some(due) = bench.notify.get_webhook(id).await.unwrap().next_at
            && due < next
        {
            bench.wait_until(due);
            bench.settle().await;
        }
        bench.wait_until(next);
    }
    assert_eq!(bench.clock.now(), after(begun, 72));
    let held = bench.deliveries(id).await;
    assert!(
        held.iter()
            .all(|one| one.delivery.state == DeliveryState::Waiting)
    );
    assert_eq!(held[0].delivery.attempts, 9);
    assert!(held[1..].iter().all(|one| one.delivery.attempts == 0));
    assert!(
        held[0].log[0]
            .error
            .as_ref()
            .unwrap()
            .contains("no connection")
    );
    let webhook = bench.notify.get_webhook(id).await.unwrap();
    assert_eq!(webhook.failing_since, Some(begun));
    receiver.come_up();
    bench.wait_until(webhook.next_at.unwrap());
    assert!(bench.clock.now() < after(begun, 5 * 24));
    bench.settle().await;
    let told = bench.deliveries(id).await;
    assert!(
        told.iter()
            .all(|one| one.delivery.state == DeliveryState::Delivered)
    );
    assert_eq!(receiver.taken(), (0..36).collect::<Vec<u64>>());
    let ids: Vec<String> = receiver.received().iter().map(Received::id).collect();
    let kept: Vec<String> = held
        .iter()
        .map(|one| one.delivery.message_id.clone())
        .collect();
    assert_eq!(ids, kept);
    let secret = made.secret.expose();
    assert!(
        receiver
            .received()
            .iter()
            .all(|one| one.is_signed_with(secret))
    );
    let webhook = bench.notify.get_webhook(id).await.unwrap();
    assert_eq!((webhook.failing_since, webhook.waiting), (None, 0));
    working.end().await;
}

async fn a_flapping_receiver_gets_each_in_its_turn_with_the_same_id(bench: Bench) {
    let receiver = Receiver::start(Manner::Flap(2));
    let made = bench.webhook(&receiver, &["*"]).await;
    let working = bench.work();
    for n in 0..5 {
        bench.say(n).await;
    }
    bench.settle().await;
    while let Some(due) = bench
        .notify
        .get_webhook(&made.webhook.id)
        .await
        .unwrap()
        .next_at
    {
        bench.wait_until(due);
        bench.settle().await;
    }
    let received = receiver.received();
    let numbers: Vec<u64> = received
        .iter()
        .map(|one| one.json()["data"]["n"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
    for same in received.chunks(3) {
        assert!(same.iter().all(|one| one.id() == same[0].id()));
        assert_ne!(
            same[0].header("webhook-timestamp"),
            same[1].header("webhook-timestamp")
        );
    }
    working.end().await;
}

async fn a_receiver_that_hangs_delays_nobody_else(bench: Bench) {
    let (slow, quick) = (Receiver::start(Manner::Hang), Receiver::start(Manner::Ok));
    bench.webhook(&slow, &["*"]).await;
    bench.webhook(&quick, &["*"]).await;
    let working = bench.work();
    let begun = std::time::Instant::now();
    for n in 0..20 {
        bench.say(n).await;
    }
    bench.notify.look().await.unwrap();
    dabir_testing::eventually("the quick one has all", LIMIT, async || {
        (quick.taken().len() == 20).then_some(())
    })
    .await;
    assert!(
        begun.elapsed() < Duration::from_secs(14),
        "before the slow one is given up"
    );
    assert_eq!(slow.received().len(), 1, "and that one still hangs");
    working.end().await;
}

async fn a_longer_pause_that_is_asked_for_is_kept(bench: Bench) {
    let receiver = Receiver::start(Manner::Later(429, "7200"));
    let made = bench.webhook(&receiver, &["*"]).await;
    let working = bench.work();
    bench.say(0).await;
    bench.settle().await;
    let webhook = bench.notify.get_webhook(&made.webhook.id).await.unwrap();
    assert_eq!(webhook.next_at, Some(after(bench.clock.now(), 2)));
    receiver.behave(Manner::Ok);
    bench.clock.advance(HOUR);
    bench.settle().await;
    assert_eq!(receiver.received().len(), 1, "not before its time");
    bench.clock.advance(HOUR);
    bench.settle().await;
    assert_eq!(receiver.taken(), [0]);
    working.end().await;
}

async fn a_receiver_that_is_gone_is_turned_off(bench: Bench) {
    let (gone, other) = (
        Receiver::start(Manner::Status(410)),
        Receiver::start(Manner::Ok),
    );
    let made = bench.webhook(&gone, &["task.*"]).await;
    bench.webhook(&other, &["webhook.gone"]).await;
    let working = bench.work();
    bench.say(0).await;
    bench.say(1).await;
    bench.settle().await;
    bench.settle().await;
    let webhook = bench.notify.get_webhook(&made.webhook.id).await.unwrap();
    assert_eq!(webhook.state, WebhookState::Off);
    assert!(webhook.state_reason.unwrap().contains("410"));
    assert_eq!(webhook.next_at, None);
    assert_eq!(bench.states(&webhook.id).await, [DeliveryState::Dead; 2]);
    assert_eq!(gone.received().len(), 1);
    let told = other.received()[0].json();
    assert_eq!(told["data"]["id"], webhook.id.as_str());
    assert_eq!(told["data"]["host"], "127.0.0.1");
    assert!(!told.to_string().contains("/hook"), "{told}");
    bench.say(2).await;
    bench.settle().await;
    assert_eq!(
        bench.states(&webhook.id).await.len(),
        2,
        "nothing is kept for it"
    );
    working.end().await;
}

async fn what_somebody_decides_while_it_is_under_way_counts(bench: Bench) {
    let may_answer = CancellationToken::new();
    let held = Manner::Held(may_answer.clone(), 410);
    let (skipped, paused) = (Receiver::start(held.clone()), Receiver::start(held));
    let one = bench.webhook(&skipped, &["task.*"]).await.webhook.id;
    let two = bench.webhook(&paused, &["task.*"]).await.webhook.id;
    let working = bench.work();
    bench.say(0).await;
    bench.say(1).await;
    bench.notify.look().await.unwrap();
    dabir_testing::eventually("both are under way", LIMIT, async || {
        let both = [&skipped, &paused].map(|one| one.received().len());
        (both == [1, 1]).then_some(())
    })
    .await;
    skipped.behave(Manner::Ok);
    let head = bench.deliveries(&one).await[0].delivery.id;
    let given_up = bench.notify.skip_delivery(&operator(), &one, head).await;
    given_up.unwrap();
    let pause = WebhookPatch {
        state: Some(WebhookState::Paused),
        ..WebhookPatch::default()
    };
    let patched = bench.notify.patch_webhook(&operator(), &two, pause).await;
    patched.unwrap();
    may_answer.cancel();
    bench.settle().await;
    use DeliveryState::{Dead, Delivered, Waiting};
    assert_eq!(bench.states(&one).await, [Dead, Delivered]);
    assert_eq!(bench.states(&two).await, [Dead, Waiting]);
    let states = [&one, &two].map(|id| bench.notify.get_webhook(id));
    let states = futures_util::future::try_join_all(states).await.unwrap();
    let [one, two] = states.as_slice() else {
        panic!("{states:?}")
    };
    assert_eq!((one.state, one.failing_since), (WebhookState::On, None));
    assert_eq!(
        (two.state, two.state_reason.as_ref()),
        (WebhookState::Paused, None)
    );
    working.end().await;
}

async fn five_days_of_failure_pause_a_webhook_and_on_sends_what_waits(bench: Bench) {
    let receiver = Receiver::start(Manner::Status(500));
    let made = bench.webhook(&receiver, &["task.*"]).await;
    let id = made.webhook.id.as_str();
    let working = bench.work();
    let begun = bench.clock.now();
    for n in 0..3 {
        bench.say(n).await;
    }
    bench.settle().await;
    while let Some(due) = bench.notify.get_webhook(id).await.unwrap().next_at
        && bench.notify.get_webhook(id).await.unwrap().state == WebhookState::On
    {
        bench.wait_until(due);
        bench.settle().await;
    }
    assert_eq!(bench.clock.now(), after(begun, 120));
    use DeliveryState::{Dead, Delivered, Waiting};
    assert_eq!(bench.states(id).await, [Dead, Waiting, Waiting]);
    let webhook = bench.notify.get_webhook(id).await.unwrap();
    assert_eq!((webhook.state, webhook.dead), (WebhookState::Paused, 1));
    bench.say(3).await;
    receiver.behave(Manner::Ok);
    bench.clock.advance(HOUR * 100);
    bench.settle().await;
    assert!(receiver.taken().is_empty(), "it waits for somebody");
    let on = WebhookPatch {
        state: Some(WebhookState::On),
        ..WebhookPatch::default()
    };
    bench
        .notify
        .patch_webhook(&operator(), id, on)
        .await
        .unwrap();
    bench.settle().await;
    assert_eq!(receiver.taken(), [1, 2, 3]);
    let dead = bench.deliveries(id).await[0].delivery.id;
    bench.notify.redeliver(&operator(), id, dead).await.unwrap();
    bench.settle().await;
    assert_eq!(receiver.taken(), [1, 2, 3, 0]);
    assert_eq!(bench.states(id).await, [Delivered; 4]);
    working.end().await;
}

async fn a_killed_worker_leaves_nothing_unsent(bench: Bench) {
    let receiver = Receiver::start(Manner::Hang);
    bench.webhook(&receiver, &["*"]).await;
    let killed = bench.work();
    for n in 0..10 {
        bench.say(n).await;
    }
    bench.notify.look().await.unwrap();
    dabir_testing::eventually("the first is under way", LIMIT, async || {
        (receiver.received().len() == 1).then_some(())
    })
    .await;
    killed.kill();
    receiver.behave(Manner::Ok);
    let working = bench.work();
    // The job's own lease ends by a monotonic clock, and its next claim is due by ours.
    dabir_testing::eventually("the rest is sent", LIMIT, async || {
        bench.clock.advance(Duration::from_secs(1));
        bench.notify.look().await.unwrap();
        (receiver.taken().len() == 10).then_some(())
    })
    .await;
    assert_eq!(receiver.taken(), (0..10).collect::<Vec<u64>>());
    let received = receiver.received();
    assert_eq!(
        received[0].id(),
        received[1].id(),
        "the first came twice, by one name"
    );
    working.end().await;
}

async fn two_processes_tell_each_thing_once(bench: Bench) {
    let receiver = Receiver::start(Manner::Ok);
    bench.webhook(&receiver, &["*"]).await;
    let (_, other) = bench.another();
    let working = bench.work();
    for n in 0..120 {
        bench.say(n).await;
    }
    let (one, two) = tokio::join!(bench.notify.look(), other.look());
    one.unwrap();
    two.unwrap();
    bench.settle().await;
    assert_eq!(receiver.taken(), (0..120).collect::<Vec<u64>>());
    working.end().await;
}
