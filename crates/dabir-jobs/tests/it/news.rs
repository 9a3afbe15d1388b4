//! What one process hears of the others.

use std::time::Duration;

use dabir_core::event::Numbered;
use dabir_core::{Event, Events};
use dabir_jobs::{JobState, Jobs};
use serde_json::json;
use sqlx::postgres::PgListener;
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;

use crate::bench::{Bench, Do, operator};

/// Ample for what should take a second.
const SOON: Duration = Duration::from_secs(10);
/// As long as news take.
const WHILE: Duration = Duration::from_millis(1_200);

async fn listeners_hear_of_what_other_processes_do(bench: Bench) {
    let events = Events::default();
    let console = Jobs::new(bench.db.clone(), bench.clock.clone(), events.clone());
    let mut heard = events.subscribe(None).receiver;
    let telling = tokio::spawn(async move { console.tell().await });
    assert!(timeout(WHILE, heard.recv()).await.is_err(), "nothing yet");
    let id = bench.enqueue(Do::Say(json!(1))).await;
    one_word(&mut heard).await;
    bench.jobs.cancel(&operator(), id).await.unwrap();
    one_word(&mut heard).await;
    bench.jobs.retry(&operator(), id, None).await.unwrap();
    one_word(&mut heard).await;
    let worker = bench.work();
    bench.until(id, JobState::Succeeded).await;
    timeout(SOON, heard.recv()).await.unwrap().unwrap();
    worker.end().await;
    telling.abort();
}

/// One, and then silence while nothing happens.
async fn one_word(heard: &mut Receiver<Numbered>) {
    let news = timeout(SOON, heard.recv()).await.unwrap().unwrap();
    assert!(matches!(news.event, Event::JobsChanged {}));
    assert!(timeout(WHILE, heard.recv()).await.is_err(), "said twice");
}

async fn a_process_without_workers_tells_those_of_others_what_is_due(bench: Bench) {
    if bench.postgres.is_none() {
        return;
    }
    let mut worker = PgListener::connect(&bench.url).await.unwrap();
    worker.listen("dabir_jobs").await.unwrap();
    let jobs = bench.jobs.clone();
    let telling = tokio::spawn(async move { jobs.tell().await });
    bench.enqueue(Do::Say(json!(1))).await;
    timeout(SOON, worker.recv()).await.unwrap().unwrap();
    telling.abort();
}

dabir_testing::on_both!(
    listeners_hear_of_what_other_processes_do,
    a_process_without_workers_tells_those_of_others_what_is_due,
);
