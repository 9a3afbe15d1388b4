//! What the configuration knows of each of its keys: what a value may be, and when a change of it
//! is taken. A domain lists its keys beside the types that hold them.

use serde::Serialize;
use serde_json::Value;

use crate::Span;
use crate::text::{moves_the_reader, one_line};

/// One key of a section.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Within its section: `poll_interval`, `django.url`.
    pub key: &'static str,
    pub kind: Kind,
    pub change: Change,
}

/// What a value may be. Both ends of a range are allowed.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Duration(Span, Span),
    Integer(i64, i64),
    Number(f64, f64),
    Boolean,
    /// What is allowed, in words.
    Text(&'static str),
    Choice(&'static [&'static str]),
    /// Two ports, the lower one first.
    Range,
    /// What is allowed, in words.
    List(&'static str),
    /// It is never shown.
    Secret(&'static str),
}

/// When a change is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Without a restart.
    AtOnce,
    AtStart,
    /// Only file and environment may say it; why.
    OnlyFile(&'static str),
}

impl Setting {
    /// One that is taken without a restart.
    #[must_use]
    pub const fn live(key: &'static str, kind: Kind) -> Self {
        let change = Change::AtOnce;
        Self { key, kind, change }
    }

    /// One that is taken at the next start.
    #[must_use]
    pub const fn at_start(key: &'static str, kind: Kind) -> Self {
        let change = Change::AtStart;
        Self { key, kind, change }
    }

    /// One that only file and environment may say, and why.
    #[must_use]
    pub const fn only_file(key: &'static str, kind: Kind, why: &'static str) -> Self {
        let change = Change::OnlyFile(why);
        Self { key, kind, change }
    }
}

impl Kind {
    /// What is allowed, in words.
    #[must_use]
    pub fn allowed(self) -> String {
        match self {
            Self::Duration(from, to) => format!("{from} to {to}"),
            Self::Integer(from, to) => format!("{from} to {to}"),
            Self::Number(from, to) => format!("{from} to {to}"),
            Self::Boolean => "true or false".to_owned(),
            Self::Choice(words) => words.join(", "),
            Self::Range => "two ports, the lower one first, such as [3000, 9000]".to_owned(),
            Self::Text(words) | Self::List(words) | Self::Secret(words) => words.to_owned(),
        }
    }

    /// Why a value cannot be taken, in words.
    #[must_use]
    pub fn refuse(self, value: &Value) -> String {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let allowed = self.allowed();
        format!("`{}` is not allowed; write {allowed}", one_line(&text))
    }

    /// Whether a value of the right type is within its bounds.
    fn allows(self, value: &Value) -> bool {
        match self {
            Self::Duration(from, to) => value
                .as_str()
                .and_then(|text| text.parse().ok())
                .is_some_and(|span| from <= span && span <= to),
            Self::Integer(from, to) => value.as_i64().is_some_and(|n| from <= n && n <= to),
            Self::Number(from, to) => value.as_f64().is_some_and(|n| from <= n && n <= to),
            Self::Range => match (value[0].as_u64(), value[1].as_u64()) {
                (Some(first), Some(last)) => 0 < first && first <= last,
                _ => false,
            },
            Self::Text(_) => value.as_str().is_none_or(is_plain),
            Self::List(_) => value.as_array().is_none_or(|all| all.len() <= MAX_LENGTH),
            Self::Boolean | Self::Choice(_) | Self::Secret(_) => true,
        }
    }
}

/// The longest text, in bytes, and the longest list.
const MAX_LENGTH: usize = 1_000;

fn is_plain(text: &str) -> bool {
    text.len() <= MAX_LENGTH && !text.chars().any(moves_the_reader)
}

/// The values of a section that are out of bounds: the key, and what is allowed.
#[must_use]
pub fn out_of_bounds(
    settings: &[Setting],
    section: &impl Serialize,
) -> Vec<(&'static str, String)> {
    let values = serde_json::to_value(section).unwrap_or_default();
    let problem = |setting: &Setting| {
        let value = values.pointer(&format!("/{}", setting.key.replace('.', "/")))?;
        (!setting.kind.allows(value)).then(|| (setting.key, setting.kind.refuse(value)))
    };
    settings.iter().filter_map(problem).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SETTINGS: &[Setting] = &[
        Setting::live(
            "a",
            Kind::Duration(Span::from_millis(500), Span::from_secs(60)),
        ),
        Setting::at_start("b.c", Kind::Integer(1, 10)),
        Setting::live("d", Kind::Number(0.0, 1.0)),
        Setting::only_file("e", Kind::Range, "for a test"),
        Setting::live("f", Kind::Secret("a token")),
    ];

    #[track_caller]
    fn check(section: &Value, refused: &[&str]) {
        let found = out_of_bounds(SETTINGS, section);
        let keys: Vec<&str> = found.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, refused, "{found:?}");
    }

    #[test]
    fn both_ends_are_allowed_and_what_is_beyond_is_named() {
        check(
            &json!({ "a": "500ms", "b": { "c": 1 }, "d": 0.0, "e": [1, 1] }),
            &[],
        );
        check(
            &json!({ "a": "1m", "b": { "c": 10 }, "d": 1, "e": [3000, 9000] }),
            &[],
        );
        check(
            &json!({ "a": "499ms", "b": { "c": 11 }, "d": 1.01, "e": [2, 1] }),
            &["a", "b.c", "d", "e"],
        );
        check(
            &json!({ "a": "61s", "b": { "c": 0 }, "d": -0.1, "e": [0, 1] }),
            &["a", "b.c", "d", "e"],
        );
        let found = out_of_bounds(SETTINGS, &json!({ "a": "1h" }));
        assert_eq!(found[0].1, "`1h` is not allowed; write 500ms to 1m");
    }
}
