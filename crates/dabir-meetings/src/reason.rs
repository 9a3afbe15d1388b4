//! Why something is as it is: one sentence for people, and its code and facts for programs, which
//! say it in their reader's language.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why something is as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// `port.taken`: stable, and never two meanings. Empty for what an older version wrote down.
    pub code: Cow<'static, str>,
    /// What the sentence speaks of: ports, times, names.
    pub facts: Facts,
    pub text: String,
}

/// The facts of a reason by their names.
pub type Facts = BTreeMap<String, Value>;

impl Reason {
    #[must_use]
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code: Cow::Borrowed(code),
            facts: Facts::new(),
            text: text.into(),
        }
    }

    /// The same with one more fact.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), fact.into());
        self
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}
