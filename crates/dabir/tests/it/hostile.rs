//! Files made to do harm, through the door by which every file comes.

use std::time::{Duration, Instant};

use dabir_testing::eventually;
use dabir_testing::hostile::{Fate, GROUPS};
use dabir_testing::process::peak_memory;
use serde_json::Value;

use crate::house::{House, Session};

/// How long one may take on a busy machine.
const READ: Duration = Duration::from_secs(120);
/// How long the server may take to say that it is well while they are read.
const ANSWER: Duration = Duration::from_secs(5);
/// What is not what it is called.
const OTHERS: [&str; 7] = [
    "bytes at random",
    "nothing",
    "a script called a picture",
    "an archive called a picture",
    "a document called a PDF",
    "an archive called a page",
    "no PDF at all",
];

/// How much more memory the server may ever hold for them, unoptimized as it is: two are read at a time,
/// and a text of 8 MiB is held a few times over while it is counted.
const MORE: usize = 224 << 20;

/// Each is refused with a word, or read; the server stays small and well.
#[tokio::test]
async fn hostile_files_get_a_named_error_and_cost_the_server_nothing() {
    let house = House::open("").await;
    let who = Session::of_token(&house.token());
    let good = house.upload(&who, "good.txt", b"A word.").await;
    read(&house, &good).await;
    let before = peak_memory(house.server().pid());
    let mut taken = Vec::new();
    for group in GROUPS {
        let cases = tokio::task::spawn_blocking(group).await.unwrap();
        for case in cases {
            let (name, fate) = (case.name, case.fate);
            let file = format!("file.{}", case.ending());
            taken.push((name, fate, house.upload(&who, &file, &case.bytes).await));
            is_well(&house).await;
        }
    }
    for (name, fate, id) in taken {
        let file = read(&house, &id).await;
        let code = file["error"]["code"].as_str();
        let is_fine = match fate {
            // What is not what it is called is looked at as what it is.
            _ if OTHERS.contains(&name) => file["mismatch"] == true,
            Fate::Refused(word) => code == Some(word),
            Fate::Read => code.is_none(),
            Fate::Either => true,
        };
        assert!(is_fine, "{name}: {fate:?}, and not {file}");
        assert_ne!(code, Some("helper"), "{name}: {file}");
        is_well(&house).await;
    }
    let more = peak_memory(house.server().pid()) - before;
    assert!(more < MORE, "{} MiB more", more >> 20);
}

/// A file as it is once somebody looked into it.
async fn read(house: &House, id: &str) -> Value {
    let path = format!("/api/v1/files/{id}");
    eventually("the analysis", READ, async || {
        let file = house.get(&path).await;
        // Nobody looks into what is of no kind that can be read.
        let is_read = file["state"] == "analysed" || file["state"] == "failed";
        (is_read || file["kind"] == "other").then_some(file)
    })
    .await
}

async fn is_well(house: &House) {
    let asked = Instant::now();
    house.get("/api/v1/files?limit=5").await;
    assert!(asked.elapsed() < ANSWER, "{:?}", asked.elapsed());
}
