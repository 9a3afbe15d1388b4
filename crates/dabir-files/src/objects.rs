//! Where files are stored: a folder, each file synced with its folder, or S3. Keys are made of ids.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    ClientOptions, GetOptions, GetRange, GetResultPayload, MultipartUpload, ObjectStore,
    ObjectStoreExt, PutPayload, RetryConfig,
};

use tokio::io::AsyncWriteExt;

use crate::config::StorageConfig;

/// So much of a file is held in memory at once: the size of one part of S3's.
pub(crate) const PIECE: usize = 8 << 20;
/// How long S3 may take for one request, and for one with all its repetitions.
const REQUEST: Duration = Duration::from_secs(60);
const IN_ALL: Duration = Duration::from_secs(90);

/// Why a file could not be stored or fetched.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("`[storage] url` cannot be used: {0}")]
    Config(String),
    #[error("the folder of files cannot be used: {0}")]
    Folder(#[from] std::io::Error),
    #[error("{0}")]
    Object(#[from] object_store::Error),
}

/// The files of the house as bytes. Clones share them.
#[derive(Clone, Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    /// The folder, when it is one.
    dir: Option<PathBuf>,
}

/// What stands in `s3://bucket?endpoint=…&region=…`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct S3 {
    bucket: String,
    endpoint: Option<String>,
    region: Option<String>,
}

impl Objects {
    /// The folder `files` of the data folder, or what the configuration names.
    ///
    /// # Errors
    /// When the configuration names no storage, or the folder cannot be made.
    pub fn open(config: &StorageConfig, data_dir: &FsPath) -> Result<Self, StorageError> {
        match parse(&config.url).map_err(StorageError::Config)? {
            None => Self::folder(&data_dir.join("files")),
            Some(s3) => Self::s3(s3, config),
        }
    }

    fn folder(dir: &FsPath) -> Result<Self, StorageError> {
        dabir_db::private_dir(dir)?;
        let store = LocalFileSystem::new_with_prefix(dir)?.with_fsync(true);
        let store = Arc::new(store);
        let dir = Some(dir.to_owned());
        Ok(Self { store, dir })
    }

    fn s3(s3: S3, config: &StorageConfig) -> Result<Self, StorageError> {
        let retry = RetryConfig {
            retry_timeout: IN_ALL,
            ..RetryConfig::default()
        };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(s3.bucket)
            .with_access_key_id(&config.access_key_id)
            .with_secret_access_key(config.secret_access_key.expose())
            .with_retry(retry)
            .with_client_options(ClientOptions::new().with_timeout(REQUEST))
            .with_region(s3.region.unwrap_or_else(|| "us-east-1".to_owned()));
        if let Some(endpoint) = s3.endpoint {
            builder = builder
                .with_allow_http(endpoint.starts_with("http://"))
                .with_endpoint(endpoint);
        }
        let store = Arc::new(builder.build()?);
        Ok(Self { store, dir: None })
    }

    /// Stores these bytes; when this comes back they are durable.
    pub(crate) async fn put(&self, key: &str, bytes: Bytes) -> Result<(), StorageError> {
        self.store.put(&path(key), PutPayload::from(bytes)).await?;
        Ok(())
    }

    /// Stores what a stream brings, some of it at a time.
    pub(crate) async fn put_stream(
        &self,
        key: &str,
        mut bytes: impl Stream<Item = Result<Bytes, StorageError>> + Unpin,
    ) -> Result<(), StorageError> {
        let mut held = BytesMut::new();
        while let Some(more) = bytes.next().await {
            held.extend_from_slice(&more?);
            if held.len() > PIECE {
                let mut upload = self.store.put_multipart(&path(key)).await?;
                let put = put_parts(&mut *upload, held, bytes).await;
                if put.is_err() {
                    // S3 keeps the parts of what was given up, and asks money for them.
                    let _ = upload.abort().await;
                }
                return put;
            }
        }
        self.put(key, held.freeze()).await
    }

    /// The bytes of an object, or of a range of it.
    pub(crate) async fn get(
        &self,
        key: &str,
        range: Option<std::ops::Range<u64>>,
    ) -> Result<BoxStream<'static, Result<Bytes, StorageError>>, StorageError> {
        let options = GetOptions {
            range: range.map(GetRange::Bounded),
            ..GetOptions::default()
        };
        let found = self.store.get_opts(&path(key), options).await?;
        Ok(found.into_stream().map_err(StorageError::from).boxed())
    }

    /// An object as a file: itself where it is one, and else a copy in `scratch` that has no name.
    pub(crate) async fn file(&self, key: &str, scratch: &FsPath) -> Result<File, StorageError> {
        let found = self.store.get(&path(key)).await?;
        let stream = match found.payload {
            GetResultPayload::File(file, _) => return Ok(file),
            GetResultPayload::Stream(stream) => stream,
        };
        dabir_db::private_dir(scratch)?;
        let mut copy = tokio::fs::File::from_std(tempfile::tempfile_in(scratch)?);
        let mut stream = stream;
        while let Some(bytes) = stream.next().await {
            copy.write_all(&bytes?).await?;
        }
        copy.flush().await?;
        Ok(copy.into_std().await)
    }

    pub(crate) async fn bytes(&self, key: &str) -> Result<Bytes, StorageError> {
        Ok(self.store.get(&path(key)).await?.bytes().await?)
    }

    /// Removes an object; one that is not there is removed already.
    pub(crate) async fn remove(&self, key: &str) -> Result<(), StorageError> {
        match self.store.delete(&path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes everything below a folder.
    pub(crate) async fn remove_all(&self, folder: &str) -> Result<(), StorageError> {
        if let Some(dir) = &self.dir {
            // With the folder itself, and with what a killed server had half written.
            return match tokio::fs::remove_dir_all(dir.join(folder)).await {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            };
        }
        let folder = path(folder);
        let found: Vec<_> = self.store.list(Some(&folder)).try_collect().await?;
        for object in found {
            self.remove(object.location.as_ref()).await?;
        }
        Ok(())
    }

    /// Whether it answers: for `/ready`.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StorageError> {
        let mut found = self.store.list(Some(&path("ping")));
        match found.next().await {
            None | Some(Ok(_)) => Ok(()),
            Some(Err(error)) => Err(error.into()),
        }
    }
}

/// Stores what is held and what still comes, part by part.
async fn put_parts(
    upload: &mut dyn MultipartUpload,
    mut held: BytesMut,
    mut bytes: impl Stream<Item = Result<Bytes, StorageError>> + Unpin,
) -> Result<(), StorageError> {
    loop {
        while held.len() >= PIECE {
            let part = held.split_to(PIECE).freeze();
            upload.put_part(part.into()).await?;
        }
        match bytes.next().await {
            Some(more) => held.extend_from_slice(&more?),
            None => break,
        }
    }
    if !held.is_empty() {
        upload.put_part(held.freeze().into()).await?;
    }
    upload.complete().await?;
    Ok(())
}

fn path(key: &str) -> Path {
    Path::from(key)
}

/// Where the file with this id is stored.
pub(crate) fn content_key(id: &str) -> String {
    format!("content/{}/{id}", prefix(id))
}

/// Where its small picture is.
pub(crate) fn thumbnail_key(id: &str) -> String {
    format!("thumbnails/{}/{id}", prefix(id))
}

/// Where the pieces of an upload are.
pub(crate) fn upload_folder(id: &str) -> String {
    format!("uploads/{id}")
}

fn prefix(id: &str) -> &str {
    &id[..id.floor_char_boundary(2)]
}

/// What a `[storage] url` says; `None` for nothing, which is the folder.
///
/// # Errors
/// What is wrong with it, in words.
pub(crate) fn parse(url: &str) -> Result<Option<S3>, String> {
    if url.is_empty() {
        return Ok(None);
    }
    let wrong =
        || "write `s3://bucket?endpoint=https://s3.example&region=eu-1`, or nothing".to_owned();
    let rest = url.strip_prefix("s3://").ok_or_else(wrong)?;
    let (bucket, query) = rest.split_once('?').unwrap_or((rest, ""));
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if bucket.is_empty() || !bucket.chars().all(is_name) {
        return Err(wrong());
    }
    let (mut endpoint, mut region) = (None, None);
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        let is_web = value.starts_with("https://") || value.starts_with("http://");
        match &*key {
            "endpoint" if is_web => endpoint = Some(value.into_owned()),
            "region" => region = Some(value.into_owned()),
            _ => return Err(wrong()),
        }
    }
    let bucket = bucket.to_owned();
    Ok(Some(S3 {
        bucket,
        endpoint,
        region,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storage_is_a_folder_or_a_bucket_and_nothing_else() {
        assert_eq!(parse("").unwrap(), None);
        let s3 = parse("s3://files?endpoint=http://127.0.0.1:9000&region=eu-1")
            .unwrap()
            .unwrap();
        assert_eq!(s3.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        assert_eq!(
            (s3.bucket.as_str(), s3.region.as_deref()),
            ("files", Some("eu-1"))
        );
        for wrong in [
            "files",
            "s3://",
            "s3://a/b",
            "s3://a?endpoint=file:///etc",
            "s3://a?key=x",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
