//! A server that is killed in the middle of its work: what it acknowledged is there afterwards.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use dabir_core::Clock;
use dabir_db::Db;

use crate::bench::{Bench, service};
use crate::page::{Page, insert};

const FOLDER: &str = "DABIR_CRASH_FOLDER";
const URL: &str = "DABIR_CRASH_URL";
const ID: &str = "DABIR_CRASH_DOCUMENT";
const LIFE: &str = "DABIR_CRASH_LIFE";
const CHILD: &str = "crash::a_server_that_is_killed";

/// How many lives a server has here.
const LIVES: usize = 6;

/// What the killed process does: four pages type, and each word is told once it is acknowledged.
#[test]
#[ignore = "others start it, and kill it"]
fn a_server_that_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let read = |name: &str| std::env::var(name).unwrap();
    let (url, id, life) = (read(URL), read(ID), read(LIFE));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async move {
        let db = Db::open(&url, Path::new(&folder)).await.unwrap();
        let documents = service(&db, &Clock::system());
        let typing = (0..4).map(|page| {
            let (documents, id, life) = (documents.clone(), id.clone(), life.clone());
            tokio::spawn(async move { type_on(page, &documents, &id, &life).await })
        });
        for typing in typing.collect::<Vec<_>>() {
            typing.await.unwrap();
        }
    });
}

async fn type_on(number: usize, documents: &dabir_writing::Documents, id: &str, life: &str) {
    let mut page = Page::open("ali", documents, id).await;
    for word in 0.. {
        let word = format!("l{life}p{number}w{word}.");
        page.change(|doc| insert(doc, 0, &word)).await;
        page.settle().await;
        assert_eq!(page.closed, None);
        // Past the test's own capture, at once.
        let line = format!("acknowledged {word}\n");
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
        std::io::stdout().flush().unwrap();
    }
}

async fn what_was_acknowledged_outlives_a_kill(bench: Bench) {
    let id = bench.make("t", "begin").await;
    let mut acknowledged = Vec::new();
    for life in 0..LIVES {
        // A few more words each time, so that it dies at other points.
        let words = 3 + life * 7;
        let told = live_and_die(&bench, &id, life, words);
        assert!(told.len() >= words, "life {life} told {told:?}");
        acknowledged.extend(told);
        let text = bench.text(&id).await;
        for word in &acknowledged {
            assert!(
                text.contains(word.as_str()),
                "{word} is lost after life {life}"
            );
        }
    }
    // Whoever died could not derive what follows; somebody else does.
    bench.clock.set(Clock::system().now());
    bench.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(bench.documents.settle().await.unwrap(), 1);
    assert_eq!(bench.documents.settle().await.unwrap(), 0);
}

/// Starts a server, kills it after so many words, and answers all that it acknowledged.
fn live_and_die(bench: &Bench, id: &str, life: usize, words: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", CHILD, "--ignored", "--nocapture"])
        .env(FOLDER, bench.folder())
        .env(URL, bench.url())
        .env(ID, id)
        .env(LIFE, life.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap_or_default();
        if let Some((_, word)) = line.split_once("acknowledged ") {
            told.push(word.to_owned());
        }
        if told.len() == words {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    // The last line may be cut in the middle.
    told.retain(|word| word.ends_with('.'));
    told
}

dabir_testing::on_both!(what_was_acknowledged_outlives_a_kill);
