//! Making webhooks, trying them out, and looking at what was sent.

use std::time::Duration;

use dabir_notify::{
    DeliveryFilter, DeliveryState, NewWebhook, NotifyError, WebhookPatch, WebhookState,
};

use crate::bench::{Bench, operator};
use crate::receiver::{Manner, Receiver};

dabir_testing::on_both!(
    a_webhook_hears_of_what_it_asked_for,
    what_is_not_allowed_is_refused_by_its_field,
    an_address_is_kept_as_it_was_understood,
    a_secret_is_shown_once_and_two_sign_for_a_day,
    a_test_answers_at_once_and_gets_a_line_going,
    what_came_back_is_kept_as_a_little_text,
    what_waits_can_be_given_up,
    what_is_off_is_told_nothing,
    deliveries_are_listed_by_pages,
    what_is_old_is_forgotten,
    what_is_sent_again_has_its_time_anew,
    a_webhook_whose_secret_cannot_be_read_is_paused,
    nobody_is_sent_for_what_is_gone,
);

async fn a_webhook_hears_of_what_it_asked_for(bench: Bench) {
    let receiver = Receiver::start(Manner::Ok);
    bench.webhook(&receiver, &["task.completed"]).await;
    let working = bench.work();
    for (n, event) in ["task.created", "task.completed", "sync.failed"]
        .into_iter()
        .enumerate()
    {
        bench.say_that(event, n as u64, &[]).await;
    }
    bench.settle().await;
    let received = receiver.received();
    assert_eq!(receiver.taken(), [1]);
    let body = received[0].json();
    assert_eq!(body["type"], "task.completed");
    assert_eq!(body["timestamp"], "2026-11-22T09:00:00Z");
    assert_eq!(body["data"]["by"]["name"], "operator");
    assert_eq!(body["data"]["subject"]["id"], "t1");
    assert_eq!(received[0].header("content-type"), "application/json");
    assert_eq!(received[0].header("webhook-timestamp"), "1795338000");
    assert!(received[0].id().starts_with("msg_"));
    assert!(received[0].header("user-agent").starts_with("dabir/"));
    working.end().await;
}

async fn what_is_not_allowed_is_refused_by_its_field(bench: Bench) {
    let field = async |url: &str, events: &[&str], description: &str| {
        let new = NewWebhook {
            url: url.to_owned(),
            events: events.iter().map(ToString::to_string).collect(),
            description: description.to_owned(),
        };
        match bench.notify.create_webhook(&operator(), new).await {
            Err(NotifyError::Invalid(fields)) => fields[0].field.clone(),
            other => panic!("{other:?}"),
        }
    };
    let fine = "https://hooks.example/";
    assert_eq!(field("http://10.1.2.3/", &["*"], "").await, "url");
    assert_eq!(field("ftp://hooks.example/", &["*"], "").await, "url");
    assert_eq!(field("https://u:p@hooks.example/", &["*"], "").await, "url");
    assert_eq!(field(fine, &[], "").await, "events");
    assert_eq!(field(fine, &["task.complete"], "").await, "events");
    assert_eq!(field(fine, &["tusk.*"], "").await, "events");
    assert_eq!(field(fine, &["*"], "a\nb").await, "description");
    assert_eq!(bench.notify.list_webhooks().await.unwrap(), []);
    assert!(matches!(
        bench.notify.get_webhook("none").await,
        Err(NotifyError::NotFound("webhook"))
    ));
}

async fn an_address_is_kept_as_it_was_understood(bench: Bench) {
    let new = NewWebhook {
        url: " HTTPS://Hooks.Example:443/a\tb\n".to_owned(),
        events: vec!["*".to_owned()],
        description: String::new(),
    };
    let made = bench.notify.create_webhook(&operator(), new).await.unwrap();
    assert_eq!(made.webhook.url, "https://hooks.example/ab");
    let id = made.webhook.id.as_str();
    assert_eq!(bench.notify.get_webhook(id).await.unwrap(), made.webhook);
    let patch = async |path: &str| {
        let patch = WebhookPatch {
            url: Some(format!("https://hooks.example/{path}")),
            ..WebhookPatch::default()
        };
        bench.notify.patch_webhook(&operator(), id, patch).await
    };
    let changed = patch("نامه").await.unwrap();
    assert_eq!(
        changed.url,
        "https://hooks.example/%D9%86%D8%A7%D9%85%D9%87"
    );
    let too_long = patch(&"ن".repeat(900)).await;
    assert!(matches!(too_long, Err(NotifyError::Invalid(_))));
}

async fn a_secret_is_shown_once_and_two_sign_for_a_day(bench: Bench) {
    let receiver = Receiver::start(Manner::Ok);
    let made = bench.webhook(&receiver, &["*"]).await;
    let id = made.webhook.id.as_str();
    let first = made.secret.expose();
    let rotated = bench.notify.rotate_secret(&operator(), id).await.unwrap();
    let second = rotated.secret.expose();
    let working = bench.work();
    bench.say(0).await;
    bench.settle().await;
    bench.clock.advance(Duration::from_secs(24 * 3_600 + 1));
    bench.say(1).await;
    bench.settle().await;
    let received = receiver.received();
    assert!(received[0].is_signed_with(first) && received[0].is_signed_with(second));
    assert!(!received[1].is_signed_with(first) && received[1].is_signed_with(second));
    let kept = bench
        .text("SELECT sealed || COALESCE(old_sealed, '') FROM webhook")
        .await;
    let audited = bench.text("SELECT COALESCE(after, '') FROM audit").await;
    let shown = serde_json::to_string(&bench.notify.list_webhooks().await.unwrap()).unwrap();
    for text in [kept, audited, shown] {
        for secret in [first, second] {
            assert!(
                !text.contains(secret.trim_start_matches("whsec_")),
                "{text}"
            );
        }
    }
    working.end().await;
}

async fn a_test_answers_at_once_and_gets_a_line_going(bench: Bench) {
    let receiver = Receiver::start(Manner::Status(503));
    let made = bench.webhook(&receiver, &["task.*"]).await;
    let id = made.webhook.id.as_str();
    let working = bench.work();
    bench.say(0).await;
    bench.settle().await;
    let test = async |event| bench.notify.test_webhook(&operator(), id, event).await;
    let failed = test(None).await.unwrap();
    assert_eq!(failed.delivery.state, DeliveryState::Dead);
    assert_eq!(failed.log[0].status, Some(503));
    assert_eq!(bench.notify.get_webhook(id).await.unwrap().dead, 0);
    receiver.behave(Manner::Ok);
    let got_through = test(Some("task.assigned")).await.unwrap();
    assert_eq!(got_through.delivery.state, DeliveryState::Delivered);
    assert!(got_through.delivery.is_test);
    bench.settle().await;
    assert_eq!(bench.notify.get_webhook(id).await.unwrap().waiting, 0);
    let types: Vec<String> = receiver
        .received()
        .iter()
        .map(|one| one.json()["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        types,
        [
            "task.completed",
            "webhook.test",
            "task.assigned",
            "task.completed"
        ]
    );
    assert!(matches!(
        test(Some("sync.failed")).await,
        Err(NotifyError::Invalid(_))
    ));
    assert!(matches!(
        test(Some("no.event")).await,
        Err(NotifyError::Invalid(_))
    ));
    let again = bench
        .notify
        .redeliver(&operator(), id, got_through.delivery.id)
        .await;
    assert!(matches!(again, Err(NotifyError::State(_))));
    working.end().await;
}

async fn what_came_back_is_kept_as_a_little_text(bench: Bench) {
    let receiver = Receiver::start(Manner::Status(500));
    let made = bench.webhook(&receiver, &["*"]).await;
    let id = made.webhook.id.as_str();
    let test = async || {
        let tested = bench.notify.test_webhook(&operator(), id, None).await;
        tested.unwrap().log.remove(0)
    };
    let attempt = test().await;
    assert_eq!(attempt.error.as_deref(), Some("it answered 500"));
    assert_eq!(attempt.response_body.as_deref(), Some("not <b>now</b>"));
    assert!(attempt.response_headers.unwrap()["content-type"].is_string());
    assert!(attempt.request_headers["webhook-signature"].is_string());
    receiver.behave(Manner::Flood);
    let attempt = test().await;
    assert_eq!(attempt.response_body.unwrap().len(), 1_024);
    assert_eq!(attempt.error, None);
    let other = Receiver::start(Manner::Ok);
    receiver.behave(Manner::Redirect(other.url()));
    let attempt = test().await;
    assert!(
        attempt
            .error
            .unwrap()
            .contains("redirects are not followed")
    );
    assert_eq!(other.received().len(), 0);
}

async fn what_waits_can_be_given_up(bench: Bench) {
    let receiver = Receiver::start(Manner::Status(422));
    let made = bench.webhook(&receiver, &["*"]).await;
    let id = made.webhook.id.as_str();
    let working = bench.work();
    bench.say(0).await;
    bench.say(1).await;
    bench.settle().await;
    let head = bench.deliveries(id).await[0].delivery.id;
    receiver.behave(Manner::Ok);
    let skip = async |delivery| bench.notify.skip_delivery(&operator(), id, delivery).await;
    assert_eq!(
        skip(head).await.unwrap().delivery.state,
        DeliveryState::Dead
    );
    bench.settle().await;
    assert_eq!(receiver.taken(), [1]);
    assert!(matches!(skip(head).await, Err(NotifyError::State(_))));
    assert!(matches!(
        skip(0).await,
        Err(NotifyError::NotFound("delivery"))
    ));
    working.end().await;
}

async fn what_is_off_is_told_nothing(bench: Bench) {
    let receiver = Receiver::start(Manner::Ok);
    let made = bench.webhook(&receiver, &["*"]).await;
    let id = made.webhook.id.as_str();
    let turn = async |state| {
        let patch = WebhookPatch {
            state: Some(state),
            ..WebhookPatch::default()
        };
        bench
            .notify
            .patch_webhook(&operator(), id, patch)
            .await
            .unwrap()
    };
    let working = bench.work();
    turn(WebhookState::Paused).await;
    bench.say(0).await;
    bench.settle().await;
    let off = turn(WebhookState::Off).await;
    assert_eq!((off.waiting, off.dead), (0, 1), "what waited is given up");
    bench.say(1).await;
    bench.settle().await;
    assert!(matches!(
        bench
            .notify
            .redeliver(&operator(), id, bench.deliveries(id).await[0].delivery.id)
            .await,
        Err(NotifyError::State(_))
    ));
    turn(WebhookState::On).await;
    bench.say(2).await;
    bench.settle().await;
    assert_eq!(receiver.taken(), [2]);
    bench.notify.delete_webhook(&operator(), id).await.unwrap();
    assert_eq!(bench.text("SELECT event FROM webhook_delivery").await, "");
    working.end().await;
}

async fn deliveries_are_listed_by_pages(bench: Bench) {
    let receiver = Receiver::start(Manner::Ok);
    let made = bench.webhook(&receiver, &["*"]).await;
    let id = made.webhook.id.as_str();
    for n in 0..5 {
        bench.say(n).await;
    }
    bench.say_that("sync.failed", 5, &[]).await;
    bench.notify.look().await.unwrap();
    let list = async |filter: &DeliveryFilter, before| {
        let page = bench.notify.list_deliveries(id, filter, before, 2).await;
        let page = page.unwrap();
        let names: Vec<String> = page.items.iter().map(|one| one.subject.clone()).collect();
        (names, page.next_cursor)
    };
    let all = DeliveryFilter::default();
    let (first, next) = list(&all, None).await;
    assert_eq!(first, ["Task 5", "Task 4"]);
    let (second, _) = list(&all, next.map(|next| next.parse().unwrap())).await;
    assert_eq!(second, ["Task 3", "Task 2"]);
    let failed = DeliveryFilter {
        event: Some("sync.failed".to_owned()),
        state: Some(DeliveryState::Waiting),
    };
    assert_eq!(list(&failed, None).await, (vec!["Task 5".to_owned()], None));
}

async fn what_is_old_is_forgotten(bench: Bench) {
    let receiver = Receiver::start(Manner::Ok);
    let made = bench.webhook(&receiver, &["*"]).await;
    let id = made.webhook.id.as_str();
    let working = bench.work();
    bench.say(0).await;
    bench.settle().await;
    let pause = WebhookPatch {
        state: Some(WebhookState::Paused),
        ..WebhookPatch::default()
    };
    bench
        .notify
        .patch_webhook(&operator(), id, pause)
        .await
        .unwrap();
    bench.say(1).await;
    bench.notify.look().await.unwrap();
    bench.clock.advance(Duration::from_secs(31 * 86_400));
    bench.notify.forget().await.unwrap();
    let left = bench.deliveries(id).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].delivery.state, DeliveryState::Dead);
    assert!(
        left[0]
            .delivery
            .last_error
            .as_ref()
            .unwrap()
            .contains("too long")
    );
    assert_eq!(bench.text("SELECT request FROM webhook_attempt").await, "");
    working.end().await;
}

async fn what_is_sent_again_has_its_time_anew(bench: Bench) {
    let receiver = Receiver::start(Manner::Ok);
    let made = bench.webhook(&receiver, &["*"]).await;
    let id = made.webhook.id.as_str();
    let working = bench.work();
    bench.say(0).await;
    bench.settle().await;
    let pause = WebhookPatch {
        state: Some(WebhookState::Paused),
        ..WebhookPatch::default()
    };
    let paused = bench.notify.patch_webhook(&operator(), id, pause).await;
    paused.unwrap();
    let delivery = bench.deliveries(id).await[0].delivery.id;
    bench.clock.advance(Duration::from_secs(31 * 86_400));
    let again = bench.notify.redeliver(&operator(), id, delivery).await;
    again.unwrap();
    bench.notify.forget().await.unwrap();
    assert_eq!(bench.states(id).await, [DeliveryState::Waiting]);
    bench.clock.advance(Duration::from_secs(31 * 86_400));
    bench.notify.forget().await.unwrap();
    assert_eq!(bench.states(id).await, [DeliveryState::Dead]);
    working.end().await;
}

async fn a_webhook_whose_secret_cannot_be_read_is_paused(bench: Bench) {
    let receiver = Receiver::start(Manner::Ok);
    let made = bench.webhook(&receiver, &["task.*"]).await;
    let id = made.webhook.id.as_str();
    bench.execute("UPDATE webhook SET sealed = 'AAAA'").await;
    let working = bench.work();
    bench.say(0).await;
    bench.settle().await;
    let webhook = bench.notify.get_webhook(id).await.unwrap();
    assert_eq!((webhook.state, webhook.waiting), (WebhookState::Paused, 1));
    let rotated = bench.notify.rotate_secret(&operator(), id).await.unwrap();
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
    assert!(receiver.received()[0].is_signed_with(rotated.secret.expose()));
    working.end().await;
}

async fn nobody_is_sent_for_what_is_gone(bench: Bench) {
    let receiver = Receiver::start(Manner::Ok);
    let made = bench.webhook(&receiver, &["*"]).await;
    bench.say(0).await;
    bench.notify.look().await.unwrap();
    bench.execute("DELETE FROM webhook_delivery").await;
    let working = bench.work();
    bench.settle().await;
    let webhook = bench.notify.get_webhook(&made.webhook.id).await.unwrap();
    assert_eq!(webhook.next_at, None);
    assert!(receiver.received().is_empty());
    working.end().await;
}
