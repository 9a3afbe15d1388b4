//! Settings for a person at a terminal, without a server.

use std::fmt::Write as _;

use dabir_db::{Db, OpenError};

use super::held::Held;
use super::layers::Layers;
use super::model::{SettingView, Source};
use super::store::{self, Stored};
use crate::config::Config;

/// The step that makes the table of settings.
const STEP: &str = "m0004_settings";

/// Every setting, as the next start would find it, and why the database could not be asked. Changes
/// nothing.
pub(crate) async fn look(
    config: &Config,
    layers: &Layers,
) -> (Vec<SettingView>, Option<OpenError>) {
    let (stored, error) = match stored(config).await {
        Ok(stored) => (stored, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    (Held::of(layers, stored, None).views(layers), error)
}

async fn stored(config: &Config) -> Result<Vec<Stored>, OpenError> {
    let url = config.database.url.expose();
    let Some(db) = Db::open_to_read(url, &config.data_dir).await? else {
        return Ok(Vec::new());
    };
    let is_there = !db.tables().await?.pending.iter().any(|step| step == STEP);
    let stored = match is_there {
        true => store::list(db.read()).await,
        false => Ok(Vec::new()),
    };
    db.close().await;
    Ok(stored?)
}

/// A `dabir.toml` that says the same, with the source of whatever is no default.
pub(crate) fn as_toml(views: &[SettingView]) -> String {
    let mut text = String::new();
    let mut section = "";
    for view in views {
        if view.section != section {
            section = view.section;
            let _ = writeln!(text, "\n[{section}]");
        }
        let key = view.key.strip_prefix(section).unwrap_or(&view.key);
        let line = line(key.trim_start_matches('.'), view);
        let _ = writeln!(text, "{line}{}", remark(view));
    }
    text
}

fn line(key: &str, view: &SettingView) -> String {
    let value = view
        .value
        .clone()
        .map(serde_json::from_value::<toml::Value>);
    match (value, view.is_set) {
        (Some(Ok(value)), _) => format!("{key} = {value}"),
        (_, Some(true)) => format!("# {key} is set and not shown"),
        _ => format!("# {key} is not set"),
    }
}

fn remark(view: &SettingView) -> String {
    let origin = view.origin.as_deref();
    let mut remark = match view.source {
        Source::Default => String::new(),
        Source::File | Source::Environment => format!("  # {}", origin.unwrap_or_default()),
        Source::Here => match origin {
            Some(who) => format!("  # changed here by {}", dabir_core::text::one_line(who)),
            None => "  # changed here".to_owned(),
        },
    };
    if let Some(why) = &view.set_aside {
        let why = dabir_core::text::one_line(why);
        let _ = write!(remark, "  # what was changed here is set aside: {why}");
    }
    remark
}
