//! Identifiers that nobody can guess and everybody can read aloud.

/// Crockford's base 32 in lower case: no `i`, `l`, `o` and `u`, so nothing is read as something else.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new random identifier: 12 characters, 60 bits, safe in a path, a file name and a URL.
///
/// # Panics
/// When the operating system has no randomness to give, which no supported system does.
#[must_use]
pub fn new_id() -> String {
    random_text(12)
}

/// `length` random characters of the same alphabet, five bits each.
///
/// # Panics
/// As [`new_id`].
#[must_use]
pub fn random_text(length: usize) -> String {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
        .collect()
}

/// `N` random bytes.
///
/// # Panics
/// As [`new_id`].
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_twelve_characters_of_the_alphabet_and_differ() {
        let ids: std::collections::BTreeSet<String> = (0..1_000).map(|_| new_id()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(
            ids.iter()
                .all(|id| id.len() == 12 && id.bytes().all(|b| ALPHABET.contains(&b)))
        );
    }
}
