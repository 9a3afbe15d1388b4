//! Documents out of files, and folders as archives.

use std::io::{Cursor, Read as _, Write as _};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::bench::Bench;

const EDGE: &str = "edge-of-parts";

async fn import(bench: &Bench, files: &[(&str, &[u8])]) -> (StatusCode, Value) {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = format!(
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{EDGE}--\r\n").as_bytes());
    let request = Request::post("/api/v1/documents/import")
        .header("x-as", "ali")
        .header(
            header::CONTENT_TYPE,
            format!("multipart/form-data; boundary={EDGE}"),
        )
        .body(Body::from(body));
    let (status, bytes) = bench.send(request.unwrap()).await;
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

async fn files_become_documents(bench: Bench) {
    let files: [(&str, &[u8]); 4] = [
        ("گزارش.md", "# یک\n\nدو".as_bytes()),
        ("page.html", b"<h1>a</h1><script>x</script>"),
        ("plain.txt", b"**no** markdown"),
        ("tool.exe", b"MZ"),
    ];
    let (status, imported) = import(&bench, &files).await;
    assert_eq!(status, StatusCode::CREATED, "{imported}");
    let titles: Vec<_> = imported["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| &i["title"])
        .collect();
    assert_eq!(titles, ["گزارش", "page", "plain"]);
    assert_eq!(imported["skipped"][0]["name"], "tool.exe");
    let plain = imported["items"][2]["id"].as_str().unwrap();
    assert_eq!(bench.text(plain).await, "**no** markdown");
}

async fn a_folder_goes_out_and_comes_back(bench: Bench) {
    let archive = packed(&[
        ("notes/یک.md", "سلام ![pic](../images/p%201.png)".as_bytes()),
        ("notes/deep/two.html", b"<p>two</p>"),
        ("images/p 1.png", b"\x89PNG"),
        ("__MACOSX/x.md", b"no"),
        ("../../etc/three.md", b"three"),
    ]);
    let (_, imported) = import(&bench, &[("all.zip", &archive)]).await;
    assert_eq!(imported["items"].as_array().unwrap().len(), 3, "{imported}");
    let first = imported["items"][0]["id"].as_str().unwrap();
    let markdown = bench
        .get(&format!("/{first}/content?format=markdown"))
        .await;
    assert_eq!(markdown, "سلام&#32;\n\n![pic](/api/v1/files/f0/content)\n");
    let folders = bench.get("/folders").await;
    assert_eq!(folders["items"].as_array().unwrap().len(), 3);
    let request = Request::get("/api/v1/documents/export").header("x-as", "ali");
    let (status, bytes) = bench.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut names: Vec<String> = zip
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "etc/three.md",
            "notes/deep/two.md",
            "notes/images/f0.png",
            "notes/یک.md"
        ]
    );
    let mut text = String::new();
    zip.by_name("notes/یک.md")
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, "سلام&#32;\n\n![pic](images/f0.png)\n");
}

async fn an_archive_that_lies_is_refused(bench: Bench) {
    let bomb = packed(&[("a.md", &vec![b'a'; 8 << 20])]);
    assert!(bomb.len() < 40_000);
    let many: Vec<(String, &[u8])> = (0..2_001).map(|n| (format!("{n}.md"), &b"x"[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (&**name, *bytes)).collect();
    for bytes in [bomb, packed(&many), b"PK\x03\x04 no archive".to_vec()] {
        let (status, answer) = import(&bench, &[("x.zip", &bytes)]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
        assert_eq!(answer["code"], "documents.import");
    }
    assert_eq!(bench.get("").await["items"], json!([]));
}

dabir_testing::on_both!(
    files_become_documents,
    a_folder_goes_out_and_comes_back,
    an_archive_that_lies_is_refused,
);
