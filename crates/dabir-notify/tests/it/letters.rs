//! Mail through a real server, and text messages through a gateway.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use dabir_core::Secret;
use dabir_jobs::{JobFilter, JobState};
use dabir_notify::{Channels, Digest, Language, MailConfig, NewChoices, NotifyError, SmsConfig};
use dabir_testing::Running;
use dabir_testing::process::tied_to_us;
use serde_json::Value;

use crate::bench::{Bench, LIMIT, REZA, SARA, operator};

dabir_testing::on_both!(
    each_gets_mail_in_their_language,
    what_the_server_puts_off_is_tried_again_and_what_it_refuses_is_not,
    a_digest_tells_all_of_an_hour_at_once,
    nothing_goes_out_without_encryption_unless_the_file_says_so,
    text_messages_go_through_the_gateway_and_not_too_many,
    with_nothing_configured_nothing_is_offered,
);

/// A real mail server.
struct Post {
    server: Running,
    port: u16,
}

impl Post {
    fn open(options: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp_server.py");
        let mut command = tied_to_us(dabir_testing::python());
        command.arg(script).args(options);
        let server = Running::spawn(command);
        let line = server.wait_for_line(LIMIT, |line| line.starts_with("ready "));
        let port = line.trim_start_matches("ready ").parse().unwrap();
        Self { server, port }
    }

    fn config(&self, user: &str, query: &str) -> MailConfig {
        MailConfig {
            url: Secret::new(format!("smtp://{user}127.0.0.1:{}{query}", self.port)),
            from: "Dabir <dabir@example.org>".to_owned(),
        }
    }

    fn taken(&self) -> Vec<Value> {
        let lines = self.server.lines();
        let mails = lines.iter().filter(|line| line.starts_with('{'));
        mails
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    async fn wait_for(&self, many: usize) -> Vec<Value> {
        dabir_testing::eventually("the mail", LIMIT, async || {
            let taken = self.taken();
            (taken.len() >= many).then_some(taken)
        })
        .await
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.server.kill9();
    }
}

async fn each_gets_mail_in_their_language(bench: Bench) {
    let post = Post::open(&["--password", "correct horse@"]);
    let mail = post.config("dabir:correct%20horse%40@", "?tls=none");
    let bench = bench.with(mail, SmsConfig::default());
    let working = bench.work();
    bench.say_that("task.assigned", 7, &[SARA, REZA]).await;
    bench.say_that("task.commented", 7, &[SARA]).await;
    bench.settle().await;
    let mut taken = post.wait_for(2).await;
    taken.sort_by_key(|mail| mail["to"].to_string());
    let [reza, sara] = taken.as_slice() else {
        panic!("{taken:?}")
    };
    assert_eq!(reza["to"][0], "reza@example.org");
    assert_eq!(
        reza["headers"]["subject"],
        "operator کار «Task 7» را به شما سپرد"
    );
    assert!(
        reza["html"]
            .as_str()
            .unwrap()
            .contains("<html lang=\"fa\" dir=\"rtl\">")
    );
    assert_eq!(
        sara["headers"]["subject"],
        "operator gave you the task “Task 7”"
    );
    assert_eq!(sara["headers"]["to"], "Sara <sara@example.org>");
    assert_eq!(sara["from"], "dabir@example.org");
    let text = sara["text"].as_str().unwrap();
    assert!(text.contains("https://dabir.example/tasks/t7"), "{text}");
    assert!(text.contains("https://dabir.example/account#notifications"));
    assert!(sara["html"].as_str().unwrap().contains("dir=\"ltr\""));
    working.end().await;
}

async fn what_the_server_puts_off_is_tried_again_and_what_it_refuses_is_not(bench: Bench) {
    let post = Post::open(&["--later", "2"]);
    let bench = bench.with(post.config("", "?tls=none"), SmsConfig::default());
    let working = bench.work();
    bench.say_that("task.assigned", 1, &[SARA]).await;
    bench.notify.look().await.unwrap();
    dabir_testing::eventually("the third try", LIMIT, async || {
        bench.clock.advance(Duration::from_secs(60));
        bench.jobs.wake();
        (post.taken().len() == 1).then_some(())
    })
    .await;
    bench.settle().await;
    working.end().await;
    let refusing = Post::open(&["--refuse"]);
    let bench = bench.with(refusing.config("", "?tls=none"), SmsConfig::default());
    let working = bench.work();
    bench.say_that("task.assigned", 2, &[SARA]).await;
    bench.settle().await;
    let failed = JobFilter {
        state: vec![JobState::Failed],
        ..JobFilter::default()
    };
    let dead = bench.jobs.list(&failed, None, 10).await.unwrap().items;
    assert_eq!(dead.len(), 1);
    let why = dead[0].last_error.as_ref().unwrap();
    assert!(why.contains("nobody of this name lives here"), "{why}");
    assert_eq!(dead[0].errors, 1, "it was not tried again");
    working.end().await;
}

async fn a_digest_tells_all_of_an_hour_at_once(bench: Bench) {
    let post = Post::open(&[]);
    let bench = bench.with(post.config("", "?tls=none"), SmsConfig::default());
    let hourly = NewChoices {
        digest: Digest::Hourly,
        ..NewChoices::default()
    };
    bench
        .notify
        .choose(&operator(), SARA, &hourly)
        .await
        .unwrap();
    let working = bench.work();
    for n in 0..3 {
        bench.say_that("task.assigned", n, &[SARA]).await;
        bench.notify.look().await.unwrap();
        bench.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(
        post.taken().len(),
        0,
        "the hour of Tehran ends at half past"
    );
    bench.wait_until("2026-11-22T09:30:00Z".parse().unwrap());
    bench.settle().await;
    let taken = post.wait_for(1).await;
    assert_eq!(taken[0]["headers"]["subject"], "3 new things in Dabir");
    for n in 0..3 {
        assert!(
            taken[0]["text"]
                .as_str()
                .unwrap()
                .contains(&format!("“Task {n}”"))
        );
    }
    bench.clock.advance(Duration::from_secs(7_200));
    bench.settle().await;
    assert_eq!(post.taken().len(), 1);
    assert_eq!(bench.text("SELECT item FROM notify_waiting").await, "");
    working.end().await;
}

async fn nothing_goes_out_without_encryption_unless_the_file_says_so(bench: Bench) {
    let post = Post::open(&[]);
    let strict = bench.with(post.config("", ""), SmsConfig::default());
    let refused = strict
        .notify
        .test_mail("sara@example.org", Language::En)
        .await;
    let Err(NotifyError::Mail(why)) = refused else {
        panic!("{refused:?}")
    };
    assert!(why.to_lowercase().contains("starttls"), "{why}");
    let open = strict.with(post.config("", "?tls=none"), SmsConfig::default());
    open.notify
        .test_mail("sara@example.org", Language::Fa)
        .await
        .unwrap();
    let taken = post.wait_for(1).await;
    assert_eq!(taken[0]["headers"]["subject"], "نامهٔ آزمایشی دبیر");
    let nobody = open.notify.test_mail("sara", Language::Fa).await;
    assert!(matches!(nobody, Err(NotifyError::Invalid(_))));
}

/// What a gateway of text messages was asked.
type Asked = Arc<Mutex<Vec<(String, HeaderMap, String)>>>;

async fn gateway() -> (u16, Asked) {
    let asked = Asked::default();
    let heard = asked.clone();
    let answer = move |uri: Uri, headers: HeaderMap, body: String| {
        let heard = heard.clone();
        async move {
            let mut heard = heard.lock().unwrap();
            heard.push((uri.to_string(), headers, body));
            // The first one is put off.
            match heard.len() {
                1 => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::OK,
            }
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (port, asked)
}

async fn text_messages_go_through_the_gateway_and_not_too_many(bench: Bench) {
    let (port, asked) = gateway().await;
    let sms = SmsConfig {
        url: Secret::new(format!("http://127.0.0.1:{port}/send?to={{to}}")),
        headers: vec![Secret::new("X-Key: s3cret")],
        ..SmsConfig::default()
    };
    let bench = bench.with(MailConfig::default(), sms);
    let by_sms = Channels {
        inbox: true,
        mail: true,
        sms: true,
    };
    let wishes = NewChoices {
        events: BTreeMap::from([("task.assigned".to_owned(), by_sms)]),
        phone: Some("+989121234567".to_owned()),
        ..NewChoices::default()
    };
    bench
        .notify
        .choose(&operator(), REZA, &wishes)
        .await
        .unwrap();
    let working = bench.work();
    for n in 0..9 {
        bench.say_that("task.assigned", n, &[REZA, SARA]).await;
    }
    bench.notify.look().await.unwrap();
    dabir_testing::eventually("all jobs are done", LIMIT, async || {
        bench.clock.advance(Duration::from_millis(200));
        bench.jobs.wake();
        let living = JobFilter {
            state: vec![JobState::Queued, JobState::Running],
            ..JobFilter::default()
        };
        (bench.jobs.count(&living).await.unwrap() == 0).then_some(())
    })
    .await;
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 6, "one that failed, and five in an hour");
    let sent = bench.text("SELECT user_id FROM notify_sms").await;
    assert!(sent.lines().count() == 5 && sent.lines().all(|user| user == REZA));
    let (uri, headers, body) = &asked[0];
    assert_eq!(uri, "/send?to=%2B989121234567");
    assert_eq!(headers["x-key"], "s3cret");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["to"], "+989121234567");
    assert!(body["text"].as_str().unwrap().ends_with("را به شما سپرد"));
    working.end().await;
}

async fn with_nothing_configured_nothing_is_offered(bench: Bench) {
    let working = bench.work();
    bench.say_that("task.assigned", 1, &[SARA]).await;
    bench.settle().await;
    let chosen = bench.notify.choices(SARA).await.unwrap();
    assert!(!chosen.offered.mail && !chosen.offered.sms);
    assert_eq!(bench.notify.count_unread(SARA).await.unwrap(), 1);
    let test = bench
        .notify
        .test_mail("sara@example.org", Language::En)
        .await;
    assert!(matches!(test, Err(NotifyError::NoMail)));
    assert_eq!(bench.jobs.count(&JobFilter::default()).await.unwrap(), 0);
    working.end().await;
}
