//! Uploads that a server's death does not undo, and the helper that reads them beside the server.

use std::time::Duration;

use dabir_testing::eventually;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, Session};

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
    let [sara, mina, nima] = [
        house.person("sara", "writer").await,
        house.person("mina", "writer").await,
        house.person("nima", "writer").await,
    ];
    let mut files = Vec::new();
    for name in ["shown.txt", "alone.txt"] {
        files.push(house.upload(&sara, name, name.as_bytes()).await);
    }
    let text: String = files
        .iter()
        .map(|file| format!("![p](/api/v1/files/{file}/content)\n\n"))
        .collect();
    let first = written(&house, &sara, json!({ "title": "First", "text": text })).await;
    let to = Some(json!({ "subject_kind": "document", "subject_id": first }));
    let attach = format!("/api/v1/files/{}/attachments", files[0]);
    let (status, told) = house.send_as(&sara, Method::POST, &attach, to).await;
    assert!(status.is_success(), "{told}");
    // Whoever reads the first may copy it, and show the copy to others.
    share(&house, &sara, &first, &mina).await;
    let copy = written(&house, &mina, json!({ "title": "Copy", "from": first })).await;
    share(&house, &mina, &copy, &nima).await;
    let seen = async |file: &str| {
        let see = format!("/api/v1/files/{file}");
        house.send_as(&nima, Method::GET, &see, None).await.0
    };
    assert_eq!(seen(&files[0]).await, StatusCode::OK);
    // What nobody had attached to the first is not shown by a copy either.
    assert_eq!(seen(&files[1]).await, StatusCode::NOT_FOUND);
    // Nor is a picture shown by a document that only names it, whatever it says that it comes from.
    let own = json!({ "title": "Own", "from": first, "text": text });
    let own = written(&house, &mina, own).await;
    let path = format!("/api/v1/files?subject_kind=document&subject_id={own}");
    let (status, listed) = house.send_as(&mina, Method::GET, &path, None).await;
    assert_eq!((status, &listed["items"]), (StatusCode::OK, &json!([])));
}

/// The id of a document that somebody made.
async fn written(house: &House, who: &Session, body: Value) -> String {
    let path = "/api/v1/documents";
    let (status, made) = house.send_as(who, Method::POST, path, Some(body)).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

/// Lets another read a document.
async fn share(house: &House, owner: &Session, document: &str, with: &Session) {
    let (_, known) = house
        .send_as(with, Method::GET, "/api/v1/auth/me", None)
        .await;
    let grantee = format!("user:{}", known["id"].as_str().unwrap());
    let grants = json!({ "grants": [{ "grantee": grantee, "right": "view" }] });
    let path = format!("/api/v1/documents/{document}/access");
    let (status, told) = house.send_as(owner, Method::PUT, &path, Some(grants)).await;
    assert_eq!(status, StatusCode::OK, "{told}");
}
