//! Requests that no client of the protocol sends.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::bench::{Bench, request};
use crate::uploads::{create, head, id_of, piece};

type Pairs<'a> = &'a [(&'a str, &'a str)];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_protocol_is_refused_by_name() {
    let bench = Bench::small().await;
    let id = id_of(&create(&bench, "ali", "a.txt", 10, b"").await);
    let path = format!("/api/v1/uploads/{id}");
    let octets = "application/offset+octet-stream";
    let hash = STANDARD.encode([0; 32]);
    let wrong_hash = format!("sha256 {hash}");
    let big = "9".repeat(30);
    let long = format!("filename {}", "A".repeat(5_000));
    #[rustfmt::skip]
    let cases: [(&str, &str, Pairs<'_>, u16); 17] = [
        ("POST", "/api/v1/uploads", &[("upload-length", "1")], 412),
        ("POST", "/api/v1/uploads", &[("tus-resumable", "0.2.2"), ("upload-length", "1")], 412),
        ("POST", "/api/v1/uploads", &[("tus-resumable", "1.0.0")], 400),
        ("POST", "/api/v1/uploads", &[("tus-resumable", "1.0.0"), ("upload-length", "-1")], 400),
        ("POST", "/api/v1/uploads", &[("tus-resumable", "1.0.0"), ("upload-length", &big)], 400),
        ("POST", "/api/v1/uploads", &[("tus-resumable", "1.0.0"), ("upload-length", "9000000000000000000")], 413),
        ("POST", "/api/v1/uploads", &[("tus-resumable", "1.0.0"), ("upload-length", "1"), ("upload-metadata", "filename ???")], 400),
        ("POST", "/api/v1/uploads", &[("tus-resumable", "1.0.0"), ("upload-length", "1"), ("upload-metadata", &long)], 400),
        ("PATCH", &path, &[("content-type", octets), ("upload-offset", "0")], 412),
        ("PATCH", &path, &[("tus-resumable", "1.0.0"), ("upload-offset", "0")], 415),
        ("PATCH", &path, &[("tus-resumable", "1.0.0"), ("content-type", octets)], 400),
        ("PATCH", &path, &[("tus-resumable", "1.0.0"), ("content-type", octets), ("upload-offset", "7")], 409),
        ("PATCH", &path, &[("tus-resumable", "1.0.0"), ("content-type", octets), ("upload-offset", "x")], 400),
        ("PATCH", &path, &[("tus-resumable", "1.0.0"), ("content-type", octets), ("upload-offset", "0"), ("upload-checksum", "md5 aaaa")], 400),
        ("PATCH", &path, &[("tus-resumable", "1.0.0"), ("content-type", octets), ("upload-offset", "0"), ("upload-checksum", &wrong_hash)], 460),
        ("PATCH", "/api/v1/uploads/nothing", &[("tus-resumable", "1.0.0"), ("content-type", octets), ("upload-offset", "0")], 404),
        ("DELETE", "/api/v1/uploads/nothing", &[("tus-resumable", "1.0.0")], 404),
    ];
    for (method, path, headers, status) in cases {
        let mut asked = request("ali", method.parse().unwrap(), path);
        for (name, value) in headers {
            asked = asked.header(*name, *value);
        }
        let answer = bench.ask(asked.body(Body::from("hello")).unwrap()).await;
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{method} {headers:?}: {answer:?}"
        );
        assert_eq!(answer.header("tus-version"), "1.0.0");
    }
    assert_eq!(
        bench.ask(head(&id)).await.header("upload-offset"),
        "0",
        "nothing was taken"
    );
    assert_eq!(bench.stored().len(), 0, "and nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_was_announced_is_not_taken_and_checksums_hold() {
    let bench = Bench::small().await;
    let id = id_of(&create(&bench, "ali", "a.txt", 10, b"").await);
    let answer = bench.ask(piece(&id, 0, "hello, hello")).await;
    assert_eq!(answer.code(), "uploads.too_long");
    let mut right = piece(&id, 0, "hello");
    let hash = STANDARD.encode(Sha256::digest("hello"));
    let checksum = format!("sha256 {hash}").parse().unwrap();
    right.headers_mut().insert("upload-checksum", checksum);
    assert_eq!(bench.ask(right).await.status, StatusCode::NO_CONTENT);
    let mut wrong = piece(&id, 5, "hellO");
    let checksum = format!("sha256 {hash}").parse().unwrap();
    wrong.headers_mut().insert("upload-checksum", checksum);
    assert_eq!(bench.ask(wrong).await.code(), "uploads.checksum");
    assert_eq!(bench.ask(head(&id)).await.header("upload-offset"), "5");
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_upload_it_is_decides_and_who_may_write() {
    let bench = Bench::small().await;
    let id = id_of(&create(&bench, "ali", "a.txt", 10, b"").await);
    let mut foreign = piece(&id, 0, "hello");
    foreign
        .headers_mut()
        .insert("x-who", "sara".parse().unwrap());
    assert_eq!(bench.ask(foreign).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        create(&bench, "guest", "a.txt", 1, b"").await.status,
        StatusCode::FORBIDDEN
    );
    let empty = create(&bench, "ali", "empty.txt", 0, b"").await;
    assert_eq!(bench.file("ali", &id_of(&empty)).await.size, 0);
    let path = format!("/api/v1/files/{}/content", id_of(&empty));
    assert_eq!(bench.get("ali", &path).await.status, StatusCode::OK);
    let options = request("ali", Method::OPTIONS, "/api/v1/uploads");
    let told = bench.ask(options.body(Body::empty()).unwrap()).await;
    assert_eq!(told.status, StatusCode::NO_CONTENT);
    assert!(told.header("tus-extension").contains("checksum"));
    assert_eq!(told.header("tus-max-size"), (1_u64 << 30).to_string());
}
