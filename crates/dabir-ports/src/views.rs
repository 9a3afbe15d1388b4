//! What HTTP answers beside the known bodies: each local time as an instant too, and what is known
//! of a backup besides its name.

use std::collections::BTreeMap;

use dabir_core::{Timestamp, jalali};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::{BackupFile, DIGITS};
use crate::{HistoryEntry, Lease, PortsState, Settings};

/// The whole state.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct StateView {
    current_port: Option<u16>,
    free_ports: Vec<u16>,
    used_ports: Vec<u16>,
    /// How often each port was picked.
    #[schema(value_type = BTreeMap<String, u64>)]
    port_usage: BTreeMap<u16, u64>,
    history: Vec<HistoryView>,
    last_checked: Option<String>,
    last_checked_at: Option<Timestamp>,
    /// Picks and releases so far.
    change_count: u64,
    last_error: Option<String>,
    last_error_time: Option<String>,
    last_error_at: Option<Timestamp>,
    settings: Settings,
    #[schema(value_type = BTreeMap<String, LeaseView>)]
    leases: BTreeMap<u16, LeaseView>,
    /// The zone of the local times; `null` when the system's has no name.
    #[schema(example = "Asia/Tehran")]
    timezone: Option<String>,
}

/// A change of the active port.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct HistoryView {
    #[serde(flatten)]
    entry: HistoryEntry,
    /// `time` as an instant, to the minute.
    at: Option<Timestamp>,
}

/// One port in the hands of one owner.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct LeaseView {
    #[serde(flatten)]
    lease: Lease,
    /// `since` as an instant, to the minute.
    since_at: Option<Timestamp>,
}

/// One backup.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct BackupView {
    #[schema(example = "dynamic_ports_20240721_155445.json")]
    name: String,
    /// When it was made, as its name says.
    at: Option<Timestamp>,
    size_bytes: u64,
}

impl StateView {
    pub(crate) fn new(state: PortsState, zone: &TimeZone) -> Self {
        let at = |stamp: &Option<String>| stamp.as_ref().and_then(|stamp| instant(stamp, zone));
        Self {
            last_checked_at: at(&state.last_checked),
            last_error_at: at(&state.last_error_time),
            history: history(state.history, zone),
            leases: state
                .leases
                .into_iter()
                .map(|(port, lease)| (port, LeaseView::new(lease, zone)))
                .collect(),
            timezone: zone.iana_name().map(str::to_owned),
            current_port: state.current_port,
            free_ports: state.free_ports,
            used_ports: state.used_ports,
            port_usage: state.port_usage,
            last_checked: state.last_checked,
            change_count: state.change_count,
            last_error: state.last_error,
            last_error_time: state.last_error_time,
            settings: state.settings,
        }
    }
}

pub(crate) fn history(entries: Vec<HistoryEntry>, zone: &TimeZone) -> Vec<HistoryView> {
    let view = |entry: HistoryEntry| HistoryView {
        at: instant(&entry.time, zone),
        entry,
    };
    entries.into_iter().map(view).collect()
}

impl LeaseView {
    fn new(lease: Lease, zone: &TimeZone) -> Self {
        Self {
            since_at: instant(&lease.since, zone),
            lease,
        }
    }
}

impl BackupView {
    pub(crate) fn new(file: BackupFile, zone: &TimeZone) -> Self {
        let local = DateTime::strptime(DIGITS, &file.digits);
        let at = local.and_then(|local| local.to_zoned(zone.clone()));
        Self {
            name: file.name,
            at: at.ok().map(|at| at.timestamp()),
            size_bytes: file.size_bytes,
        }
    }
}

/// A local time of the file; `None` for what another program wrote in another form.
fn instant(stamp: &str, zone: &TimeZone) -> Option<Timestamp> {
    jalali::parse_stamp(stamp, zone).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_times_become_instants_and_what_is_none_stays_as_it_is() {
        let zone = TimeZone::get("Asia/Tehran").unwrap();
        let entry = |time: &str| HistoryEntry {
            time: time.to_owned(),
            prev: None,
            new: Some(3_000),
        };
        let views = history(
            vec![entry("1403/05/01 12:10 doshanbe"), entry("yesterday")],
            &zone,
        );
        let json = serde_json::to_value(views).unwrap();
        assert_eq!(
            json[0],
            serde_json::json!({"time": "1403/05/01 12:10 doshanbe", "prev": null, "new": 3000, "at": "2024-07-22T08:40:00Z"})
        );
        assert_eq!(
            (&json[1]["time"], &json[1]["at"]),
            (&"yesterday".into(), &serde_json::Value::Null)
        );
    }

    #[test]
    fn a_backup_is_as_old_as_its_name_says() {
        let zone = TimeZone::get("Asia/Tehran").unwrap();
        let file = |digits: &str| BackupFile {
            name: format!("ports_{digits}.json"),
            digits: digits.to_owned(),
            size_bytes: 7,
        };
        let at = |digits| {
            BackupView::new(file(digits), &zone)
                .at
                .map(|at| at.to_string())
        };
        assert_eq!(
            at("20240722_121001").as_deref(),
            Some("2024-07-22T08:40:01Z")
        );
        assert_eq!(at("20241322_121001"), None);
    }
}
