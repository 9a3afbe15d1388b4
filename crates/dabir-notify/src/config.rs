//! The sections `[mail]` and `[sms]` of the configuration.

use dabir_core::Secret;
use dabir_core::setting::{Kind, Setting, out_of_bounds};
use serde::{Deserialize, Serialize};

use crate::mail;
use crate::sms::Gateway;

/// `[mail]`: the server that takes mail, and who it is from; empty: no mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailConfig {
    /// May hold a password, so it is never printed.
    #[serde(skip_serializing)]
    pub url: Secret,
    /// An address, also with a name: `Dabir <dabir@example.org>`.
    pub from: String,
}

/// `[sms]`: the gateway that takes text messages; empty: no messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmsConfig {
    /// May hold a key, so it is never printed. `{to}` and `{text}` stand for the number and the text.
    #[serde(skip_serializing)]
    pub url: Secret,
    pub method: String,
    /// Lines such as `Authorization: Bearer …`; never printed.
    #[serde(skip_serializing)]
    pub headers: Vec<Secret>,
    /// With `{to}` and `{text}`, escaped as the content type asks for.
    pub body: String,
}

impl Default for SmsConfig {
    fn default() -> Self {
        Self {
            url: Secret::default(),
            method: "POST".to_owned(),
            headers: Vec::new(),
            body: r#"{"to": "{to}", "text": "{text}"}"#.to_owned(),
        }
    }
}

const WHY: &str = "whoever names a server may have it called, and learns what is written to people, \
                   so only the file and the environment may";

/// A key of the configuration that is wrong, and what is allowed.
pub(crate) type Wrong = (&'static str, String);

impl MailConfig {
    /// Every key of `[mail]`.
    pub const SETTINGS: &'static [Setting] = &[
        Setting::only_file(
            "url",
            Kind::Secret("`smtp://user:password@host:587`, or nothing for no mail"),
            WHY,
        ),
        Setting::only_file(
            "from",
            Kind::Text("an address, such as `Dabir <dabir@example.org>`"),
            WHY,
        ),
    ];

    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = out_of_bounds(Self::SETTINGS, self);
        problems.extend(mail::read(self).err());
        problems
    }
}

impl SmsConfig {
    /// Every key of `[sms]`.
    pub const SETTINGS: &'static [Setting] = &[
        Setting::only_file(
            "url",
            Kind::Secret("`https://gateway.example/send`, or nothing for no messages"),
            WHY,
        ),
        Setting::only_file("method", Kind::Choice(&["POST", "PUT", "GET"]), WHY),
        Setting::only_file(
            "headers",
            Kind::Secret("lines such as `Authorization: Bearer …`"),
            WHY,
        ),
        Setting::only_file("body", Kind::Text("a text with `{to}` and `{text}`"), WHY),
    ];

    /// Every value that is not allowed, as (key, what is allowed).
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = out_of_bounds(Self::SETTINGS, self);
        problems.extend(Gateway::new(self).err());
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong_mail(url: &str, from: &str) -> Option<&'static str> {
        let config = MailConfig {
            url: Secret::new(url),
            from: from.to_owned(),
        };
        config.problems().first().map(|(key, _)| *key)
    }

    fn sms(url: &str, header: &str, body: &str) -> Option<&'static str> {
        let config = SmsConfig {
            url: Secret::new(url),
            headers: vec![Secret::new(header)],
            body: body.to_owned(),
            ..SmsConfig::default()
        };
        config.problems().first().map(|(key, _)| *key)
    }

    #[test]
    fn nothing_has_to_be_configured() {
        assert_eq!(MailConfig::default().problems(), []);
        assert_eq!(SmsConfig::default().problems(), []);
    }

    #[test]
    fn what_is_configured_wrongly_is_named() {
        let from = "Dabir <dabir@example.org>";
        assert_eq!(wrong_mail("smtp://u:p%40@mail.example:587", from), None);
        assert_eq!(wrong_mail("smtps://mail.example", from), None);
        assert_eq!(wrong_mail("smtp://127.0.0.1:25?tls=none", from), None);
        for wrong in [
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtp://mail.example?tls=perhaps",
            "smtps://mail.example?tls=none",
        ] {
            assert_eq!(wrong_mail(wrong, from), Some("url"), "{wrong}");
        }
        assert_eq!(wrong_mail("smtps://mail.example", "nobody"), Some("from"));
        assert_eq!(wrong_mail("smtps://mail.example", ""), Some("from"));
        let (url, header) = ("https://sms.example/{to}", "X-Key: a");
        assert_eq!(sms(url, header, "{text}"), None);
        assert_eq!(sms("ftp://sms.example", header, "{to}{text}"), Some("url"));
        assert_eq!(sms(url, "X-Key", "{text}"), Some("headers"));
        assert_eq!(sms(url, header, "hello"), Some("body"));
        assert_eq!(sms("https://sms.example/", header, "{text}"), Some("body"));
    }

    #[test]
    fn secrets_are_not_shown() {
        let config = SmsConfig {
            url: Secret::new("https://sms.example/s3cret"),
            headers: vec![Secret::new("X-Key: s3cret")],
            ..SmsConfig::default()
        };
        let shown = format!("{config:?} {}", serde_json::to_string(&config).unwrap());
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
