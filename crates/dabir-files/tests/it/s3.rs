//! A real server of S3 on a port of its own.

use std::fs;
use std::path::Path;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::net::TcpListener;

pub(crate) const KEY: &str = "key";
pub(crate) const SECRET: &str = "secret";
pub(crate) const BUCKET: &str = "files";

/// Serves one bucket from a folder until the test ends; tells where.
pub(crate) async fn serve(root: &Path) -> String {
    fs::create_dir_all(root.join(BUCKET)).unwrap();
    let mut service = S3ServiceBuilder::new(FileSystem::new(root).unwrap());
    service.set_auth(SimpleAuth::from_single(KEY, SECRET));
    let service = service.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let io = TokioIo::new(socket);
                let _ = http1::Builder::new().serve_connection(io, service).await;
            });
        }
    });
    format!("http://{address}")
}
