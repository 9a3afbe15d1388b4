//! What pages show of clients besides their names: photos of a folder, and what could not be taken.

use std::fs;

use dabir_testing::eventually;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, SOON};

/// 32 by 16 pixels of one colour.
const PHOTO: &[u8] =
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00 \x00\x00\x00\x10\x08\x02\x00\x00\x00\xf8\
    b\xea\x0e\x00\x00\x00\x1cIDATx\xdac`\xc8\xcb\xa4-\x1a\xb5`\xd4\x82Q\x0bF-\x18\xb5`(X\x00\
    \x00\xf0Z\xae\x10\x84Y\x1e]\x00\x00\x00\x00IEND\xaeB`\x82";

/// A house whose folder of clients has these files.
async fn house(files: &[(&str, &[u8])]) -> House {
    let house = House::furnished("[clients]\navailable_dir = \"photos\"\ninterval = \"100ms\"\n");
    for (file, bytes) in files {
        let path = house.path().join("photos").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let mut house = house;
    house.start(&[]);
    house
}

async fn photo(house: &House, name: &str, has: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = house.request(Method::GET, &format!("/api/v1/clients/{name}/photo"));
    let request = request
        .bearer_auth(house.token())
        .header("if-none-match", has);
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.bytes().await.unwrap().to_vec())
}

/// Waits until nothing is wrong but with these subjects.
async fn wrong(house: &House, subjects: &[&str]) -> Vec<Value> {
    eventually(&format!("{subjects:?} are wrong"), SOON, async || {
        let page = house.get("/api/v1/clients/problems").await;
        let items = page["items"].as_array().unwrap().clone();
        let found: Vec<&str> = items
            .iter()
            .filter_map(|item| item["subject"].as_str())
            .collect();
        (found == subjects).then(|| items.clone())
    })
    .await
}

#[tokio::test]
async fn a_photo_is_shown_as_a_picture_and_as_nothing_else() {
    let house = house(&[("ali/1.png", PHOTO), ("mina/notes.txt", b"none")]).await;
    eventually("ali is known with a photo", SOON, async || {
        let ali = house.get("/api/v1/clients?q=ali").await;
        ali["items"][0]["photo"].is_object().then_some(())
    })
    .await;
    let (status, headers, drawn) = photo(&house, "ali", "\"x\"").await;
    assert_eq!(status, StatusCode::OK);
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("content-disposition", "inline"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "private, no-cache"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    assert!(drawn.starts_with(b"\xff\xd8\xff"), "it is a JPEG");
    let tag = headers["etag"].to_str().unwrap();
    let (status, again, body) = photo(&house, "ali", &format!("\"y\", W/{tag}")).await;
    assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(again["etag"], tag);
    for name in ["mina", "nobody", "..%2F..", "ali%2F1.png"] {
        let (status, ..) = photo(&house, name, "").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{name}");
    }
    // What took its place since is neither followed nor shown.
    let place = house.path().join("photos/ali/1.png");
    fs::remove_file(&place).unwrap();
    let secret = house.path().join("data/secrets/admin.token");
    std::os::unix::fs::symlink(secret, &place).unwrap();
    assert_eq!(photo(&house, "ali", tag).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_files_and_the_folder_could_not_take_is_told_until_it_is_well() {
    let house = house(&[("ali/1.png", b"no picture")]).await;
    let told = wrong(&house, &["ali/1.png"]).await;
    assert_eq!(told[0]["place"], "folder");
    let list = house.path().join("data/Server_Data/pause_clients.json");
    eventually("the file is there", SOON, async || {
        list.exists().then_some(())
    })
    .await;
    fs::write(&list, "{\"clients\": [").unwrap();
    let told = wrong(&house, &["ali/1.png", "pause_clients.json"]).await;
    assert_eq!(told[1]["place"], "files");
    assert!(told[1]["detail"].as_str().unwrap().contains("it is not"));
    let shown = house.run(&["client", "problems"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("pause_clients.json") && shown.contains("ali/1.png"),
        "{shown}"
    );
    fs::write(&list, json!({ "clients": [] }).to_string()).unwrap();
    wrong(&house, &["ali/1.png"]).await;
    fs::write(house.path().join("photos/ali/1.png"), PHOTO).unwrap();
    // The folder tells of a file that comes or goes: a picture in its place is seen within a minute.
    fs::write(house.path().join("photos/mina.png"), PHOTO).unwrap();
    wrong(&house, &[]).await;
    let shown = house.run(&["client", "problems"]);
    assert_eq!(
        String::from_utf8_lossy(&shown.stdout).trim(),
        "nothing is wrong"
    );
}
