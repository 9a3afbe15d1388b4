//! Bytes and foreign words in places where they must stay what they are: names, addresses and pages.

/// Bytes as two digits each, in lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A text as one part of an address: everything but letters, digits and `-._~` is percent-encoded.
#[must_use]
pub fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out += &format!("%{byte:02X}");
        }
    }
    out
}

/// A text in a page, also within quotes.
#[must_use]
pub fn html(text: &str) -> String {
    let mut page = String::with_capacity(text.len());
    html_into(&mut page, text);
    page
}

/// As [`html`], at the end of a page.
pub fn html_into(page: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            c => page.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_nothing_where_they_are_put() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
        assert_eq!(percent("a-._~ /?#&=%س"), "a-._~%20%2F%3F%23%26%3D%25%D8%B3");
        assert_eq!(
            html(r#"<a href="x" title='&'>س</a>"#),
            "&lt;a href=&quot;x&quot; title=&#39;&amp;&#39;&gt;س&lt;/a&gt;"
        );
    }
}
