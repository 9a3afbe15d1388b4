//! `dabir token create`: tokens for programs.

use clap::{Args, Subcommand};
use dabir_core::Span;
use serde_json::json;

use super::api::Api;
use super::{Context, Failure};

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token and print it; it is shown this once.
    Create {
        /// Whose rights it has: an id or e-mail address.
        #[arg(long)]
        user: String,
        /// What it is for.
        #[arg(long)]
        name: String,
        /// When it ends by itself, such as `90d`; never when not given.
        #[arg(long)]
        expires: Option<Span>,
        /// read, write, operate, admin; all that the person's role allows when not given.
        #[arg(long, value_delimiter = ',')]
        scopes: Option<Vec<String>>,
    },
}

pub(crate) async fn run(args: TokenArgs, context: &Context) -> Result<(), Failure> {
    let TokenCommand::Create {
        user,
        name,
        expires,
        scopes,
    } = args.command;
    let new = json!({ "user": user, "name": name, "expires": expires, "scopes": scopes });
    let made = Api::of(context).await?.post("/api/v1/tokens", &new).await?;
    context.output.show(&made, |made| {
        made["secret"].as_str().unwrap_or_default().to_owned()
    })
}
