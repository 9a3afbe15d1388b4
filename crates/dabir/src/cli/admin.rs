//! `dabir admin link` and `dabir migrate`: for the owner of the installation.

use clap::{Args, Subcommand};
use dabir_db::{DataFolder, Db};
use serde_json::{Value, json};

use super::api::Api;
use super::{Context, Failure};

#[derive(Debug, Args)]
pub(crate) struct AdminArgs {
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Print a link whose button signs the owner in, once, within a quarter of an hour.
    Link,
}

pub(crate) async fn run(args: &AdminArgs, context: &Context) -> Result<(), Failure> {
    match args.command {
        AdminCommand::Link => {
            let api = Api::of_running(context)?;
            let link = api.post("/api/v1/auth/links", &Value::Null).await?;
            context.output.show(&link, |link| {
                link["url"].as_str().unwrap_or_default().to_owned()
            })
        }
    }
}

/// Brings the tables up to date, as every start does too.
pub(crate) async fn migrate(context: &Context) -> Result<(), Failure> {
    let config = &context.loaded.config;
    let folder = DataFolder::hold(&config.data_dir).map_err(Failure::from_chain)?;
    let db = Db::open(config.database.url.expose(), folder.path())
        .await
        .map_err(Failure::from_chain)?;
    let kind = db.kind();
    db.close().await;
    let done = json!({ "database": kind, "up_to_date": true });
    let words = format!("the {kind} database is up to date");
    context.output.show(&done, |_| words)
}
