//! Small types whose every value has one word in the database, the API and the log: a table of pairs
//! says both directions.

/// The word of a value; empty for one that the table forgot.
#[must_use]
pub fn word_of<T: Copy + PartialEq>(words: &[(T, &'static str)], value: T) -> &'static str {
    let known = words.iter().find(|(known, _)| *known == value);
    known.map_or("", |(_, word)| word)
}

/// The value that a word names.
#[must_use]
pub fn named<T: Copy>(words: &[(T, &'static str)], word: &str) -> Option<T> {
    let known = words.iter().find(|(_, known)| *known == word);
    known.map(|(value, _)| *value)
}
