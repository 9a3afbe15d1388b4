//! Files made to do harm: each is refused by name, or read within bounds.

use std::time::{Duration, Instant};

use dabir_extract::model::MAX_TEXT;
use dabir_testing::hostile::archive::{docx, epub};
use dabir_testing::hostile::{Case, Fate, GROUPS};

use crate::helper::read;

/// No file may take longer.
const LONGEST: Duration = Duration::from_secs(60);

fn check(
    Case {
        name,
        kind,
        bytes,
        fate,
    }: &Case,
) {
    let begun = Instant::now();
    let said = read(kind, bytes);
    let took = begun.elapsed();
    assert!(took < LONGEST, "{name} took {took:?}");
    assert!(said.text().len() <= MAX_TEXT + said.parts.len(), "{name}");
    let is_fine = match (fate, said.refused) {
        (Fate::Refused(code), Some(refused)) => *code == refused.as_str(),
        (Fate::Read, None) => said.is_done,
        (Fate::Either, refused) => said.is_done || refused.is_some(),
        _ => false,
    };
    assert!(is_fine, "{name}: {fate:?}, and not {:?}", said.refused);
}

#[test]
fn each_is_refused_by_name_or_read_within_bounds() {
    GROUPS
        .iter()
        .flat_map(|group| group())
        .for_each(|case| check(&case));
}

#[test]
fn what_is_read_of_them_is_bounded() {
    let said = read(
        "package",
        &docx("<w:p><w:r><w:t>a\u{202e}\u{2066}b</w:t></w:r></w:p>"),
    );
    assert_eq!(said.text(), "ab\n");
    let circles = epub(&[("a.xhtml", "<p>x")], &["a.xhtml"; 10_000]);
    assert_eq!(
        read("package", &circles).parts.len(),
        1,
        "each chapter once"
    );
    assert!(read("text", &vec![b'a'; 40 << 20]).about.truncated);
}
