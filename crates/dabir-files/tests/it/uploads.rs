//! Uploads as the tus protocol has them.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dabir_files::{FileState, FilesConfig};
use sha2::{Digest, Sha256};

use crate::bench::{Answer, Bench, ask, request};

on_both!(
    pieces_are_durable_and_become_a_file,
    a_file_of_many_parts_comes_back_as_it_was,
    what_breaks_off_goes_on_where_it_was,
    of_two_who_send_the_same_piece_one_is_told,
    two_servers_take_turns,
    a_file_whose_server_died_is_made_when_somebody_asks,
    what_nobody_goes_on_with_is_thrown_away,
);

pub(crate) async fn create(
    bench: &Bench,
    who: &str,
    name: &str,
    size: usize,
    bytes: &[u8],
) -> Answer {
    let name = STANDARD.encode(name);
    let mut begun = request(who, Method::POST, "/api/v1/uploads")
        .header("tus-resumable", "1.0.0")
        .header("upload-length", size)
        .header(
            "upload-metadata",
            format!("filename {name},is_confidential"),
        );
    if !bytes.is_empty() {
        begun = begun.header("content-type", "application/offset+octet-stream");
    }
    bench
        .ask(begun.body(Body::from(bytes.to_vec())).unwrap())
        .await
}

pub(crate) fn id_of(created: &Answer) -> String {
    created
        .header("location")
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned()
}

pub(crate) fn piece(id: &str, offset: usize, body: impl Into<Body>) -> axum::extract::Request {
    request("ali", Method::PATCH, &format!("/api/v1/uploads/{id}"))
        .header("tus-resumable", "1.0.0")
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", offset)
        .body(body.into())
        .unwrap()
}

pub(crate) fn head(id: &str) -> axum::extract::Request {
    request("ali", Method::HEAD, &format!("/api/v1/uploads/{id}"))
        .header("tus-resumable", "1.0.0")
        .body(Body::empty())
        .unwrap()
}

/// Bytes that repeat nowhere.
pub(crate) fn bytes(count: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    };
    (0..count).map(|_| next()).collect()
}

async fn pieces_are_durable_and_become_a_file(bench: Bench) {
    let text = "گزارش جلسهٔ شورا".as_bytes();
    let created = create(&bench, "ali", "../گزارش.txt", text.len(), b"").await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(created.header("tus-resumable"), "1.0.0");
    assert!(created.header("upload-expires").ends_with(" GMT"));
    let id = id_of(&created);
    for (at, end) in [(0, 1), (1, 9), (9, text.len())] {
        let told = bench.ask(head(&id)).await;
        assert_eq!(told.header("upload-offset"), at.to_string());
        assert_eq!(told.header("upload-length"), text.len().to_string());
        assert_eq!(told.header("cache-control"), "no-store");
        let taken = bench.ask(piece(&id, at, text[at..end].to_vec())).await;
        assert_eq!(taken.status, StatusCode::NO_CONTENT, "{taken:?}");
        assert_eq!(taken.header("upload-offset"), end.to_string());
    }
    // Whoever lost the last answer asks again, and it is all there.
    assert_eq!(
        bench.ask(head(&id)).await.header("upload-offset"),
        text.len().to_string()
    );
    let file = bench.file("ali", &id).await;
    assert_eq!(file.name, "گزارش.txt");
    assert_eq!(
        (file.kind.as_str(), file.state),
        ("text", FileState::Waiting)
    );
    assert_eq!(file.sha256, hex(&Sha256::digest(text)));
    let content = bench
        .get("ali", &format!("/api/v1/files/{id}/content"))
        .await;
    assert_eq!(content.body, text);
    assert_eq!(bench.stored().len(), 1, "{:?}", bench.stored());
    let said = bench.column("SELECT event FROM outbox").await;
    assert_eq!(said, ["file.uploaded"]);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn a_file_of_many_parts_comes_back_as_it_was(bench: Bench) {
    let all = bytes((20 << 20) + 3);
    let file = bench.upload("data.bin", &all).await;
    assert_eq!(
        (file.kind.as_str(), file.state),
        ("other", FileState::Stored)
    );
    assert_eq!(file.sha256, hex(&Sha256::digest(&all)));
    let path = format!("/api/v1/files/{}/content", file.id);
    assert!(bench.get("ali", &path).await.body == all);
    let range = request("ali", Method::GET, &path).header("range", "bytes=9000000-9000009");
    let part = bench.ask(range.body(Body::empty()).unwrap()).await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(
        part.header("content-range"),
        format!("bytes 9000000-9000009/{}", all.len())
    );
    assert_eq!(part.body, all[9_000_000..9_000_010]);
    let known = request("ali", Method::GET, &path).header("if-none-match", part.header("etag"));
    let known = bench.ask(known.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (known.status, known.body.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
}

async fn what_breaks_off_goes_on_where_it_was(bench: Bench) {
    let all = bytes(9 << 20);
    let id = id_of(&create(&bench, "ali", "a.bin", all.len(), b"").await);
    let came: Vec<Result<Vec<u8>, std::io::Error>> = vec![
        Ok(all[..(8 << 20) + 5].to_vec()),
        Err(std::io::Error::other("the line is cut")),
    ];
    let broken = Body::from_stream(futures_util::stream::iter(came));
    let answer = bench.ask(piece(&id, 0, broken)).await;
    assert_eq!(answer.code(), "uploads.broken_off");
    let told = bench.ask(head(&id)).await;
    let at: usize = told.header("upload-offset").parse().unwrap();
    assert_eq!(at, (8 << 20) + 5, "all that came is kept");
    let taken = bench.ask(piece(&id, at, all[at..].to_vec())).await;
    assert_eq!(taken.status, StatusCode::NO_CONTENT);
    let content = bench
        .get("ali", &format!("/api/v1/files/{id}/content"))
        .await;
    assert!(content.body == all);
}

async fn of_two_who_send_the_same_piece_one_is_told(bench: Bench) {
    let id = id_of(&create(&bench, "ali", "a.txt", 20, b"").await);
    let send = |byte: u8| bench.ask(piece(&id, 0, vec![byte; 10]));
    let (one, other) = tokio::join!(send(b'a'), send(b'b'));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [StatusCode::NO_CONTENT, StatusCode::CONFLICT]);
    let winner = if one.status == StatusCode::NO_CONTENT {
        b'a'
    } else {
        b'b'
    };
    bench.ask(piece(&id, 10, vec![winner; 10])).await;
    let content = bench
        .get("ali", &format!("/api/v1/files/{id}/content"))
        .await;
    assert_eq!(content.body, vec![winner; 20]);
    assert_eq!(bench.stored().len(), 1);
}

async fn two_servers_take_turns(bench: Bench) {
    let other = bench.other_server();
    let all = bytes(3_000);
    let id = id_of(&create(&bench, "ali", "a.bin", all.len(), b"").await);
    for (number, at) in (0..3_000).step_by(500).enumerate() {
        let server = if number % 2 == 0 {
            &bench.files
        } else {
            &other
        };
        let taken = ask(server, piece(&id, at, all[at..at + 500].to_vec())).await;
        assert_eq!(taken.status, StatusCode::NO_CONTENT, "{taken:?}");
    }
    let content = ask(
        &other,
        request("ali", Method::GET, &format!("/api/v1/files/{id}/content"))
            .body(Body::empty())
            .unwrap(),
    )
    .await;
    assert_eq!(content.body, all);
}

async fn a_file_whose_server_died_is_made_when_somebody_asks(bench: Bench) {
    let other = bench.other_server();
    for made in 1..=10 {
        let id = id_of(&create(&bench, "ali", "a.txt", 10, b"").await);
        bench.ask(piece(&id, 0, b"hello".to_vec())).await;
        // As if the last byte had been noted, and nothing after it.
        bench
            .execute("UPDATE file_upload SET size = received")
            .await;
        let (one, two) = tokio::join!(bench.ask(head(&id)), ask(&other, head(&id)));
        assert_eq!((one.status, two.status), (StatusCode::OK, StatusCode::OK));
        let jobs = bench.column("SELECT kind FROM job").await;
        assert_eq!(jobs, vec!["file.analyse"; made]);
        let content = bench
            .get("ali", &format!("/api/v1/files/{id}/content"))
            .await;
        assert_eq!(content.body, b"hello");
    }
}

async fn what_nobody_goes_on_with_is_thrown_away(bench: Bench) {
    let id = id_of(&create(&bench, "ali", "a.txt", 10, b"hello").await);
    let whole = id_of(&create(&bench, "ali", "b.txt", 10, b"hello").await);
    bench
        .execute(&format!(
            "UPDATE file_upload SET size = received WHERE id = '{whole}'"
        ))
        .await;
    bench.clock.advance(Duration::from_secs(23 * 3_600));
    assert_eq!(bench.files.throw_away().await.unwrap(), (0, 0));
    bench.clock.advance(Duration::from_secs(2 * 3_600));
    assert_eq!(bench.ask(head(&id)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bench.files.throw_away().await.unwrap(), (2, 0));
    assert_eq!(bench.stored().len(), 1, "what had come whole is a file");
    assert_eq!(bench.file("ali", &whole).await.size, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn quotas_hold_also_for_what_is_still_coming() {
    let bench = Bench::with(FilesConfig {
        max_size_mib: 2,
        quota_person_mib: 3,
        quota_house_mib: 4,
    })
    .await;
    let mib = 1 << 20;
    let refused = create(&bench, "ali", "a", 2 * mib + 1, b"").await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "files.too_large")
    );
    let begun: Vec<_> = (0..5)
        .map(|_| create(&bench, "ali", "a", mib, b""))
        .collect();
    let begun = futures_util::future::join_all(begun).await;
    let taken = begun
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED)
        .count();
    assert_eq!(taken, 3, "all at once get no more than one after the other");
    assert_eq!(
        create(&bench, "ali", "a", 1, b"").await.code(),
        "files.quota"
    );
    assert_eq!(
        create(&bench, "sara", "a", mib, b"").await.status,
        StatusCode::CREATED
    );
    let full = create(&bench, "sara", "a", 1, b"").await;
    assert!(
        full.json()["detail"]
            .as_str()
            .unwrap()
            .contains("the house")
    );
    let freed = begun
        .iter()
        .find(|answer| answer.status == StatusCode::CREATED)
        .unwrap();
    let path = format!("/api/v1/uploads/{}", id_of(freed));
    let end = request("ali", Method::DELETE, &path).header("tus-resumable", "1.0.0");
    let ended = bench.ask(end.body(Body::empty()).unwrap()).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(
        create(&bench, "ali", "a", mib, b"").await.status,
        StatusCode::CREATED
    );
}
