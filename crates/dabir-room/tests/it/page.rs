//! The page and its files, as a browser loads them.

use std::io::Read;

use flate2::read::GzDecoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::TestRoom;

#[tokio::test]
async fn the_page_and_everything_it_links_to_are_served() {
    let room = TestRoom::start();
    let (head, page) = get(&room, "/", "fa").await;
    assert!(head.starts_with("HTTP/1.1 200"));
    assert!(head.contains("content-security-policy: default-src 'none'"));
    assert!(head.contains("cache-control: no-store"));
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("lang=\"fa\"") && page.contains("جلسهٔ هفتگی"));
    let links: Vec<&str> = page
        .split('"')
        .filter(|part| part.starts_with("assets/"))
        .collect();
    assert_eq!(links.len(), 3, "{links:?}");
    for link in links {
        let (head, body) = get(&room, &format!("/{link}"), "fa").await;
        assert!(head.starts_with("HTTP/1.1 200"), "{link}");
        assert!(head.contains("immutable") && !body.is_empty(), "{link}");
    }
}

#[tokio::test]
async fn the_language_follows_the_address_before_the_browser() {
    let room = TestRoom::start();
    let language = async |path, accepted| {
        let page = String::from_utf8(get(&room, path, accepted).await.1).unwrap();
        page.contains("<html lang=\"fa\"")
    };
    assert!(language("/", "fa-IR,en;q=0.5").await);
    assert!(!language("/", "en-GB,fa;q=0.5").await);
    assert!(!language("/?lang=en", "fa").await);
}

#[tokio::test]
async fn who_can_unzip_the_page_gets_it_small() {
    let room = TestRoom::start();
    let (head, plain) = get(&room, "/", "fa").await;
    assert!(!head.contains("content-encoding"));
    assert!(head.contains("vary: accept-language, accept-encoding"));
    for refusing in ["br", "gzip;q=0", "gzip; q=0.0, br"] {
        let accepting = format!("Accept-Encoding: {refusing}\r\n");
        let (head, _) = get_with(&room, "/", &accepting).await;
        assert!(!head.contains("content-encoding"), "{refusing}");
    }
    let accepting = "Accept-Language: fa\r\nAccept-Encoding: br;q=1.0, gzip;q=0.8\r\n";
    let (head, zipped) = get_with(&room, "/", accepting).await;
    assert!(head.contains("content-encoding: gzip"));
    assert!(zipped.len() * 2 < plain.len(), "{}", zipped.len());
    let mut page = String::new();
    let mut reader = GzDecoder::new(&*zipped);
    reader.read_to_string(&mut page).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
}

async fn get(room: &TestRoom, path: &str, language: &str) -> (String, Vec<u8>) {
    get_with(room, path, &format!("Accept-Language: {language}\r\n")).await
}

async fn get_with(room: &TestRoom, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(room.address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{headers}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    (
        head.replace("http/1.1", "HTTP/1.1"),
        answer[end + 4..].to_vec(),
    )
}
