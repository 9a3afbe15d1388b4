//! Join tokens: JWTs signed with Ed25519, for one room, one use and a minute.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dabir_core::Timestamp;
use ed25519_dalek::{Signature, Signer};
use serde::{Deserialize, Serialize};

pub use ed25519_dalek::{SigningKey, VerifyingKey};

use crate::model::Role;

/// How far ahead a token from the main server may expire.
pub const MAX_AHEAD: Duration = Duration::from_secs(60);

/// Longer texts are refused unread.
const MAX_LENGTH: usize = 2_048;

/// What a token says of its holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// `room:<id>`, see [`audience`].
    pub aud: String,
    /// Who it is, for whoever signed: one person per room keeps one place, however often they join.
    pub sub: String,
    /// What the house's registry of clients calls them, when that is not `sub`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The name that others see.
    pub name: String,
    pub role: Role,
    /// Seconds since 1970.
    pub exp: i64,
    /// Makes the token usable once.
    pub jti: String,
}

/// Why a token does not let anybody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("this is not a token")]
    Malformed,
    #[error("the token was not signed for this house")]
    Signature,
    #[error("the token is for another room")]
    Audience,
    #[error("the token has expired")]
    Expired,
    #[error("the token lasts longer than tokens may")]
    TooLong,
}

#[derive(Serialize, Deserialize)]
struct Header<'a> {
    alg: &'a str,
    #[serde(default)]
    typ: &'a str,
}

/// The audience of a room's tokens.
#[must_use]
pub fn audience(room_id: &str) -> String {
    format!("room:{room_id}")
}

/// Signs `claims` as a compact JWT.
#[must_use]
pub fn sign(key: &SigningKey, claims: &Claims) -> String {
    let header = Header {
        alg: "EdDSA",
        typ: "JWT",
    };
    let mut token = format!("{}.{}", encode(&header), encode(claims));
    let signature = key.sign(token.as_bytes());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature.to_bytes(), &mut token);
    token
}

/// Checks a token's signature, room and time; whether it was used already is the caller's to know.
///
/// # Errors
/// Says which of them failed; the signature is looked at before anything the token says.
pub fn verify(
    token: &str,
    key: &VerifyingKey,
    room_id: &str,
    now: Timestamp,
    max_ahead: Duration,
) -> Result<Claims, TokenError> {
    let claims = signed_claims(token, key)?;
    if claims.aud != audience(room_id) {
        return Err(TokenError::Audience);
    }
    check_time(claims.exp, now.as_second(), max_ahead)?;
    Ok(claims)
}

fn signed_claims(token: &str, key: &VerifyingKey) -> Result<Claims, TokenError> {
    if token.len() > MAX_LENGTH {
        return Err(TokenError::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
    check_header(header)?;
    let signature =
        Signature::from_slice(&decode(signature)?).map_err(|_| TokenError::Malformed)?;
    key.verify_strict(signed.as_bytes(), &signature)
        .map_err(|_| TokenError::Signature)?;
    serde_json::from_slice(&decode(claims)?).map_err(|_| TokenError::Malformed)
}

fn check_header(header: &str) -> Result<(), TokenError> {
    let header = decode(header)?;
    let header: Header = serde_json::from_slice(&header).map_err(|_| TokenError::Malformed)?;
    if header.alg == "EdDSA" {
        Ok(())
    } else {
        Err(TokenError::Signature)
    }
}

fn check_time(exp: i64, now: i64, max_ahead: Duration) -> Result<(), TokenError> {
    let max_ahead = i64::try_from(max_ahead.as_secs()).unwrap_or(i64::MAX);
    if exp <= now {
        Err(TokenError::Expired)
    } else if exp > now.saturating_add(max_ahead) {
        Err(TokenError::TooLong)
    } else {
        Ok(())
    }
}

fn encode(value: &impl Serialize) -> String {
    // Both types are plain structs of text and numbers, which always serialise.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap_or_default())
}

fn decode(text: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| TokenError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[3; 32])
    }

    fn claims() -> Claims {
        Claims {
            aud: audience("r1"),
            sub: "u1".into(),
            client: Some("sara@example.org".into()),
            name: "سارا".into(),
            role: Role::Moderator,
            exp: NOW + 60,
            jti: "j1".into(),
        }
    }

    fn check(token: &str) -> Result<Claims, TokenError> {
        let now = Timestamp::from_second(NOW).unwrap();
        verify(token, &key().verifying_key(), "r1", now, MAX_AHEAD)
    }

    fn check_claims(change: impl FnOnce(&mut Claims)) -> Result<Claims, TokenError> {
        let mut claims = claims();
        change(&mut claims);
        check(&sign(&key(), &claims))
    }

    #[test]
    fn a_signed_token_says_who_comes_in() {
        assert_eq!(check(&sign(&key(), &claims())), Ok(claims()));
    }

    #[test]
    fn tokens_for_other_rooms_and_times_are_refused() {
        assert_eq!(
            check_claims(|c| c.aud = audience("r2")),
            Err(TokenError::Audience)
        );
        assert_eq!(check_claims(|c| c.exp = NOW), Err(TokenError::Expired));
        assert_eq!(check_claims(|c| c.exp = NOW + 61), Err(TokenError::TooLong));
        assert_eq!(check_claims(|c| c.exp = i64::MAX), Err(TokenError::TooLong));
    }

    #[test]
    fn forged_tokens_are_refused() {
        let other = sign(&SigningKey::from_bytes(&[4; 32]), &claims());
        assert_eq!(check(&other), Err(TokenError::Signature));
        let mut parts = sign(&key(), &claims());
        let none = encode(&Header {
            alg: "none",
            typ: "JWT",
        });
        parts.replace_range(..parts.find('.').unwrap(), &none);
        assert_eq!(check(&parts), Err(TokenError::Signature));
    }

    #[test]
    fn no_change_of_a_single_character_goes_unseen() {
        let token = sign(&key(), &claims());
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            assert!(check(std::str::from_utf8(&forged).unwrap()).is_err());
            assert!(check(&token[..at]).is_err());
        }
    }

    #[test]
    fn garbage_is_not_a_token() {
        for garbage in ["", ".", "..", "a.b.c", "سلام.سلام.سلام", &"x.".repeat(5_000)] {
            assert_eq!(check(garbage), Err(TokenError::Malformed), "{garbage}");
        }
    }
}
