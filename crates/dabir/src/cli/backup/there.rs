//! Backups of a server elsewhere: it is asked for them.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use dabir_backup::{Course, Elsewhere};
use serde_json::Value;

use super::words;
use crate::cli::api::{Api, escape};
use crate::cli::{Context, Failure};

const BACKUPS: &str = "/api/v1/backups";
/// Between two looks at a job.
const LOOK: Duration = Duration::from_millis(500);

pub(super) async fn create(api: &Api, context: &Context, to: Option<&Path>) -> Result<(), Failure> {
    // Before anything is made that would have nowhere to go.
    let elsewhere = to.map(Elsewhere::begin).transpose()?;
    let job = api.post(BACKUPS, &Value::Null).await?;
    let made = for_end(api, &job).await?;
    if let Some(elsewhere) = elsewhere {
        let name = made["name"].as_str().unwrap_or_default();
        download(api, name, elsewhere.file()).await?;
        elsewhere.keep(&Course::unwatched()).await?;
    }
    context.output.show(&made, words::made_there)
}

pub(super) async fn list(api: &Api, context: &Context) -> Result<(), Failure> {
    let mut page = api.get(BACKUPS).await?;
    let items = page["items"].take();
    context.output.show(&items, words::list_there)
}

pub(super) async fn verify(api: &Api, context: &Context, name: &str) -> Result<(), Failure> {
    let path = format!("{BACKUPS}/{}/verify", escape(name));
    let job = api.post(&path, &Value::Null).await?;
    let verified = for_end(api, &job).await?;
    context.output.show(&verified, words::verified_there)
}

/// The result of a job, once it ended well.
async fn for_end(api: &Api, job: &Value) -> Result<Value, Failure> {
    let path = format!("/api/v1/jobs/{}", job["id"]);
    loop {
        let mut job = api.get(&path).await?;
        match job["state"].as_str() {
            Some("queued" | "running") => tokio::time::sleep(LOOK).await,
            Some("succeeded") => return Ok(job["result"].take()),
            _ => {
                let why = job["last_error"].as_str().unwrap_or("it was cancelled");
                let next = format!("`dabir job show {}` has its log", job["id"]);
                return Err(Failure::failed(why, &next));
            }
        }
    }
}

async fn download(api: &Api, name: &str, file: &File) -> Result<(), Failure> {
    let path = format!("{BACKUPS}/{}/download", escape(name));
    let take = |bytes: &[u8]| {
        let mut file = file;
        let written = file.write_all(bytes);
        written.map(|()| true).map_err(Failure::from_error)
    };
    api.copy(&path, take).await
}
