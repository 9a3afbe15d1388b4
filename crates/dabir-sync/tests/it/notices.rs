//! What people are told of sources, whoever listens and whenever.

use std::time::Duration;

use dabir_core::event::Numbered;
use dabir_core::{Event, Events};
use dabir_db::outbox::Said;
use dabir_http::Egress;
use dabir_sync::{Mode, Status, Syncs};
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::bench::{Bench, succeeded};

dabir_testing::on_both!(
    a_failure_is_told_after_a_restart_and_once,
    every_process_tells_its_own_listeners,
    a_late_source_is_told_once_and_recovers,
);

/// A process with listeners.
struct Telling {
    heard: Receiver<Numbered>,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Telling {
    fn begin(bench: &Bench) -> Self {
        let events = Events::default();
        let source = bench.source(&json!({ "enabled": true, "interval": "1m" }));
        let syncs = bench.process(vec![source], Egress::default(), &events);
        let cancel = CancellationToken::new();
        Self {
            heard: events.subscribe(None).receiver,
            task: tokio::spawn(dabir_sync::worker::tell(syncs, cancel.clone())),
            cancel,
        }
    }

    /// The next thing that is told of a source, but for how its runs get on.
    async fn next(&mut self) -> String {
        let limit = Duration::from_secs(20);
        loop {
            let event = tokio::time::timeout(limit, self.heard.recv()).await;
            let Event::SyncChanged { status, .. } = event.unwrap().unwrap().event else {
                continue;
            };
            if ["failed", "recovered", "late"].contains(&status.as_str()) {
                return status;
            }
        }
    }

    async fn end(self) {
        self.cancel.cancel();
        self.task.await.unwrap();
    }
}

/// A run that fails while nobody listens.
async fn fail(bench: &Bench, syncs: &Syncs) {
    bench
        .gateway
        .set(|gateway| gateway.broken = Some(("1100".to_owned(), 404)));
    let run = bench.sync(syncs, Mode::Full).await;
    assert_eq!(run.run.status, Status::Failed);
    bench.gateway.set(|gateway| gateway.broken = None);
}

async fn a_failure_is_told_after_a_restart_and_once(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    fail(&bench, &syncs).await;
    let mut first = Telling::begin(&bench);
    assert_eq!(first.next().await, "failed");
    bench.told().await;
    first.end().await;
    let mut second = Telling::begin(&bench);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    assert_eq!(second.next().await, "recovered", "the failure was told");
    second.end().await;
    working.end().await;
    let said = bench.said().await;
    assert_eq!(
        events(&said),
        ["sync.failed", "sync.succeeded", "sync.recovered"]
    );
    assert_eq!(said[0].subject_name, "students");
    assert!(said[0].data["error_message"].is_string());
    assert!(said[1].data["records_count"].as_u64().unwrap() > 0);
}

async fn every_process_tells_its_own_listeners(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    let (mut one, mut other) = (Telling::begin(&bench), Telling::begin(&bench));
    for _ in 0..2 {
        fail(&bench, &syncs).await;
        assert_eq!((one.next().await, other.next().await), both("failed"));
        succeeded(&bench.sync(&syncs, Mode::Full).await);
        assert_eq!((one.next().await, other.next().await), both("recovered"));
    }
    one.end().await;
    other.end().await;
    working.end().await;
}

fn both(word: &str) -> (String, String) {
    (word.to_owned(), word.to_owned())
}

async fn a_late_source_is_told_once_and_recovers(bench: Bench) {
    let syncs = bench.syncs(vec![bench.students()]);
    let working = bench.work(&syncs);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    bench.execute("UPDATE data_syncs SET finished_at = 0").await;
    let mut first = Telling::begin(&bench);
    assert_eq!(first.next().await, "late");
    bench.told().await;
    first.end().await;
    let mut second = Telling::begin(&bench);
    succeeded(&bench.sync(&syncs, Mode::Full).await);
    assert_eq!(second.next().await, "recovered", "that it is late was told");
    second.end().await;
    working.end().await;
    let said = [
        "sync.succeeded",
        "sync.late",
        "sync.succeeded",
        "sync.recovered",
    ];
    assert_eq!(events(&bench.said().await), said);
}

fn events(said: &[Said]) -> Vec<&str> {
    said.iter().map(|said| said.event.as_str()).collect()
}
