//! Sources as people write them: a file, or keys and values in the command line.

use std::io::Read;

use serde_json::{Map, Value};

use crate::cli::Failure;

/// Words in a key whose value must not stand in the shell's history.
const SECRET: [&str; 2] = ["password", "secret"];

/// A source from a file of TOML or JSON; `-` is standard input. The lines may stand under
/// `[[sync.sources]]`, as in `dabir.toml`.
pub(super) fn source(file: &str) -> Result<Value, Failure> {
    read(&text(file)?).map_err(|why| Failure::usage(format!("`{file}`: {why}"), EXAMPLE))
}

const EXAMPLE: &str = "the guide, docs/guide/sync.md, has a whole example";

fn read(text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"));
    }
    let mut value: Value =
        toml::from_str(text).map_err(|error| format!("this is no TOML: {error}"))?;
    let Some(sync) = value.get_mut("sync") else {
        return Ok(value);
    };
    match sync["sources"]
        .as_array_mut()
        .map(std::mem::take)
        .as_deref()
    {
        Some([one]) => Ok(one.clone()),
        _ => Err("write one source under `[[sync.sources]]`".to_owned()),
    }
}

/// `KEY=VALUE` words as one JSON object, nested by the dots of the keys.
pub(super) fn patch(changes: &[String]) -> Result<Value, Failure> {
    let mut patch = Value::Object(Map::new());
    for change in changes {
        let Some((key, word)) = change.split_once('=') else {
            let hint = "write `KEY=VALUE`, for example `interval=30m`";
            return Err(Failure::usage(format!("`{change}` has no `=`"), hint));
        };
        put(&mut patch, key, value(key, word)?)?;
    }
    Ok(patch)
}

fn put(patch: &mut Value, key: &str, value: Value) -> Result<(), Failure> {
    let mut place = patch;
    for part in key.split('.') {
        let is_fit = !part.is_empty() && (place.is_object() || place.is_null());
        if !is_fit {
            let cause = format!("the key `{key}` does not fit");
            return Err(Failure::usage(cause, "write it as `login.body.userName`"));
        }
        place = &mut place[part];
    }
    *place = value;
    Ok(())
}

/// JSON when it reads as JSON, else a text. What is sent to sign in is a text whatever it looks
/// like: codes and passwords may be nothing but digits.
fn value(key: &str, word: &str) -> Result<Value, Failure> {
    if let Some(file) = word.strip_prefix('@') {
        let text = text(file)?;
        return Ok(Value::String(
            text.trim_end_matches(['\r', '\n']).to_owned(),
        ));
    }
    let last = key.rsplit('.').next().unwrap_or(key).to_lowercase();
    if word != "null" && SECRET.iter().any(|secret| last.contains(secret)) {
        return Err(Failure::usage(
            format!("`{key}` would stay in the shell's history"),
            &format!("write `{key}=@-` and give it on standard input, or `{key}=@FILE`"),
        ));
    }
    let is_text = key.starts_with("login.body.") && word != "null";
    Ok(match serde_json::from_str(word) {
        Ok(value) if !is_text => value,
        _ => Value::String(word.to_owned()),
    })
}

fn text(file: &str) -> Result<String, Failure> {
    if file != "-" {
        return std::fs::read_to_string(file)
            .map_err(|error| Failure::usage(format!("`{file}` cannot be read: {error}"), ""));
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(Failure::from_error)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_source_is_read_as_toml_or_json_with_or_without_its_section() {
        let plain = "name = 'a'\nkey = ['id']";
        let nested = format!("[[sync.sources]]\n{plain}");
        let json = r#"{ "name": "a", "key": ["id"] }"#;
        for text in [plain, &nested, json] {
            assert_eq!(read(text).unwrap(), json!({ "name": "a", "key": ["id"] }));
        }
        let two = format!("{nested}\n{nested}");
        for text in [two.as_str(), "{", "name = ", "[sync]\nsource = 1"] {
            read(text).unwrap_err();
        }
    }

    #[test]
    fn keys_nest_and_values_are_what_they_look_like() {
        let changes = [
            "interval=30m",
            "enabled=true",
            "partitions.campus=[\"1100\"]",
            "incremental=null",
            "login.body.userName=0012",
        ];
        let patch = patch(&changes.map(str::to_owned)).unwrap();
        assert_eq!(
            patch,
            json!({
                "interval": "30m", "enabled": true, "partitions": { "campus": ["1100"] },
                "incremental": null, "login": { "body": { "userName": "0012" } },
            })
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for changes in [
            vec!["interval"],
            vec!["a..b=1"],
            vec!["=1"],
            vec!["a=1", "a.b=2"],
            vec!["login.body.password=x"],
            vec!["login.body.password=@/nowhere/at/all"],
        ] {
            let changes: Vec<String> = changes.into_iter().map(str::to_owned).collect();
            assert!(patch(&changes).is_err(), "{changes:?}");
        }
    }
}
