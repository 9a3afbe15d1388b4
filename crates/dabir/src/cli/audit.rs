//! `dabir audit …`: who changed what, and whether the record of it is whole.

use clap::{Args, Subcommand, ValueEnum};

use super::api::Api;
use super::output::write;
use super::{Context, Failure};

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check that no entry was changed, removed or put in between.
    Verify,
    /// Print the whole audit, the newest change first.
    Export {
        #[arg(long, value_enum, default_value = "csv")]
        format: Format,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For spreadsheets.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

pub(crate) async fn run(args: &AuditArgs, context: &Context) -> Result<(), Failure> {
    let api = Api::of(context).await?;
    match args.command {
        AuditCommand::Verify => verify(&api, context).await,
        AuditCommand::Export { format } => {
            let format = match format {
                Format::Csv => "csv",
                Format::Jsonl => "jsonl",
            };
            let path = format!("/api/v1/audit/export?format={format}");
            api.copy(&path, write).await
        }
    }
}

async fn verify(api: &Api, context: &Context) -> Result<(), Failure> {
    let found = api.get("/api/v1/audit/verify").await?;
    let seq = found["seq"].as_i64().unwrap_or_default();
    if found["whole"] == true {
        let hash = found["hash"].as_str().unwrap_or_default();
        let words = format!("the audit is whole: {seq} entries, the newest is {hash}");
        return context.output.show(&found, |_| words);
    }
    if context.output.json {
        context.output.show(&found, |_| String::new())?;
    }
    let reason = found["reason"].as_str().unwrap_or_default();
    Err(Failure::failed(
        format!("the audit is broken at entry {seq}: {reason}"),
        "compare it with a backup; what came before that entry is as it was written",
    ))
}
