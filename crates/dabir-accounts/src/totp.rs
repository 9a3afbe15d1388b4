//! Codes from an authenticator (RFC 6238): six digits of every half minute.

use aws_lc_rs::hmac;
use dabir_core::Timestamp;
use dabir_core::id::random_bytes;
use dabir_core::text::ascii_digits;

/// 160 bits, as the hash has.
pub(crate) type Key = [u8; 20];

const STEP_SECS: i64 = 30;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(crate) fn new_key() -> Key {
    random_bytes()
}

/// The key as people type it into an authenticator.
pub(crate) fn base32(key: &Key) -> String {
    let bits = key
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1));
    let bits: Vec<u8> = bits.collect();
    let letter = |five: &[u8]| {
        let index = five
            .iter()
            .fold(0_usize, |index, bit| index * 2 + usize::from(*bit));
        char::from(ALPHABET[index])
    };
    bits.chunks(5).map(letter).collect()
}

/// What an authenticator reads from a picture.
pub(crate) fn uri(key: &Key, email: &str) -> String {
    let email: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
    format!(
        "otpauth://totp/Dabir:{email}?secret={}&issuer=Dabir",
        base32(key)
    )
}

/// The step whose code this is: now's, or one of its neighbours', because clocks differ. Steps up
/// to `last` were used already.
pub(crate) fn step_of(key: &[u8], code: &str, now: Timestamp, last: i64) -> Option<i64> {
    let code = ascii_digits(code.trim());
    let this = now.as_second().div_euclid(STEP_SECS);
    (this - 1..=this + 1).find(|step| *step > last && code_of(key, *step) == code)
}

fn code_of(key: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let start = bytes.last().map_or(0, |last| usize::from(last & 15));
    let word = bytes.iter().skip(start).take(4);
    let number = word.fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8; 20] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let step = second / STEP_SECS;
            assert_eq!(code_of(KEY, step), code);
            assert_eq!(step_of(KEY, code, at(second), 0), Some(step));
        }
        assert_eq!(base32(KEY), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_is_good_for_its_neighbours_and_never_twice() {
        let code = "287082";
        assert_eq!(step_of(KEY, "۲۸۷۰۸۲", at(59), 0), Some(1));
        assert_eq!(step_of(KEY, code, at(61), 0), Some(1));
        assert_eq!(step_of(KEY, code, at(91), 0), None);
        assert_eq!(step_of(KEY, code, at(59), 1), None);
        assert_eq!(step_of(KEY, "", at(59), 0), None);
    }
}
