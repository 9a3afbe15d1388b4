//! What people look for is found, by both databases alike: the queries of `tests/golden.txt`.

use std::collections::BTreeSet;

use dabir_core::Findable;
use dabir_testing::Postgres;

use crate::bench::{Bench, entry};

const GOLDEN: &str = include_str!("../golden.txt");
/// The share of all answers that has to be found.
const RECALL: f64 = 0.98;
/// The share of what is found that has to be an answer.
const PRECISION: f64 = 0.90;

struct Case {
    query: String,
    wanted: BTreeSet<String>,
}

/// The texts, the later ones newer, and the queries.
fn golden() -> (Vec<Findable>, Vec<Case>) {
    let (mut texts, mut cases): (Vec<Findable>, Vec<Case>) = (Vec::new(), Vec::new());
    for line in GOLDEN.lines() {
        if let Some(text) = line.strip_prefix("= ") {
            let (id, title) = text.split_once(" | ").unwrap();
            let age = i64::try_from(texts.len()).unwrap();
            texts.push(entry(id, age, title, ""));
        } else if let Some(case) = line.strip_prefix("? ") {
            let (query, wanted) = case.rsplit_once(':').unwrap();
            let query = query.trim();
            cases.push(Case {
                // A space ends the last word.
                query: query
                    .strip_suffix('…')
                    .map_or(format!("{query} "), str::to_owned),
                wanted: wanted.split_whitespace().map(str::to_owned).collect(),
            });
        } else if let Some(text) = texts.last_mut().filter(|_| !line.starts_with('#')) {
            text.body += line;
            text.body.push('\n');
        }
    }
    (texts, cases)
}

/// What is found for each query, in its order.
async fn ask(bench: Bench, texts: &[Findable], cases: &[Case]) -> Vec<Vec<String>> {
    bench.put(texts).await;
    let mut found = Vec::new();
    for case in cases {
        found.push(bench.ids(&case.query).await);
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_look_for_is_found_and_both_databases_answer_alike() {
    let (texts, cases) = golden();
    assert!(cases.len() >= 200, "{}", cases.len());
    let names: BTreeSet<&String> = texts.iter().map(|text| &text.id).collect();
    assert!(
        cases
            .iter()
            .all(|case| case.wanted.iter().all(|id| names.contains(id)))
    );
    let sqlite = ask(Bench::open(None).await, &texts, &cases).await;
    let postgres = ask(Bench::open(Some(Postgres::start())).await, &texts, &cases).await;
    assert_eq!(sqlite, postgres);
    measure(&cases, &sqlite);
}

/// Every answer of every query counts the same.
#[expect(clippy::print_stdout, reason = "a measurement is to be read")]
fn measure(cases: &[Case], found: &[Vec<String>]) {
    let (mut right, mut all_wanted, mut all_found, mut first) = (0, 0, 0, 0);
    for (case, found) in cases.iter().zip(found) {
        let hits = found.iter().filter(|id| case.wanted.contains(*id)).count();
        let missed = case.wanted.iter().filter(|id| !found.contains(id));
        let missed: Vec<&String> = missed.collect();
        let other = found.iter().filter(|id| !case.wanted.contains(*id));
        let other: Vec<&String> = other.collect();
        if !missed.is_empty() || !other.is_empty() {
            println!("{}: missed {missed:?}, found too {other:?}", case.query);
        }
        right += hits;
        all_wanted += case.wanted.len();
        all_found += found.len();
        let is_first = found.first().is_none_or(|id| case.wanted.contains(id));
        first += usize::from(is_first);
    }
    let share = |part: usize, all: usize| part as f64 / all as f64;
    let (recall, precision) = (share(right, all_wanted), share(right, all_found));
    let first = share(first, cases.len());
    println!("recall {recall:.3}, precision {precision:.3}, the first is right {first:.3}");
    assert!(recall >= RECALL, "recall {recall:.3}");
    assert!(precision >= PRECISION, "precision {precision:.3}");
}
