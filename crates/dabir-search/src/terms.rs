//! Readers and kinds as terms beside those of the text.

use dabir_core::encode::hex;
use dabir_text::search::Expression;
use sha2::{Digest, Sha256};

/// The term of a reader's word. A hash has no letters that an index might take for the end of a word,
/// and nobody finds another word with the same one.
pub(crate) fn reader(word: &str) -> String {
    format!("r{}", hash(word))
}

pub(crate) fn kind(word: &str) -> String {
    format!("k{}", hash(word))
}

fn hash(word: &str) -> String {
    hex(&Sha256::digest(word)[..16])
}

/// One of these words is there; `None` when there are no words.
pub(crate) fn one_of(words: &[String], term: fn(&str) -> String) -> Option<Expression> {
    let terms = words.iter().map(|word| Expression::Term(term(word)));
    Expression::any(terms.collect())
}
