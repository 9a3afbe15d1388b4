//! Names that people give files: what is kept of them, and how a browser is told.

use dabir_core::text::moves_the_reader;

/// The longest name, in characters.
const LONGEST: usize = 200;

/// What is kept of a name: its last part, without what cannot be seen. It is shown and never a path.
pub(crate) fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let kept: String = last.chars().filter(|c| !moves_the_reader(*c)).collect();
    let kept = kept.trim().trim_start_matches('.').trim();
    if kept.is_empty() {
        return "file".to_owned();
    }
    if kept.chars().count() <= LONGEST {
        return kept.to_owned();
    }
    let ending = ending(kept).map_or_else(String::new, |ending| format!(".{ending}"));
    let most = LONGEST - ending.chars().count();
    let stem: String = kept.chars().take(most).collect();
    stem + &ending
}

/// What stands behind the last dot, in small letters.
pub(crate) fn ending(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    let is_one = !stem.is_empty()
        && (1..=10).contains(&ending.len())
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_one.then(|| ending.to_ascii_lowercase())
}

/// The header `Content-Disposition` for a name, after RFC 6266 and RFC 8187.
pub(crate) fn disposition(how: &str, name: &str) -> String {
    let plain: String = name.chars().map(plain).collect();
    let mut coded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            coded.push(char::from(byte));
        } else {
            coded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{coded}")
}

fn plain(c: char) -> char {
    match c {
        '"' | '\\' | '%' => '_',
        c if c.is_ascii_graphic() || c == ' ' => c,
        _ => '_',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_path_and_hides_nothing() {
        for (given, kept) in [
            ("گزارش نهایی.docx", "گزارش نهایی.docx"),
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\a.txt", "a.txt"),
            ("gpj.\u{202e}exe\0", "gpj.exe"),
            (".htaccess", "htaccess"),
            ("\n", "file"),
            ("..", "file"),
        ] {
            assert_eq!(clean(given), kept);
        }
        let long = clean(&format!("{}.pdf", "م".repeat(500)));
        assert!(long.chars().count() == LONGEST && long.ends_with(".pdf"));
        assert_eq!(ending("a.tar.GZ").as_deref(), Some("gz"));
        assert_eq!(ending("README"), None);
    }

    #[test]
    fn a_browser_is_told_a_name_in_both_ways() {
        assert_eq!(
            disposition("attachment", "گ\"a.txt"),
            "attachment; filename=\"__a.txt\"; filename*=UTF-8''%DA%AF%22a.txt"
        );
    }
}
