//! Backups in words for people.

use std::path::Path;

use dabir_backup::{Backup, Made, Restored, Verified};
use serde::Serialize;
use serde_json::Value;

use crate::cli::output::{cell, table};

pub(super) fn made(made: &Made) -> String {
    made_there(&json(made))
}

pub(super) fn made_there(made: &Value) -> String {
    let mut lines = vec![format!(
        "made and verified {}: {}, {} rows, {} files, in {}",
        cell(&made["name"]),
        size(&made["size_bytes"]),
        made["rows"],
        made["files"],
        seconds(&made["seconds"]),
    )];
    lines.extend(left_out(&made["left_out"]));
    lines.push("it holds the house's keys; keep it where nobody else can read it".to_owned());
    lines.join("\n")
}

fn left_out(list: &Value) -> Vec<String> {
    let all = list.as_array().into_iter().flatten();
    let line = |one: &Value| format!("left out {}: {}", cell(&one["path"]), cell(&one["why"]));
    all.map(line).collect()
}

pub(super) fn verified(verified: &Verified) -> String {
    verified_there(&json(verified))
}

pub(super) fn verified_there(verified: &Value) -> String {
    format!(
        "{} is whole: {} rows, {} files, in {}",
        cell(&verified["name"]),
        verified["rows"],
        verified["files"],
        seconds(&verified["seconds"]),
    )
}

pub(super) fn list(backups: &[Backup]) -> String {
    list_there(&json(&backups))
}

pub(super) fn list_there(backups: &Value) -> String {
    let backups = backups.as_array().map_or(&[][..], Vec::as_slice);
    if backups.is_empty() {
        return "there is no backup; `dabir backup create` makes one".to_owned();
    }
    let mut table = table(&["name", "state", "size", "rows", "files", "verified"]);
    for backup in backups {
        table.add_row([
            cell(&backup["name"]),
            cell(&backup["state"]),
            size(&backup["size_bytes"]),
            cell(&backup["rows"]),
            cell(&backup["files"]),
            cell(&backup["verified_at"]),
        ]);
    }
    let reasons = backups.iter().filter(|backup| !backup["error"].is_null());
    let reasons = reasons.map(|one| format!("\n{}: {}", cell(&one["name"]), cell(&one["error"])));
    table.trim_fmt() + &reasons.collect::<String>()
}

pub(super) fn question(name: &str, data_dir: &Path) -> String {
    let shown = data_dir.display();
    format!(
        "`{shown}` and its database go back to what {name} holds.\n\
         What is there now is kept beside it, as `{shown}.before-restore-…`.\n\
         Type `yes` to go on:"
    )
}

/// What was done, what changed by it, and the way back.
pub(super) fn restored(restored: &Restored, data_dir: &Path) -> String {
    let shown = data_dir.display();
    let mut lines = vec![format!(
        "`{shown}` is as it was at {}: {} rows, {} files, in {:.1} s",
        restored.made_at, restored.rows, restored.files, restored.seconds
    )];
    lines.extend(mended(restored));
    lines.extend(left_out(&json(&restored.left_out)));
    let unknown = &restored.unknown_tables;
    if !unknown.is_empty() {
        let names = unknown.join(", ");
        lines.push(format!("left out tables that are none of ours: {names}"));
    }
    let warnings = restored.warnings.iter();
    lines.extend(warnings.map(|why| format!("it is restored, but at the end this failed: {why}")));
    lines.extend(way_back(restored, data_dir));
    lines.push("start the server when you are ready".to_owned());
    lines.join("\n")
}

fn mended(restored: &Restored) -> Vec<String> {
    let mended = &restored.mended;
    let mut lines = vec!["everybody signs in again; jobs that ran then begin again".to_owned()];
    if mended.unknown_since {
        lines.push(
            "who was shut out since is not known, or not of all: look through `dabir user list`, \
             the tokens and `dabir client list`"
                .to_owned(),
        );
    }
    if mended.tokens > 0 {
        lines.push(format!(
            "{} tokens that were revoked since stay so",
            mended.tokens
        ));
    }
    if mended.blocked > 0 {
        lines.push(format!(
            "{} people who were blocked since stay so",
            mended.blocked
        ));
    }
    if mended.clients > 0 {
        lines.push(format!(
            "{} clients who were paused, blocked or closed since stay so",
            mended.clients
        ));
    }
    lines
}

fn way_back(restored: &Restored, data_dir: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let shown = data_dir.display();
    if let Some(before) = &restored.before {
        let before = before.display();
        lines.push(format!(
            "what was there is `{before}`; remove it when it is not needed"
        ));
        lines.push(format!(
            "to go back: mv {shown} {shown}.tried && mv {before} {shown}"
        ));
    }
    match (&restored.way_back, &restored.before_schema) {
        (Some(file), _) => {
            let file = file.display();
            lines.push(format!(
                "and before that: psql … -v ON_ERROR_STOP=1 -f {file}"
            ));
        }
        (None, Some(schema)) => {
            lines.push(format!(
                "the tables that were there are in PostgreSQL's schema {schema}"
            ));
        }
        (None, None) => {}
    }
    lines
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn seconds(value: &Value) -> String {
    format!("{:.1} s", value.as_f64().unwrap_or_default())
}

fn size(value: &Value) -> String {
    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;
    match value.as_u64().unwrap_or_default() {
        bytes @ ..MIB => format!("{} KiB", bytes.div_ceil(KIB)),
        bytes => format!("{} MiB", bytes.div_ceil(MIB)),
    }
}
