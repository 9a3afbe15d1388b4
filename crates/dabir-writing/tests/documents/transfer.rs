//! Documents out of files, and folders as archives.

use std::io::{Cursor, Read as _, Write as _};

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use dabir_db::sql;
use dabir_prose::{markdown, yjs};
use serde_json::{Value, json};
use yrs::{ReadTxn, StateVector, Transact};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::bench::Bench;

type Archive = ZipArchive<Cursor<Bytes>>;

const EDGE: &str = "edge-of-parts";

/// All documents packed, with the names of the files.
async fn export(bench: &Bench, query: &str) -> (Vec<String>, Archive) {
    let path = format!("/api/v1/documents/export{query}");
    let request = Request::get(path).header("x-as", "ali");
    let (status, bytes) = bench.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    let zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names = zip.file_names().map(|name| name.unwrap().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    (names, zip)
}

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
    let (names, mut zip) = export(&bench, "").await;
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

async fn one_text_that_is_too_long_keeps_no_other_in(bench: Bench) {
    let long = bench.make("long", "x").await;
    bench.make("short", "y").await;
    let text = "ab ".repeat(1 << 20);
    let mut node = markdown::parse(&text).unwrap();
    node.content.extend(node.content.clone());
    let doc = yjs::from_node(&node);
    let bytes = doc
        .transact()
        .encode_state_as_update_v1(&StateVector::default());
    for table in ["document_update", "document_snapshot"] {
        let sql = format!("UPDATE {table} SET bytes = $1 WHERE document_id = $2");
        let values = [bytes.clone().into(), long.clone().into()];
        sql::execute(bench.db.read(), sql, values).await.unwrap();
    }
    let (names, mut zip) = export(&bench, "").await;
    assert_eq!(names, ["left out.log", "short.md"]);
    let mut told = String::new();
    let mut list = zip.by_name("left out.log").unwrap();
    list.read_to_string(&mut told).unwrap();
    assert!(told.starts_with("long: "), "{told}");
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

/// Two pixels.
const PNG: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x02\x00\x00\
    \x00\x01\x08\x02\x00\x00\x00\x7b\x40\xe8\xdd\x00\x00\x00\x0d\x49\x44\x41\x54\x78\x9c\x63\
    \xf8\xcf\x00\x04\xff\x01\x07\x00\x01\xff\xe2\x23\x9e\x59\x00\x00\x00\x00\x49\x45\x4e\x44\
    \xae\x42\x60\x82";

async fn word_and_pdf_hold_the_pictures(bench: Bench) {
    let archive = packed(&[("a.md", b"text ![pic](p.png) end"), ("p.png", PNG)]);
    let (_, imported) = import(&bench, &[("all.zip", &archive)]).await;
    let id = imported["items"][0]["id"].as_str().unwrap();
    let read = async |format: &str| {
        let path = format!("/api/v1/documents/{id}/content?format={format}");
        let request = Request::get(path).header("x-as", "ali");
        let (status, bytes) = bench.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::OK);
        bytes
    };
    let zip = ZipArchive::new(Cursor::new(read("docx").await)).unwrap();
    let is_picture = |name: &str| name.starts_with("word/media/");
    assert!(zip.file_names().any(|name| is_picture(&name.unwrap())));
    let pdf = read("pdf").await;
    assert!(pdf.starts_with(b"%PDF-"));
    let holds = |words: &[u8]| pdf.windows(words.len()).any(|some| some == words);
    assert!(holds(b"/Image"), "{}", String::from_utf8_lossy(&pdf));
    assert_eq!(export(&bench, "?format=pdf").await.0, ["a.pdf"]);
}

dabir_testing::on_both!(
    word_and_pdf_hold_the_pictures,
    files_become_documents,
    a_folder_goes_out_and_comes_back,
    an_archive_that_lies_is_refused,
    one_text_that_is_too_long_keeps_no_other_in,
);
