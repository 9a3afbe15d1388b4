//! Lists of networks in the configuration, and the section `[egress]`.

use std::net::IpAddr;

use dabir_core::setting::{Kind, Setting};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize};

/// `[egress]`: what may be reached beside the internet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EgressConfig {
    /// Addresses or networks inside that sources and webhooks made over the API may reach.
    #[serde(deserialize_with = "networks")]
    pub private: Vec<IpNet>,
}

impl EgressConfig {
    pub const SETTINGS: &'static [Setting] = &[Setting::only_file(
        "private",
        NETWORKS,
        "it keeps those who may change sources from reaching what is inside, so only the file and the environment may name it",
    )];
}

/// How a setting with [`networks`] is described.
pub const NETWORKS: Kind = Kind::List("addresses or networks, such as `10.0.0.5` and `10.0.0.0/8`");

/// Addresses or networks: `10.0.0.5`, `10.0.0.0/8`.
///
/// # Errors
/// When one is neither.
pub fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    let read = |word: &String| {
        let address = word.parse().map(|ip: IpAddr| IpNet::from(ip));
        address.or_else(|_| word.parse::<IpNet>()).map_err(|_| {
            let hint = "is no address and no network; write `10.0.0.5` or `10.0.0.0/8`";
            serde::de::Error::custom(format!("`{word}` {hint}"))
        })
    };
    words.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn networks_are_addresses_or_have_a_length() {
        let read = |words| serde_json::from_value::<EgressConfig>(json!({ "private": words }));
        assert_eq!(read(["10.0.0.5", "fd00::/8"]).unwrap().private.len(), 2);
        let refused = read(["proxy", "::1"]).unwrap_err().to_string();
        assert!(refused.contains("`proxy`"), "{refused}");
    }
}
