//! Placeholders in requests, `{campus}`, and dotted places in JSON, `data.token`.

use std::collections::BTreeMap;

use dabir_core::encode::percent;
use serde_json::{Map, Value};

/// The placeholders that are no partitions.
pub(crate) const OWN: [&str; 2] = ["page", "page_size"];

/// What stands for the placeholders of one request.
#[derive(Clone, Debug)]
pub(crate) struct Vars<'a> {
    pub(crate) partitions: &'a BTreeMap<String, String>,
    pub(crate) page: i64,
    pub(crate) page_size: i64,
}

impl Vars<'_> {
    /// `page` and `page_size` are numbers, all others texts.
    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "page" => Some(self.page.into()),
            "page_size" => Some(self.page_size.into()),
            _ => self.partitions.get(name).map(|text| text.as_str().into()),
        }
    }

    /// `value` with all its placeholders filled. A text that is nothing but a placeholder becomes
    /// its value, so that `"{page}"` becomes a number.
    pub(crate) fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let whole = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
                whole
                    .and_then(|name| self.get(name))
                    .unwrap_or_else(|| self.fill_text(text, str::to_owned).into())
            }
            Value::Array(list) => list.iter().map(|inner| self.fill(inner)).collect(),
            Value::Object(map) => {
                let filled = map.iter().map(|(name, v)| (name.clone(), self.fill(v)));
                Value::Object(filled.collect())
            }
            other => other.clone(),
        }
    }

    /// An address with its placeholders filled, none of which can lead elsewhere.
    pub(crate) fn fill_url(&self, text: &str) -> String {
        self.fill_text(text, percent)
    }

    pub(crate) fn fill_text(&self, text: &str, as_text: impl Fn(&str) -> String) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, after)) = next(rest) {
            filled += before;
            match self.get(name) {
                Some(Value::String(value)) => filled += &as_text(&value),
                Some(value) => filled += &value.to_string(),
                None => filled += &rest[before.len()..rest.len() - after.len()],
            }
            rest = after;
        }
        filled + rest
    }
}

/// The names of the placeholders in a text.
pub(crate) fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, name, after)) = next(rest) {
        names.push(name);
        rest = after;
    }
    names
}

/// What stands before the next placeholder, its name, and what stands after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find('{')?;
        let inner = &text[open + 1..];
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        if end > 0 && inner[end..].starts_with('}') {
            return Some((&text[..open], &inner[..end], &inner[end + 1..]));
        }
        from = open + 1;
    }
}

/// What stands at a place such as `data.token`; the whole when the place is empty.
pub(crate) fn find<'a>(value: &'a Value, place: &str) -> Option<&'a Value> {
    let mut found = value;
    for name in place.split('.').filter(|name| !name.is_empty()) {
        found = found.get(name)?;
    }
    Some(found)
}

/// Puts something at such a place, making what leads there.
pub(crate) fn put(value: &mut Value, place: &str, what: Value) {
    let mut at = value;
    for name in place.split('.').filter(|name| !name.is_empty()) {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[name];
    }
    *at = what;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders_are_filled_and_other_braces_left() {
        let partitions = BTreeMap::from([("campus".to_owned(), "1/1?a&ی".to_owned())]);
        let vars = Vars {
            partitions: &partitions,
            page: 3,
            page_size: 500,
        };
        let body =
            json!({ "c": "{campus}", "p": ["{page}", "page {page} of {x} {", "{}"], "f": {} });
        assert_eq!(
            vars.fill(&body),
            json!({ "c": "1/1?a&ی", "p": [3, "page 3 of {x} {", "{}"], "f": {} })
        );
        assert_eq!(
            vars.fill_url("https://h/{campus}?p={page}"),
            "https://h/1%2F1%3Fa%26%DB%8C?p=3"
        );
        assert_eq!(names("{a} {b c} {{d}"), ["a", "d"]);
    }

    #[test]
    fn places_are_found_and_made() {
        let mut body = json!({ "Filter": null });
        put(&mut body, "Filter.since.from", json!("x"));
        assert_eq!(find(&body, "Filter.since.from"), Some(&json!("x")));
        assert_eq!(find(&body, "Filter.until"), None);
        assert_eq!(find(&body, ""), Some(&body));
    }
}
