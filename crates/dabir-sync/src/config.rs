//! The section `[sync]` of the configuration.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, Serializer};

use crate::source::Source;

/// `[sync]`: the sources that stand in the file, `[[sync.sources]]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SyncConfig {
    pub sources: Vec<Source>,
}

const SOURCES: &str = "sync.sources";

impl SyncConfig {
    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut names = BTreeSet::new();
        let mut problems = Vec::new();
        for source in &self.sources {
            if !names.insert(&source.name) {
                let why = format!("the name `{}` stands there twice", source.name);
                problems.push((SOURCES.to_owned(), why));
            }
            let found = source.problems().into_iter();
            problems.extend(found.map(|(key, why)| {
                let why = format!("of `{}`: `{key}`: {why}", source.name);
                (SOURCES.to_owned(), why)
            }));
        }
        problems
    }
}

/// Without secrets: the configuration is shown to people.
impl Serialize for SyncConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            #[serde(skip_serializing_if = "Vec::is_empty")]
            sources: Vec<Source>,
        }
        let sources = self.sources.iter().map(Source::masked).collect();
        Shown { sources }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_says_what_is_wrong_with_which_source() {
        let read = |text: &str| toml::from_str::<SyncConfig>(text);
        let config = read("[[sources]]\nname = 'a'\n[[sources]]\nname = 'a'").unwrap();
        let problems = config.problems();
        assert!(problems.iter().any(|(_, why)| why.contains("twice")));
        assert!(
            problems.iter().any(|(_, why)| why.contains("`request`")),
            "{problems:?}"
        );
        assert!(
            read("source = 1")
                .unwrap_err()
                .to_string()
                .contains("`sources`")
        );
    }

    #[test]
    fn what_is_shown_has_no_secrets() {
        let config: SyncConfig = toml::from_str(
            "[[sources]]\nname = 'a'\ntable = 't'\nkey = ['id']\n\
             request = { url = 'https://h.example/', headers = { X-Key = 's3cret' } }",
        )
        .unwrap();
        let shown = toml::to_string(&config).unwrap();
        assert!(
            shown.contains("h.example") && !shown.contains("s3cret"),
            "{shown}"
        );
    }
}
