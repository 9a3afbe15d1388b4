//! Whatever is written gets an answer, the same from both databases and from the rules themselves, and
//! nobody finds what they may not read.

use std::collections::BTreeSet;

use dabir_core::Findable;
use dabir_search::Query;
use dabir_testing::Postgres;
use dabir_text::search::{Query as Asked, terms};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;

use crate::bench::{Bench, entry};

dabir_testing::on_both!(a_query_that_means_something_elsewhere_means_nothing_here);

async fn a_query_that_means_something_elsewhere_means_nothing_here(bench: Bench) {
    bench
        .put(&[entry(
            "1",
            0,
            "and or not near",
            "title: budget* (report) و در از",
        )])
        .await;
    let long = "بودجه ".repeat(2_000);
    for (text, is_found) in [
        ("\"", false),
        ("'", false),
        ("\"\" OR \"\"", true),
        ("budget' OR 1=1 --", false),
        ("budget) report", true),
        ("NOT budget", true),
        ("budget AND", true),
        ("NEAR(budget report, 5)", false),
        ("title : budget", true),
        ("^budget", true),
        ("budget:*", true),
        ("budget & !report", true),
        ("budget <-> report", true),
        ("'budget':A | x", false),
        ("{title} : budget", true),
        ("bud\0get", true),
        ("bu\0d\0get", false),
        ("\0", false),
        ("budget\0", true),
        ("\u{202e}budget\u{202c}", true),
        ("\u{200f}\u{200e}", false),
        ("\\", false),
        ("%", false),
        ("_budget_", true),
        ("و", true),
        ("و در از", true),
        ("در خانه", false),
        ("🙂", false),
        ("\u{fdfa}", false),
        ("-", false),
        ("- - -", false),
        ("-budget", false),
        (long.as_str(), false),
    ] {
        let found = bench.ids(text).await;
        assert_eq!(!found.is_empty(), is_found, "{text:?}");
    }
    for text in [
        "x".repeat(10_000),
        "\"".repeat(10_000),
        "-a ".repeat(3_000),
        "(".repeat(9_999),
    ] {
        assert_eq!(bench.ids(&text).await, [""; 0]);
    }
}

/// Words of which both texts and queries are made, so that they meet.
const WORDS: [&str; 26] = [
    "آب",
    "اب",
    "کتاب",
    "كتابها",
    "کتاب‌های",
    "ها",
    "می‌روم",
    "می",
    "روم",
    "آیین‌نامه",
    "آیین",
    "نامه",
    "و",
    "گفت‌وگو",
    "گفت",
    "گو",
    "۱۲",
    "12",
    "meeting",
    "meetings",
    "don't",
    "the",
    "café",
    "data",
    "base",
    "database",
];
/// What a query may have between its words.
const SIGNS: [&str; 14] = [
    " ", " ", " ", " ", " ", "\"", " \"", "\" ", " -", "«", "»", "*", "\0", "\u{200f}",
];
const READERS: [&str; 3] = ["everyone", "user:1", "user:2"];

fn text(most: usize) -> impl Strategy<Value = String> {
    let word = proptest::sample::select(&WORDS[..]);
    proptest::collection::vec(word, 0..most).prop_map(|words| words.join(" "))
}

fn query() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(&WORDS[..]);
    let sign = proptest::sample::select(&SIGNS[..]);
    let made = proptest::collection::vec((word, sign), 0..6);
    let made = made.prop_map(|pieces| {
        pieces
            .into_iter()
            .map(|(word, sign)| format!("{word}{sign}"))
            .collect()
    });
    prop_oneof![4 => made, 1 => any::<String>(), 1 => "\\PC{0,40}"]
}

type Texts = Vec<(String, String, Vec<&'static str>)>;

fn texts() -> impl Strategy<Value = Texts> {
    let readers = proptest::sample::subsequence(READERS.to_vec(), 0..=2);
    proptest::collection::vec((text(4), text(12), readers), 1..12)
}

/// What the rules say: rank by rank, the newest first.
fn expected(texts: &Texts, query: &str, reader: &str) -> Vec<String> {
    let query = Asked::of(query);
    let sets: Vec<BTreeSet<String>> = texts
        .iter()
        .map(|(title, body, _)| terms(title, body))
        .collect();
    let is_out = |n: &usize| query.excluded().is_some_and(|out| out.holds(&sets[*n]));
    let may_read = |n: &usize| texts[*n].2.contains(&reader);
    let mut found: Vec<String> = Vec::new();
    for rank in query.ranks() {
        let all = (0..texts.len()).rev().filter(may_read);
        for n in all.filter(|n| rank.holds(&sets[*n]) && !is_out(n)) {
            if !found.contains(&n.to_string()) {
                found.push(n.to_string());
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_is_answered_by_the_rules_and_to_those_who_may_read() {
    let sqlite = Bench::open(None).await;
    let postgres = Bench::open(Some(Postgres::start())).await;
    let handle = Handle::current();
    let run = move || {
        let mut runner = TestRunner::new(Config {
            cases: 40,
            ..Config::default()
        });
        let queries = proptest::collection::vec(query(), 8);
        runner.run(&(texts(), queries), |(texts, queries)| {
            for bench in [&sqlite, &postgres] {
                handle.block_on(check(bench, &texts, &queries))?;
            }
            Ok(())
        })
    };
    tokio::task::spawn_blocking(run).await.unwrap().unwrap();
}

async fn check(bench: &Bench, texts: &Texts, queries: &[String]) -> Result<(), TestCaseError> {
    let tx = bench.db.write().await.unwrap();
    for n in 0..12 {
        dabir_search::remove(&tx, "document", &n.to_string())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let entries = texts
        .iter()
        .enumerate()
        .map(|(n, (title, body, readers))| Findable {
            readers: readers.iter().map(|word| (*word).to_owned()).collect(),
            ..entry(&n.to_string(), n as i64, title, body)
        });
    bench.put(&entries.collect::<Vec<_>>()).await;
    for query in queries {
        for reader in READERS {
            let found = bench.ids_of(query, &[reader]).await;
            prop_assert_eq!(
                found,
                expected(texts, query, reader),
                "{:?} of {}",
                query,
                reader
            );
        }
        let stranger = Query {
            text: query.clone(),
            limit: 50,
            ..Query::default()
        };
        let page = bench
            .search
            .find(&stranger, &["user:3".into()])
            .await
            .unwrap();
        prop_assert!(page.items.is_empty());
    }
    Ok(())
}
