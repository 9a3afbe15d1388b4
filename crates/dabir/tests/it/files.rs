//! Uploads that a server's death does not undo, and the helper that reads them beside the server.

use std::time::Duration;

use dabir_testing::eventually;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::json;

use crate::house::House;

/// How long an analysis may take on a busy machine.
const ANALYSED: Duration = Duration::from_secs(60);
/// How often the server dies in one upload.
const DEATHS: usize = 3;

fn tus(house: &House, method: Method, path: &str) -> RequestBuilder {
    let request = house.request(method, path).bearer_auth(house.token());
    request.header("tus-resumable", "1.0.0")
}

async fn begin(house: &House, size: usize) -> String {
    let begun = tus(house, Method::POST, "/api/v1/uploads")
        .header("upload-length", size)
        .header("upload-metadata", "filename YS50eHQ=");
    let begun = begun.send().await.unwrap();
    assert_eq!(begun.status(), StatusCode::CREATED);
    begun.headers()["location"].to_str().unwrap().to_owned()
}

async fn offset(house: &House, path: &str) -> usize {
    let told = tus(house, Method::HEAD, path).send().await.unwrap();
    told.headers()["upload-offset"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap()
}

fn piece(house: &House, path: &str, at: usize, bytes: &[u8]) -> RequestBuilder {
    tus(house, Method::PATCH, path)
        .header("upload-offset", at)
        .header("content-type", "application/offset+octet-stream")
        .body(bytes.to_vec())
}

#[tokio::test]
async fn what_was_acknowledged_of_an_upload_outlives_the_server() {
    let mut house = House::open("").await;
    let text = "گزارش جلسهٔ شورا. ".repeat(20_000).into_bytes();
    let path = begin(&house, text.len()).await;
    let mut at = 0;
    for death in 0..DEATHS {
        let end = at + text.len() / 5;
        let taken = piece(&house, &path, at, &text[at..end])
            .send()
            .await
            .unwrap();
        assert_eq!(taken.status(), StatusCode::NO_CONTENT);
        let sent = piece(&house, &path, end, &text[end..end + text.len() / 10]).send();
        let lost = tokio::spawn(sent);
        if death % 2 == 1 {
            tokio::task::yield_now().await;
        }
        house.server().kill9();
        let _ = lost.await.unwrap();
        house.start(&[]);
        at = offset(&house, &path).await;
        assert!(at >= end, "{at} of {end} bytes are left");
    }
    let taken = piece(&house, &path, at, &text[at..]).send().await.unwrap();
    assert_eq!(taken.status(), StatusCode::NO_CONTENT);
    let file = path.replace("uploads", "files");
    let content = format!("{file}/content");
    let content = house
        .request(Method::GET, &content)
        .bearer_auth(house.token());
    assert_eq!(content.send().await.unwrap().bytes().await.unwrap(), text);
    let analysed = eventually("the analysis", ANALYSED, async || {
        let file = house.get(&file).await;
        (file["state"] == "analysed").then_some(file)
    });
    assert_eq!(analysed.await["kind"], "text");
    let analysis = house.get(&format!("{file}/analysis")).await;
    assert_eq!(analysis["text"]["language"], "persian");
}

#[tokio::test]
async fn a_copy_of_a_document_keeps_its_pictures_for_all_who_see_it() {
    let house = House::open("").await;
    let [sara, mina] = [
        house.person("sara", "writer").await,
        house.person("mina", "writer").await,
    ];
    let mut files = Vec::new();
    for name in ["shown.txt", "alone.txt"] {
        files.push(house.upload(&sara, name, name.as_bytes()).await);
    }
    let text: String = files
        .iter()
        .map(|file| format!("![p](/api/v1/files/{file}/content)\n\n"))
        .collect();
    let documents = "/api/v1/documents";
    let made = Some(json!({ "title": "First", "text": text }));
    let (_, first) = house.send_as(&sara, Method::POST, documents, made).await;
    let to = Some(json!({ "subject_kind": "document", "subject_id": first["id"] }));
    let attach = format!("/api/v1/files/{}/attachments", files[0]);
    let (status, told) = house.send_as(&sara, Method::POST, &attach, to).await;
    assert!(status.is_success(), "{told}");
    let copied = Some(json!({ "title": "Second", "from": first["id"] }));
    let (status, second) = house.send_as(&sara, Method::POST, documents, copied).await;
    assert_eq!(status, StatusCode::CREATED, "{second}");
    let (_, known) = house
        .send_as(&mina, Method::GET, "/api/v1/auth/me", None)
        .await;
    let access = format!("{documents}/{}/access", second["id"].as_str().unwrap());
    let grants = Some(
        json!({ "grants": [{ "grantee": format!("user:{}", known["id"].as_str().unwrap()), "right": "view" }] }),
    );
    let (status, told) = house.send_as(&sara, Method::PUT, &access, grants).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    // What nobody had attached to the first is not shown by a copy either.
    for (file, expected) in [
        (&files[0], StatusCode::OK),
        (&files[1], StatusCode::NOT_FOUND),
    ] {
        let see = format!("/api/v1/files/{file}");
        let (status, seen) = house.send_as(&mina, Method::GET, &see, None).await;
        assert_eq!(status, expected, "{seen}");
    }
}
