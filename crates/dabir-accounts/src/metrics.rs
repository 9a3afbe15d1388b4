//! What of accounts is counted, for Prometheus.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::error::AccountError;

/// The metrics of one server.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    refused: Family<Limit, Counter>,
    failed: Family<Reason, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Limit {
    limit: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

impl Metrics {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("dabir");
        let help = "Requests refused because they came too often";
        registry.register("rate_limited", help, self.refused.clone());
        let help = "Sign-ins that failed";
        registry.register("sign_ins_failed", help, self.failed.clone());
    }

    /// Counts a request that came too often.
    pub(crate) fn refused(&self, limit: &'static str) {
        self.refused.get_or_create(&Limit { limit }).inc();
    }

    /// Counts a sign-in that failed. An unknown account and a wrong password are one reason: anybody
    /// may look at these numbers.
    pub(crate) fn failed(&self, error: &AccountError) {
        let reason = match error {
            AccountError::WrongLogin => "password",
            AccountError::WrongCode => "code",
            AccountError::Blocked(_) => "blocked",
            _ => return,
        };
        self.count_failed(reason);
    }

    pub(crate) fn wrong_token(&self) {
        self.count_failed("token");
    }

    fn count_failed(&self, reason: &'static str) {
        self.failed.get_or_create(&Reason { reason }).inc();
    }
}
