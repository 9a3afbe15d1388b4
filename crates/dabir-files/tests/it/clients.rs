//! The protocol's own client, in Python.

use std::process::Stdio;

use dabir_testing::python;
use tokio::net::TcpListener;

use crate::bench::Bench;
use crate::uploads::bytes;

/// Uploads half of a file, forgets all but the address, and goes on as another client.
const PROGRAM: &str = "
import sys
from tusclient import client
url, path = sys.argv[1:]
tus = client.TusClient(url, headers={'x-who': 'ali'})
first = tus.uploader(path, chunk_size=1 << 20, metadata={'filename': 'گزارش.bin'}, metadata_encoding='utf-8')
for _ in range(3):
    first.upload_chunk()
second = client.TusClient(url, headers={'x-who': 'ali'}).uploader(path, chunk_size=2 << 20, url=first.url)
assert second.offset == 3 << 20, second.offset
second.upload()
third = tus.uploader(path, chunk_size=5 << 20, upload_checksum=True)
third.upload()
print(second.url, third.url)
";

#[tokio::test(flavor = "multi_thread")]
async fn the_protocols_own_client_uploads_and_goes_on() {
    let bench = Bench::small().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/v1/uploads", listener.local_addr().unwrap());
    let router = bench.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let all = bytes((7 << 20) + 11);
    let path = bench.folder.path().join("source.bin");
    std::fs::write(&path, &all).unwrap();
    let output = tokio::process::Command::new(python())
        .args(["-c", PROGRAM, &url])
        .arg(&path)
        .stderr(Stdio::inherit())
        .output()
        .await
        .unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    for (url, name) in said.split_whitespace().zip(["گزارش.bin", "file"]) {
        let id = url.rsplit('/').next().unwrap();
        assert_eq!(bench.file("ali", id).await.name, name);
        let content = bench
            .get("ali", &format!("/api/v1/files/{id}/content"))
            .await;
        assert!(content.body == all, "{url}");
    }
}
