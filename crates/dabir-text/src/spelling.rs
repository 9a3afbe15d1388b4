//! Letters of other keyboards in a Persian text, and half spaces where none belong.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::ZWNJ;

/// How often a text is spelt otherwise than Persian is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Spelling {
    /// Arabic ي and ى.
    pub arabic_yeh: u64,
    /// Arabic ك.
    pub arabic_kaf: u64,
    /// Half spaces beside a space, another one, or an end.
    pub stray_half_spaces: u64,
}

/// Counts what is spelt otherwise.
#[must_use]
pub fn spelling(text: &str) -> Spelling {
    let count = |letters: &[char]| text.chars().filter(|c| letters.contains(c)).count() as u64;
    let half_spaces = |text: &str| text.matches(ZWNJ).count() as u64;
    Spelling {
        arabic_yeh: count(&['ي', 'ى']),
        arabic_kaf: count(&['ك']),
        stray_half_spaces: half_spaces(text) - half_spaces(&mend(text)),
    }
}

/// The text in Persian letters, with half spaces within words alone. Nothing else changes.
fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut waits = false;
    for c in text.chars() {
        if c == ZWNJ {
            waits = mended.chars().next_back().is_some_and(is_of_word);
            continue;
        }
        if waits && is_of_word(c) {
            mended.push(ZWNJ);
        }
        waits = false;
        mended.push(match c {
            'ي' | 'ى' => 'ی',
            'ك' => 'ک',
            other => other,
        });
    }
    mended
}

fn is_of_word(c: char) -> bool {
    !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_spelt_otherwise_is_counted_and_mended() {
        let text = "كتاب‌هاي درسى\u{200c} را\u{200c}\u{200c}ها می‌روم";
        let expected = Spelling {
            arabic_yeh: 2,
            arabic_kaf: 1,
            stray_half_spaces: 2,
        };
        assert_eq!(spelling(text), expected);
        assert_eq!(mend(text), "کتاب‌های درسی را‌ها می‌روم");
    }

    proptest! {
        #[test]
        fn what_is_mended_has_nothing_left_to_mend(text in "[a كيىی\u{200c}\n]{0,40}") {
            let mended = mend(&text);
            prop_assert_eq!(spelling(&mended), Spelling::default());
            prop_assert_eq!(mend(&mended), mended);
        }
    }
}
