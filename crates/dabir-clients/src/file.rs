//! The JSON files that other programs share with us: `{"clients": [sorted names]}`, two spaces an
//! indent, as Python's `orjson.dumps(…, option=orjson.OPT_INDENT_2)` writes it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::name::Username;

/// Why a file says nothing that can be followed.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// As it is in the moment in which another program writes it.
    #[error("it is empty; write `{{\"clients\": []}}` when nobody is meant")]
    Empty,
    #[error("it is larger than {} MiB", MAX >> 20)]
    TooLarge,
    #[error("it is not `{{\"clients\": [names]}}`: {0}")]
    Json(#[from] serde_json::Error),
}

/// The largest file that is read, in bytes.
pub(crate) const MAX: usize = 16 << 20;

#[derive(Serialize)]
struct Written<'a> {
    clients: Vec<&'a str>,
}

/// What else stands in it is another program's business.
#[derive(Deserialize)]
struct Read {
    clients: BTreeSet<Username>,
}

/// The file of these names, which come in their order.
#[must_use]
pub fn text<'a>(names: impl IntoIterator<Item = &'a Username>) -> Vec<u8> {
    let clients = names.into_iter().map(Username::as_str).collect();
    // Names are texts: there is nothing that JSON could not say.
    serde_json::to_vec_pretty(&Written { clients }).unwrap_or_default()
}

/// The names in a file.
///
/// # Errors
/// When it is not whole, or has anything in it that is no name: then none of it counts.
pub fn read(bytes: &[u8]) -> Result<BTreeSet<Username>, Malformed> {
    if bytes.len() > MAX {
        return Err(Malformed::TooLarge);
    }
    // Some editors begin a file with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Err(Malformed::Empty);
    }
    let read: Read = serde_json::from_slice(bytes)?;
    Ok(read.clients)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(names: &[&str]) -> BTreeSet<Username> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn a_file_looks_as_orjson_writes_it() {
        assert_eq!(text(&names(&[])), b"{\n  \"clients\": []\n}");
        let some = text(&names(&["reza", "ali", "علی", "a\"b"]));
        let wanted = "{\n  \"clients\": [\n    \"a\\\"b\",\n    \"ali\",\n    \"reza\",\n    \"علی\"\n  ]\n}";
        assert_eq!(String::from_utf8(some).unwrap(), wanted);
    }

    #[test]
    fn what_other_programs_write_is_read() {
        for text in [
            r#"{"clients": ["ali", "mina", "ali"]}"#,
            "\u{feff}{\"note\": 1, \"clients\": [\"mina\",\r\n \"ali\"]}\n",
        ] {
            assert_eq!(read(text.as_bytes()).unwrap(), names(&["ali", "mina"]));
        }
    }

    #[test]
    fn what_is_not_whole_says_nothing() {
        for text in [
            "",
            "  \n",
            "{",
            "[]",
            "{}",
            r#"{"clients": null}"#,
            r#"{"clients": "ali"}"#,
            r#"{"clients": ["ali", 7]}"#,
            r#"{"clients": ["ali", ""]}"#,
            r#"{"clients": ["../ali"]}"#,
            r#"{"clients": ["ali"]} trailing"#,
            r#"{"clients": ["ali"], "clients": []}"#,
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read(&[0xff, 0xfe, b'{']).is_err());
    }

    proptest! {
        #[test]
        fn garbage_is_refused_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&bytes));
        }

        #[test]
        fn what_is_written_is_read_again(texts in prop::collection::btree_set("\\PC{1,20}", 0..20)) {
            let clients: BTreeSet<Username> = texts.iter().filter_map(|t| t.parse().ok()).collect();
            prop_assert_eq!(read(&text(&clients)).unwrap(), clients);
        }
    }
}
