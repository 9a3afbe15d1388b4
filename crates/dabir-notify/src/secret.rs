//! Secrets of webhooks and the signatures made with them, as Standard Webhooks has them.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dabir_core::Secret;
use dabir_core::id::random_bytes;

const PREFIX: &str = "whsec_";

/// A new secret, as it is given to the receiver.
pub(crate) fn new_secret() -> Secret {
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(random_bytes::<32>())))
}

/// The header `webhook-signature`: one signature for each secret. What is no secret signs nothing.
pub(crate) fn signature(secrets: &[Secret], id: &str, seconds: i64, body: &str) -> String {
    let signed = format!("{id}.{seconds}.{body}");
    let sign = |secret: &Secret| {
        let key = STANDARD
            .decode(secret.expose().strip_prefix(PREFIX)?)
            .ok()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let tag = hmac::sign(&key, signed.as_bytes());
        Some(format!("v1,{}", STANDARD.encode(tag)))
    };
    let signatures: Vec<String> = secrets.iter().filter_map(sign).collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_signed_as_there() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = r#"{"test": 2432232314}"#;
        assert_eq!(
            signature(
                &[secret],
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                body
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn both_secrets_sign_while_there_are_two() {
        let (new, old) = (new_secret(), new_secret());
        assert!(new != old && new.expose().len() == PREFIX.len() + 44);
        let both = signature(&[new.clone(), old], "msg_1", 1, "{}");
        let (first, second) = both.split_once(' ').unwrap();
        assert_eq!(first, signature(&[new], "msg_1", 1, "{}"));
        assert!(second.starts_with("v1,") && first != second);
        assert_eq!(signature(&[Secret::new("whsec_§")], "msg_1", 1, ""), "");
    }
}
