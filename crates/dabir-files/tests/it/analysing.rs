//! What is found in files, as jobs.

use std::io::Cursor;

use axum::http::{Method, StatusCode};
use dabir_core::Event;
use dabir_files::FileState;
use image::{ImageFormat, RgbImage};
use serde_json::json;

use crate::bench::Bench;

on_both!(
    a_text_is_analysed_and_can_be_again,
    what_cannot_be_read_says_why,
    those_that_are_alike_are_found,
    a_picture_has_a_small_one,
);

const TEXT: &str =
    "# گزارش\n\nدرگاه دانشگاه داده‌های دانشجویان را می‌گیرد. اين گزارش دربارهٔ درگاه دانشگاه است.\n";

async fn a_text_is_analysed_and_can_be_again(bench: Bench) {
    let mut news = bench.events.subscribe(None).receiver;
    let file = bench.upload("گزارش.md", TEXT.as_bytes()).await;
    let file = bench.analysed(&file.id).await;
    assert_eq!(file.state, FileState::Analysed, "{file:?}");
    let path = format!("/api/v1/files/{}", file.id);
    let found = bench.get("ali", &format!("{path}/analysis")).await.json();
    assert_eq!(found["text"]["language"], "persian");
    assert_eq!(found["text"]["spelling"]["arabic_yeh"], 1);
    assert_eq!(found["text"]["statistics"]["sentences"], 3);
    assert_eq!(found["headings"], json!([{ "level": 1, "text": "گزارش" }]));
    assert!(
        found["confined"]
            .as_array()
            .unwrap()
            .contains(&json!("seccomp"))
    );
    let text = bench.get("ali", &format!("{path}/text")).await.json();
    assert!(text["text"].as_str().unwrap().starts_with("گزارش\n"));
    let mut states = Vec::new();
    while let Ok(told) = news.try_recv() {
        if let Event::FileChanged { id, state, .. } = told.event {
            assert_eq!(id, file.id);
            states.push(state);
        }
    }
    assert_eq!(states, ["waiting", "analysing", "analysed"]);
    let again = bench
        .json("ali", Method::POST, &format!("{path}/analyse"), &json!({}))
        .await;
    assert_eq!(again.status, StatusCode::ACCEPTED);
    assert_eq!(again.json()["state"], "waiting");
    assert_ne!(again.json()["job_id"], json!(file.job_id));
    assert_eq!(bench.analysed(&file.id).await.state, FileState::Analysed);
    let said = bench.column("SELECT event FROM outbox ORDER BY seq").await;
    assert_eq!(said, ["file.uploaded", "file.analysed", "file.analysed"]);
    let concerned = bench
        .column("SELECT concerns FROM outbox ORDER BY seq")
        .await;
    assert_eq!(concerned, ["[]", "[\"ali\"]", "[\"ali\"]"]);
}

async fn what_cannot_be_read_says_why(bench: Bench) {
    let file = bench
        .upload("a.docx", b"PK\x03\x04 and no more of it")
        .await;
    let file = bench.analysed(&file.id).await;
    assert_eq!(file.state, FileState::Failed);
    assert_eq!(file.error.unwrap().code, "damaged");
    let path = format!("/api/v1/files/{}", file.id);
    let none = bench.get("ali", &format!("{path}/analysis")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    assert_eq!(
        bench.get("ali", &format!("{path}/content")).await.status,
        StatusCode::OK
    );
    let job = bench.jobs.get(file.job_id.unwrap()).await.unwrap();
    assert_eq!(job.result.unwrap()["code"], "damaged");
    let other = bench.upload("data.bin", &[0, 1, 2, 3]).await;
    let path = format!("/api/v1/files/{}/analyse", other.id);
    let refused = bench.json("ali", Method::POST, &path, &json!({})).await;
    assert_eq!(refused.code(), "files.no_reader");
}

async fn those_that_are_alike_are_found(bench: Bench) {
    let long: String = (0..60)
        .map(|n| format!("بند {n} آیین‌نامه دربارهٔ موضوع {} است. ", n * 7))
        .collect();
    let first = bench.upload("a.txt", long.as_bytes()).await;
    let same = bench.upload("b.txt", long.as_bytes()).await;
    let near = bench
        .upload("c.txt", long.replace("بند 9 ", "بخش 9 ").as_bytes())
        .await;
    let foreign = bench.upload_as("sara", "d.txt", long.as_bytes()).await;
    bench.upload("e.txt", TEXT.as_bytes()).await;
    for file in [&first, &same, &near] {
        bench.analysed(&file.id).await;
    }
    let path = format!("/api/v1/files/{}/duplicates", first.id);
    let alike = bench.get("ali", &path).await.json();
    let mut found: Vec<(&str, bool)> = alike["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["file"]["id"].as_str().unwrap(),
                one["same"].as_bool().unwrap(),
            )
        })
        .collect();
    found.sort_unstable();
    let mut expected = [(same.id.as_str(), true), (near.id.as_str(), false)];
    expected.sort_unstable();
    assert_eq!(found, expected, "and not {}", foreign.id);
}

async fn a_picture_has_a_small_one(bench: Bench) {
    let mut png = Cursor::new(Vec::new());
    RgbImage::new(1_000, 500)
        .write_to(&mut png, ImageFormat::Png)
        .unwrap();
    let file = bench.upload("a.png", &png.into_inner()).await;
    let path = format!("/api/v1/files/{}/thumbnail", file.id);
    assert_eq!(bench.get("ali", &path).await.status, StatusCode::NOT_FOUND);
    let file = bench.analysed(&file.id).await;
    assert!(file.thumbnail);
    let small = bench.get("ali", &path).await;
    assert_eq!(small.header("content-type"), "image/jpeg");
    let small = image::load_from_memory(&small.body).unwrap();
    assert_eq!((small.width(), small.height()), (512, 256));
}
