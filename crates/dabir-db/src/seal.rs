//! Sealing what has to be read again and may stand in the database only encrypted: AES-256-GCM with
//! the key `secrets/sealing.key`, which never leaves the data folder.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::secrets::{SecretError, Secrets};

const FILE: &str = "sealing.key";

/// Seals and unseals. Clones share the key, no part of which is ever shown.
#[derive(Clone)]
pub struct Sealer {
    key: Arc<RandomizedNonceKey>,
}

impl Sealer {
    /// # Errors
    /// When the key's file is readable by others, or holds something else.
    pub fn load(secrets: &Secrets) -> Result<Self, SecretError> {
        Self::with(secrets, &secrets.key(FILE)?)
    }

    /// With a key that is there already: for those who read what others seal.
    ///
    /// # Errors
    /// As [`Sealer::load`], and when there is none.
    pub fn load_kept(secrets: &Secrets) -> Result<Self, SecretError> {
        Self::with(secrets, &secrets.kept_key(FILE)?)
    }

    fn with(secrets: &Secrets, key: &[u8; 32]) -> Result<Self, SecretError> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| secrets.spoiled(FILE))?;
        Ok(Self { key: Arc::new(key) })
    }

    /// Encrypts for `owner` alone: for another one it does not open. `None` when the cipher fails,
    /// which no supported system lets it do.
    #[must_use]
    pub fn seal(&self, plain: &[u8], owner: &str) -> Option<String> {
        let mut bytes = plain.to_vec();
        let owner = Aad::from(owner.as_bytes());
        let nonce = self.key.seal_in_place_append_tag(owner, &mut bytes).ok()?;
        Some(STANDARD.encode([&nonce.as_ref()[..], &bytes].concat()))
    }

    /// What was sealed for `owner`; `None` when it was not, or with another key.
    #[must_use]
    pub fn unseal(&self, sealed: &str, owner: &str) -> Option<Vec<u8>> {
        let mut bytes = STANDARD.decode(sealed).ok()?;
        let (nonce, body) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let owner = Aad::from(owner.as_bytes());
        let plain = self.key.open_in_place(nonce, owner, body).ok()?;
        Some(plain.to_vec())
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_for_one_opens_for_no_other() {
        let data = tempfile::tempdir().unwrap();
        let secrets = Secrets::of(data.path());
        assert!(Sealer::load_kept(&secrets).is_err(), "it makes no key");
        let sealer = Sealer::load(&secrets).unwrap();
        let sealed = sealer.seal(b"secret", "a").unwrap();
        assert_eq!(sealer.unseal(&sealed, "a").unwrap(), b"secret");
        assert!(sealer.unseal(&sealed, "b").is_none());
        assert!(sealer.unseal("", "a").is_none());
        assert_ne!(sealed, sealer.seal(b"secret", "a").unwrap());
        let again = Sealer::load_kept(&secrets).unwrap();
        assert!(
            again.unseal(&sealed, "a").is_some(),
            "keys outlive a restart"
        );
    }
}
