//! The server's own keys: access tokens are signed, refresh tokens follow from each other, secrets
//! are sealed. Each key is a file of 32 random bytes in `secrets/`.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dabir_core::Timestamp;
use dabir_core::encode::hex;
use dabir_core::id::random_bytes;
use dabir_db::{Sealer, SecretError, Secrets};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a signed access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// The person.
    pub(crate) sub: String,
    /// The session; a token outlives it by nothing.
    pub(crate) sid: String,
    aud: String,
    iat: i64,
    pub(crate) exp: i64,
}

/// The server's own keys. No part of them is ever shown.
pub(crate) struct Keys {
    signing: EncodingKey,
    verifying: DecodingKey,
    deriving: hmac::Key,
    sealer: Sealer,
}

/// How long an access token is good.
pub(crate) const ACCESS_LIFE_SECS: i64 = 5 * 60;
const AUDIENCE: &str = "dabir";
/// The kind of token that RFC 9068 names; no other token of ours is one.
const KIND: &str = "at+jwt";
/// What stands before the 32 bytes of an Ed25519 key in PKCS #8.
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

impl Keys {
    /// # Errors
    /// When a key's file is readable by others, or holds something else.
    pub(crate) fn load(secrets: &Secrets) -> Result<Self, SecretError> {
        let seed = secrets.key("session.key")?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .map_err(|_| secrets.spoiled("session.key"))?;
        Ok(Self {
            signing: EncodingKey::from_ed_der(&[&PKCS8[..], &seed].concat()),
            verifying: DecodingKey::from_ed_der(pair.public_key().as_ref()),
            deriving: hmac::Key::new(hmac::HMAC_SHA256, &secrets.key("refresh.key")?),
            sealer: Sealer::load(secrets)?,
        })
    }

    pub(crate) fn sign(&self, user_id: &str, session_id: &str, now: Timestamp) -> Option<String> {
        let header = Header {
            typ: Some(KIND.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        let claims = Claims {
            sub: user_id.to_owned(),
            sid: session_id.to_owned(),
            aud: AUDIENCE.to_owned(),
            iat: now.as_second(),
            exp: now.as_second() + ACCESS_LIFE_SECS,
        };
        encode(&header, &claims, &self.signing).ok()
    }

    /// What a token of ours says, whether or not it is still good.
    pub(crate) fn read(&self, token: &str) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        // Who asks compares `exp` with the clock, which tests own.
        validation.validate_exp = false;
        let read = decode::<Claims>(token, &self.verifying, &validation).ok()?;
        (read.header.typ.as_deref() == Some(KIND)).then_some(read.claims)
    }

    /// The refresh token that follows `parent`: always the same, and nobody else can tell which.
    pub(crate) fn child(&self, parent: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.deriving, parent.as_bytes()))
    }

    /// Encrypts what has to be read again, for `owner` alone.
    pub(crate) fn seal(&self, plain: &[u8], owner: &str) -> Option<String> {
        self.sealer.seal(plain, owner)
    }

    pub(crate) fn unseal(&self, sealed: &str, owner: &str) -> Option<Vec<u8>> {
        self.sealer.unseal(sealed, owner)
    }
}

/// A new refresh token: 256 bits.
pub(crate) fn new_refresh_token() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// How a key that only its holder has is kept: its SHA-256 in hex. A key of that many random bits
/// needs no slow hash.
pub(crate) fn hash(key: &str) -> String {
    hex(&Sha256::digest(key.as_bytes()))
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (tempfile::TempDir, Keys) {
        let data = tempfile::tempdir().unwrap();
        let keys = Keys::load(&Secrets::of(data.path())).unwrap();
        (data, keys)
    }

    #[test]
    fn a_token_is_read_by_its_maker_alone_and_only_as_it_was_written() {
        let (data, keys) = keys();
        let token = keys.sign("u", "s", Timestamp::UNIX_EPOCH).unwrap();
        let claims = keys.read(&token).unwrap();
        assert_eq!((claims.sub.as_str(), claims.sid.as_str()), ("u", "s"));
        assert_eq!(claims.exp, ACCESS_LIFE_SECS);
        let again = Keys::load(&Secrets::of(data.path())).unwrap();
        assert!(again.read(&token).is_some(), "keys outlive a restart");
        assert!(super::tests::keys().1.read(&token).is_none(), "another's");
        let parts: Vec<&str> = token.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#);
        let plain = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","typ":"JWT"}"#);
        for forged in [
            format!("{none}.{}.", parts[1]),
            format!("{none}.{}.{}", parts[1], parts[2]),
            format!("{plain}.{}.{}", parts[1], parts[2]),
            format!("{}.{}.{}", parts[0], parts[1], "A".repeat(86)),
            String::new(),
        ] {
            assert!(keys.read(&forged).is_none(), "{forged}");
        }
    }

    #[test]
    fn another_kind_of_token_is_refused_although_it_is_signed() {
        let (_data, keys) = keys();
        let claims = Claims {
            sub: "u".to_owned(),
            sid: "s".to_owned(),
            aud: AUDIENCE.to_owned(),
            iat: 0,
            exp: 0,
        };
        let kind = |typ: &str| Header {
            typ: Some(typ.to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        let sign = |header, claims: &Claims| encode(&header, claims, &keys.signing).unwrap();
        assert!(keys.read(&sign(kind(KIND), &claims)).is_some());
        assert!(keys.read(&sign(kind("JWT"), &claims)).is_none());
        let elsewhere = Claims {
            aud: "room:1".to_owned(),
            ..claims
        };
        assert!(keys.read(&sign(kind(KIND), &elsewhere)).is_none());
    }
}
