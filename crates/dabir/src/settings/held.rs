//! What holds at one moment: the stored changes that are allowed, and the configuration that they
//! make of what lies beneath. No I/O.

use std::collections::BTreeMap;

use dabir_core::setting::{Change, Kind, Setting};
use serde::Deserialize;
use serde_json::Value as Json;
use toml::{Table, Value};

use super::layers::{Here, Layers, defaults, find, is_live, typed, value_at, values_of};
use super::model::{SettingView, Source};
use super::store::Stored;
use crate::config::{Config, sections};

/// What holds at one moment. It holds secrets, so it has no `Debug`.
pub(super) struct Held {
    pub(super) stored: Vec<Stored>,
    /// Those of the stored values that are allowed.
    pub(super) here: Here,
    /// The others, and why.
    pub(super) aside: BTreeMap<String, String>,
    /// The configuration as it was asked for.
    wanted: Config,
    /// The same, with what waits for a restart as it was at the start.
    pub(super) running: Config,
}

impl Held {
    /// What `stored` makes of the layers. `started` is what had been changed here at the start.
    pub(super) fn of(layers: &Layers, stored: Vec<Stored>, started: Option<&Here>) -> Self {
        let mut aside = BTreeMap::new();
        let mut read = Here::new();
        for one in &stored {
            match parse(one) {
                Ok(value) => drop(read.insert(one.key.clone(), value)),
                Err(why) => drop(aside.insert(one.key.clone(), why)),
            }
        }
        let (here, wanted) = allowed(layers, read, &mut aside);
        let running = started.and_then(|started| layers.merge(&at_run_time(&here, started)).ok());
        Self {
            stored,
            here,
            aside,
            running: running.unwrap_or_else(|| wanted.clone()),
            wanted,
        }
    }

    /// What was asked for, without secrets.
    pub(super) fn wanted(&self) -> Table {
        values_of(&self.wanted)
    }

    /// Every key, in the order of the file.
    pub(super) fn views(&self, layers: &Layers) -> Vec<SettingView> {
        let tables = Tables {
            wanted: self.wanted(),
            running: values_of(&self.running),
            default: self.default_values(),
            beneath: layers
                .merge(&Here::new())
                .map_or_else(|_| defaults(), |c| values_of(&c)),
        };
        let mut views = Vec::new();
        for (section, settings) in sections() {
            for setting in settings {
                views.push(self.view(layers, &tables, section, setting));
            }
        }
        views
    }

    fn default_values(&self) -> Table {
        let mut config = Config::default();
        config.ports.state = self.running.data_dir.join("ports/dynamic_ports.json");
        config.clients.dir = self.running.data_dir.join("Server_Data");
        values_of(&config)
    }

    fn view(
        &self,
        layers: &Layers,
        tables: &Tables,
        section: &'static str,
        setting: &'static Setting,
    ) -> SettingView {
        let key = key_of(section, setting);
        let is_secret = matches!(setting.kind, Kind::Secret(_));
        let stored = self.stored.iter().find(|stored| stored.key == key);
        let stored = stored.filter(|_| self.here.contains_key(&key));
        let (source, origin) = match stored {
            Some(stored) => (Source::Here, stored.changed_by.clone()),
            None => layers.beneath(&key),
        };
        let reason = match setting.change {
            Change::OnlyFile(why) => Some(why),
            Change::AtOnce | Change::AtStart => None,
        };
        SettingView {
            section,
            kind: setting.kind.into(),
            value: json_at(&tables.wanted, &key),
            default: json_at(&tables.default, &key),
            source,
            origin,
            beneath: stored.and_then(|_| json_at(&tables.beneath, &key)),
            changed_at: stored.map(|stored| stored.changed_at),
            live: setting.change == Change::AtOnce,
            pending: value_at(&tables.wanted, &key) != value_at(&tables.running, &key),
            editable: reason.is_none(),
            reason,
            allowed: setting.kind.allowed(),
            choices: match setting.kind {
                Kind::Choice(words) => Some(words),
                _ => None,
            },
            is_set: is_secret.then(|| layers.is_set(&key)),
            set_aside: self.aside.get(&key).cloned(),
            key,
        }
    }

    /// A value as it was asked for, and who says it: for the audit.
    pub(super) fn told(&self, layers: &Layers, values: &Table, key: &str) -> Json {
        let source = match self.here.contains_key(key) {
            true => Source::Here,
            false => layers.beneath(key).0,
        };
        serde_json::json!({ "value": json_at(values, key), "source": source })
    }
}

/// The configuration as it was asked for, runs, is built in, and would be without changes.
struct Tables {
    wanted: Table,
    running: Table,
    default: Table,
    beneath: Table,
}

/// What of a key may be changed here.
///
/// # Errors
/// Why it may not.
pub(super) fn editable(key: &str) -> Result<&'static Setting, String> {
    const ELSEWHERE: [&str; 2] = ["sync", "egress"];
    let section = key.split('.').next().unwrap_or_default();
    match find(key) {
        Some(Setting {
            change: Change::OnlyFile(why),
            ..
        }) => Err((*why).to_owned()),
        Some(setting) => Ok(setting),
        None if ELSEWHERE.contains(&section) => {
            Err("only the file and the environment may say what stands in this section".to_owned())
        }
        None => Err("there is no such setting; `dabir config show` lists them".to_owned()),
    }
}

/// A value that somebody sends or that was stored, when it has the right type for its key.
///
/// # Errors
/// What is wrong with it, and what is allowed.
pub(super) fn accept(key: &str, json: &Json) -> Result<Value, String> {
    let setting = editable(key)?;
    let value = Value::deserialize(json).ok();
    value
        .and_then(|value| typed(key, value).ok())
        .ok_or_else(|| setting.kind.refuse(json))
}

/// A value as JSON; `None` for what is not shown.
pub(super) fn json_at(table: &Table, key: &str) -> Option<Json> {
    serde_json::to_value(value_at(table, key)?).ok()
}

fn parse(stored: &Stored) -> Result<Value, String> {
    let json: Json = serde_json::from_str(&stored.value)
        .map_err(|error| format!("what is stored is damaged: {error}"))?;
    accept(&stored.key, &json)
}

/// Those values that the whole configuration allows, and that configuration.
fn allowed(layers: &Layers, read: Here, aside: &mut BTreeMap<String, String>) -> (Here, Config) {
    // Nearly always all of them.
    if let Ok(config) = layers.merge(&read) {
        return (read, config);
    }
    let mut here = Here::new();
    // What lies beneath stopped the start if it was not allowed.
    let mut config = layers.merge(&here).unwrap_or_default();
    for (key, value) in read {
        here.insert(key.clone(), value);
        match layers.merge(&here) {
            Ok(better) => config = better,
            Err(problems) => {
                here.remove(&key);
                let why = problems.into_iter().map(|(_, why)| why);
                aside.insert(key, why.collect::<Vec<_>>().join("; "));
            }
        }
    }
    (here, config)
}

/// What runs: live keys as they are now, all others as they were at the start.
fn at_run_time(now: &Here, started: &Here) -> Here {
    let live = now.iter().filter(|(key, _)| is_live(key));
    let others = started.iter().filter(|(key, _)| !is_live(key));
    live.chain(others)
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn key_of(section: &str, setting: &Setting) -> String {
    match section {
        "" => setting.key.to_owned(),
        section => format!("{section}.{}", setting.key),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use dabir_core::Timestamp;

    use super::*;

    fn layers(text: &str, environment: &[(&str, &str)]) -> Layers {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        let environment = environment.iter().map(owned);
        let Ok(layers) = Layers::read("dabir.toml", text.to_owned(), environment, None) else {
            panic!("{text} is allowed");
        };
        layers
    }

    fn stored(key: &str, value: &str) -> Stored {
        Stored {
            key: key.to_owned(),
            value: value.to_owned(),
            changed_at: Timestamp::UNIX_EPOCH,
            changed_by: Some("Sara".to_owned()),
        }
    }

    fn view(layers: &Layers, held: &Held, key: &str) -> SettingView {
        let views = held.views(layers);
        views.into_iter().find(|view| view.key == key).unwrap()
    }

    #[test]
    fn every_key_of_the_configuration_is_known_once() {
        fn leaves(table: &Table, before: &str, into: &mut BTreeSet<String>) {
            for (key, value) in table {
                match value {
                    Value::Table(inner) => leaves(inner, &format!("{before}{key}."), into),
                    _ => drop(into.insert(format!("{before}{key}"))),
                }
            }
        }
        let mut expected = BTreeSet::new();
        leaves(&defaults(), "", &mut expected);
        // Secrets are never written.
        expected.extend([
            "database.url".to_owned(),
            "mail.url".to_owned(),
            "meetings.django.token".to_owned(),
            "redis.url".to_owned(),
            "sms.headers".to_owned(),
            "sms.url".to_owned(),
            "storage.secret_access_key".to_owned(),
        ]);
        let layers = layers("", &[]);
        let views = Held::of(&layers, Vec::new(), None).views(&layers);
        let keys: Vec<String> = views.into_iter().map(|view| view.key).collect();
        let known: BTreeSet<String> = keys.iter().cloned().collect();
        assert_eq!(known, expected);
        assert_eq!(keys.len(), known.len(), "each once");
        assert!(keys.iter().all(|key| find(key).is_some()));
    }

    #[test]
    fn the_stronger_layer_wins_and_is_named() {
        let text = "[meetings]\npoll_interval = \"7s\"\nduration = \"2h\"\n\n[limits]\nperson = { per_second = 1, burst = 2 }\n";
        let variables = [
            ("DABIR_MEETINGS__DURATION", "3h"),
            ("DABIR_LIMITS__PERSON__BURST", "3"),
            ("DABIR_LIMITS__AUTH", "{ per_second = 8, burst = 9 }"),
        ];
        let layers = layers(text, &variables);
        let here = vec![
            stored("meetings.duration", "\"4h\""),
            stored("log.level", "\"debug\""),
        ];
        let held = Held::of(&layers, here, None);
        let check = |key: &str, value: Json, source: Source, origin: Option<&str>| {
            let view = view(&layers, &held, key);
            assert_eq!(view.value, Some(value), "{key}");
            assert_eq!(
                (view.source, view.origin.as_deref()),
                (source, origin),
                "{key}"
            );
        };
        check(
            "meetings.poll_interval",
            "7s".into(),
            Source::File,
            Some("dabir.toml:2"),
        );
        check("meetings.duration", "4h".into(), Source::Here, Some("Sara"));
        check("meetings.stop_grace", "10s".into(), Source::Default, None);
        check(
            "limits.person.per_second",
            1.into(),
            Source::File,
            Some("dabir.toml:6"),
        );
        let burst = Some("DABIR_LIMITS__PERSON__BURST");
        check("limits.person.burst", 3.into(), Source::Environment, burst);
        check(
            "limits.auth.burst",
            9.into(),
            Source::Environment,
            Some("DABIR_LIMITS__AUTH"),
        );
        check("log.level", "debug".into(), Source::Here, Some("Sara"));
        let duration = view(&layers, &held, "meetings.duration");
        assert_eq!(duration.beneath, Some("3h".into()));
        assert_eq!(duration.default, Some("1h".into()));
        assert_eq!(view(&layers, &held, "meetings.poll_interval").beneath, None);
    }

    #[test]
    fn secrets_are_set_or_not_and_never_shown() {
        let layers = layers("[meetings.django]\ntoken = \"s3cret\"\n", &[]);
        let held = Held::of(&layers, Vec::new(), None);
        let token = view(&layers, &held, "meetings.django.token");
        assert_eq!((token.value, token.is_set), (None, Some(true)));
        assert_eq!(token.origin.as_deref(), Some("dabir.toml:2"));
        let url = view(&layers, &held, "database.url");
        assert_eq!(
            (url.value, url.is_set, url.editable),
            (None, Some(false), false)
        );
        let all = serde_json::to_string(&held.views(&layers)).unwrap();
        assert!(!all.contains("s3cret"));
        assert_eq!(held.running.meetings.django.token.expose(), "s3cret");
    }

    #[test]
    fn a_stored_value_that_is_not_allowed_is_set_aside_and_the_others_hold() {
        let layers = layers("[meetings]\npoll_interval = \"7s\"\n", &[]);
        let here = vec![
            stored("meetings.poll_interval", "\"1ms\""),
            stored("meetings.duration", "{{{"),
            stored("meetings.vanish_polls", "\"many\""),
            stored("meetings.django.url", "\"https://example.org/\""),
            stored("meetings.gone", "1"),
            stored("log.level", "\"warn\""),
        ];
        let held = Held::of(&layers, here, None);
        let why = |key: &str| held.aside[key].as_str();
        assert!(why("meetings.poll_interval").contains("100ms to 1d"));
        assert!(why("meetings.duration").contains("damaged"));
        assert!(why("meetings.vanish_polls").contains("1 to 1000"));
        assert!(why("meetings.django.url").contains("token"));
        assert!(why("meetings.gone").contains("no such setting"));
        assert_eq!(held.here.keys().collect::<Vec<_>>(), ["log.level"]);
        let interval = view(&layers, &held, "meetings.poll_interval");
        assert_eq!(
            (interval.value, interval.source),
            (Some("7s".into()), Source::File)
        );
        assert!(interval.set_aside.is_some());
    }

    #[test]
    fn what_waits_for_a_restart_does_not_run_before_it() {
        let layers = layers("", &[]);
        let started = Here::new();
        let here = || {
            vec![
                stored("meetings.timezone", "\"Asia/Tehran\""),
                stored("rooms.guests", "false"),
            ]
        };
        let held = Held::of(&layers, here(), Some(&started));
        assert_eq!(held.running.meetings.timezone, "UTC");
        assert!(!held.running.rooms.guests);
        assert!(view(&layers, &held, "meetings.timezone").pending);
        assert!(!view(&layers, &held, "rooms.guests").pending);
        let next = Held::of(&layers, here(), None);
        assert_eq!(next.running.meetings.timezone, "Asia/Tehran");
        assert!(!view(&layers, &next, "meetings.timezone").pending);
    }

    #[test]
    fn whatever_the_folder_is_needed_for_lies_beneath_it() {
        let layers = layers("data_dir = \"/var/lib/dabir\"\n", &[]);
        let held = Held::of(&layers, Vec::new(), None);
        let state = view(&layers, &held, "ports.state");
        let file = Json::from("/var/lib/dabir/ports/dynamic_ports.json");
        assert_eq!(
            (state.value, state.default),
            (Some(file.clone()), Some(file))
        );
        assert_eq!(state.source, Source::Default);
    }
}
