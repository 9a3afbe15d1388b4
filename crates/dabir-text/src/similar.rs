//! Whether two texts are nearly the same, told by 64 bits each (Charikar's SimHash, 2002).

use std::collections::VecDeque;

use dabir_core::names::key;
use twox_hash::XxHash3_64;

use crate::stem::stem;
use crate::words::words;

/// What is left of a text to compare it by. It may be kept: the same text has the same one for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub u64);

/// How many bits two texts may differ in and be nearly the same: about a twentieth of their words.
const NEAR: u32 = 6;
/// So many words in a row count as one feature.
const SHINGLE: usize = 3;
/// Fewer words than this say too little.
const ENOUGH: usize = 8;

impl Fingerprint {
    /// Whether their texts are nearly the same.
    #[must_use]
    pub fn is_near(self, other: Self) -> bool {
        (self.0 ^ other.0).count_ones() <= NEAR
    }
}

/// The fingerprint of a text; `None` for one of fewer than eight words, which says too little.
#[must_use]
pub fn fingerprint(text: &str) -> Option<Fingerprint> {
    let mut weights = [0_i64; 64];
    let mut shingle = VecDeque::with_capacity(SHINGLE);
    let mut count = 0;
    for word in words(text) {
        count += 1;
        if shingle.len() == SHINGLE {
            shingle.pop_front();
        }
        shingle.push_back(stem(&key(word.text)));
        if shingle.len() == SHINGLE {
            weigh(&mut weights, shingle.make_contiguous());
        }
    }
    if count < ENOUGH {
        return None;
    }
    let ones = weights
        .iter()
        .enumerate()
        .filter(|(_, weight)| **weight > 0);
    Some(Fingerprint(ones.fold(0, |all, (bit, _)| all | 1 << bit)))
}

fn weigh(weights: &mut [i64; 64], shingle: &[String]) {
    let hash = XxHash3_64::oneshot(shingle.join(" ").as_bytes());
    for (bit, weight) in weights.iter_mut().enumerate() {
        *weight += if hash >> bit & 1 == 1 { 1 } else { -1 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(numbers: std::ops::Range<u32>) -> String {
        let sentences =
            numbers.map(|n| format!("بند {n} آیین‌نامه دربارهٔ موضوع شمارهٔ {} است.", n * 7));
        sentences.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_text_with_a_word_changed_is_near_and_another_one_is_not() {
        let text = letter(0..60);
        let print = fingerprint(&text).unwrap();
        assert!(print.is_near(fingerprint(&text.replace("بند 30", "مادهٔ 30")).unwrap()));
        assert!(
            print.is_near(fingerprint(&text.replace('ی', "ي")).unwrap()),
            "another spelling"
        );
        assert!(
            !print.is_near(
                fingerprint(&"یک متن دیگر دربارهٔ چیزهای دیگر در جایی دیگر و زمانی دیگر".repeat(9))
                    .unwrap()
            )
        );
    }

    #[test]
    fn a_few_words_have_none() {
        assert_eq!(fingerprint("صورت‌جلسهٔ شورا"), None);
    }

    #[test]
    fn what_was_kept_can_be_compared_in_other_versions_too() {
        let kept = fingerprint("one two three four five six seven eight");
        assert_eq!(kept, Some(Fingerprint(7_369_333_201_980_510_466)));
    }
}
