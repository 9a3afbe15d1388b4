//! What of a source is secret: told apart by where it stands, taken out before it is shown or kept,
//! and struck out of whatever is said about a run.

use dabir_core::encode::percent;
use serde_json::Value;

use super::Source;

/// Stands where a secret was taken out; sent back, it means that the secret stays.
pub(crate) const MARK: &str = "********";

/// Parts of names whose values are secrets.
const WORDS: [&str; 9] = [
    "passw",
    "passphrase",
    "pwd",
    "token",
    "secret",
    "credential",
    "session",
    "signature",
    "authorization",
];
/// Ends of such names: `apiKey`, `x-auth`.
const ENDS: [&str; 3] = ["key", "auth", "pass"];
/// Headers that carry no secret.
const HARMLESS: [&str; 4] = ["accept", "accept-language", "content-type", "user-agent"];
/// Shorter ones would strike out half of every sentence.
const SHORTEST: usize = 3;

/// A secret and its JSON pointer.
pub(crate) type Taken = (String, Value);

impl Source {
    /// The source as it may be shown.
    #[must_use]
    pub fn masked(&self) -> Self {
        self.without_secrets().0
    }

    /// The source with marks in place of its secrets, and these.
    pub(crate) fn without_secrets(&self) -> (Self, Vec<Taken>) {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        let mut taken = Vec::new();
        take(&mut value, String::new(), &mut taken);
        if let Some(words) = value.get_mut("command").and_then(Value::as_array_mut) {
            take_words(words, &mut taken);
        }
        // Marks are texts where texts or values of the request stand, so that the shape holds. Were
        // it otherwise, nothing is shown rather than all.
        let masked = serde_json::from_value(value).unwrap_or_else(|_| Self {
            request: None,
            body: None,
            login: None,
            command: Vec::new(),
            ..self.clone()
        });
        (masked, taken)
    }

    /// The source with these secrets in place of their marks.
    pub(crate) fn with_secrets(self, taken: Vec<Taken>) -> Self {
        let Ok(mut value) = serde_json::to_value(&self) else {
            return self;
        };
        for (pointer, secret) in taken {
            if let Some(place) = value.pointer_mut(&pointer)
                && place == MARK
            {
                *place = secret;
            }
        }
        serde_json::from_value(value).unwrap_or(self)
    }
}

fn take(value: &mut Value, pointer: String, taken: &mut Vec<Taken>) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                let name = name.replace('~', "~0").replace('/', "~1");
                take(inner, format!("{pointer}/{name}"), taken);
            }
        }
        Value::Array(list) => {
            for (n, inner) in list.iter_mut().enumerate() {
                take(inner, format!("{pointer}/{n}"), taken);
            }
        }
        Value::Null | Value::Bool(_) => {}
        leaf if is_secret(&pointer) && leaf != "" => {
            let secret = std::mem::replace(leaf, Value::String(MARK.to_owned()));
            taken.push((pointer, secret));
        }
        _ => {}
    }
}

/// Takes secrets out of a command: `--password=x`, and what follows `--password`.
fn take_words(words: &mut [Value], taken: &mut Vec<Taken>) {
    let mut is_named = false;
    for (n, word) in words.iter_mut().enumerate() {
        let text = word.as_str().unwrap_or_default().to_owned();
        let (name, value) = text.split_once('=').unwrap_or((&text, ""));
        let names_one = is_secret_name(name);
        if is_named || (names_one && !value.is_empty()) {
            let secret = std::mem::replace(word, Value::String(MARK.to_owned()));
            taken.push((format!("/command/{n}"), secret));
        }
        is_named = names_one && value.is_empty() && name.starts_with('-') && !is_named;
    }
}

fn is_secret(pointer: &str) -> bool {
    if pointer.starts_with("/login/body/") {
        return true;
    }
    let headers = ["/login/headers/", "/request/headers/"];
    if let Some(header) = headers.iter().find_map(|start| pointer.strip_prefix(start)) {
        return !HARMLESS.contains(&header.to_lowercase().as_str());
    }
    let places = ["/body/", "/request/query/"];
    places.iter().any(|start| pointer.starts_with(start)) && pointer.split('/').any(is_secret_name)
}

/// Whether what has this name is a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase();
    WORDS.iter().any(|word| name.contains(word)) || ENDS.iter().any(|end| name.ends_with(end))
}

/// Strikes the secrets of one source out of texts.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    secrets: Vec<String>,
}

impl Redactor {
    pub(crate) fn of(source: &Source) -> Self {
        let mut redactor = Self::default();
        for (_, secret) in source.without_secrets().1 {
            let text = secret
                .as_str()
                .map_or_else(|| secret.to_string(), str::to_owned);
            redactor.add(&text);
            // `Bearer x`: an error may name the second word alone.
            if let Some((_, word)) = text.split_once(' ') {
                redactor.add(word.trim());
            }
        }
        redactor
    }

    /// One more, in every form in which an error may say it.
    pub(crate) fn add(&mut self, secret: &str) {
        if secret.len() < SHORTEST {
            return;
        }
        let escaped = serde_json::to_string(secret).unwrap_or_default();
        let escaped = escaped.trim_matches('"').to_owned();
        for form in [secret.to_owned(), escaped, percent(secret)] {
            if !self.secrets.contains(&form) {
                self.secrets.push(form);
            }
        }
        // The longest first: one may be a part of another.
        self.secrets
            .sort_by_key(|form| std::cmp::Reverse(form.len()));
    }

    pub(crate) fn clean(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in &self.secrets {
            if clean.contains(secret.as_str()) {
                clean = clean.replace(secret.as_str(), "…");
            }
        }
        clean
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source() -> Source {
        serde_json::from_value(json!({
            "name": "s", "table": "t", "key": ["id"],
            "request": {
                "url": "https://gateway.example/x",
                "headers": { "X-Api": "h3ader", "Accept": "application/json" },
                "query": { "api_key": "qu3ry", "page": "{page}" },
            },
            "body": { "campus": "{campus}", "auth": { "accessToken": "b0dy" } },
            "login": {
                "url": "https://gateway.example/Login", "token": "data.token",
                "body": { "userName": "u", "pin": 90125, "extra": "" },
            },
        }))
        .unwrap()
    }

    #[test]
    fn secrets_are_taken_out_and_put_back() {
        let source = source();
        let (masked, taken) = source.without_secrets();
        let shown = serde_json::to_string(&masked).unwrap();
        for secret in ["h3ader", "qu3ry", "b0dy", "90125"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        for plain in ["application/json", "{campus}", "data.token", "{page}"] {
            assert!(shown.contains(plain), "{plain}: {shown}");
        }
        assert!(masked.with_secrets(taken) == source);
    }

    #[test]
    fn secrets_among_a_command_s_words_are_taken_out_and_put_back() {
        let command = [
            "python3",
            "sync.py",
            "--password",
            "s3cret",
            "--token=t0ken",
            "-v",
            "key",
        ];
        let source: Source =
            serde_json::from_value(json!({ "name": "s", "kind": "command", "command": command }))
                .unwrap();
        let (masked, taken) = source.without_secrets();
        let shown = ["python3", "sync.py", "--password", MARK, MARK, "-v", "key"];
        assert_eq!(masked.command, shown);
        assert_eq!(masked.with_secrets(taken).command, command);
    }

    #[test]
    fn a_secret_that_was_replaced_stays_replaced() {
        let (mut masked, taken) = source().without_secrets();
        masked.login.as_mut().unwrap().body["pin"] = json!("new");
        let whole = masked.with_secrets(taken);
        assert_eq!(whole.login.as_ref().unwrap().body["pin"], "new");
        assert_eq!(whole.login.unwrap().body["userName"], "u");
    }

    #[test]
    fn what_is_said_has_no_secret_in_any_form() {
        let mut redactor = Redactor::of(&source());
        redactor.add("a\"b c/ی");
        let said = "pin 90125, header h3ader, json a\\\"b c/ی, url a%22b%20c%2F%DB%8C";
        assert_eq!(redactor.clean(said), "pin …, header …, json …, url …");
    }
}
