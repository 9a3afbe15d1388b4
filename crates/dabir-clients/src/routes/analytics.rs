//! How many were connected and what happened, for people and their spreadsheets.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use dabir_core::text::csv_cell;
use dabir_http::{Json, Problem, Query, Viewer};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::calendar::By;
use crate::service::{Analytics, Asked, Clients, Line};

/// What is to be told.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AnalyticsQuery {
    /// A day where the house is, as `2026-03-21`, or an instant. When not given, 30 days or 24 hours
    /// before `to`.
    from: Option<String>,
    /// The same, and not itself meant; now when not given.
    to: Option<String>,
    /// Hours are known for 93 days, days for three years.
    #[serde(default)]
    by: By,
    /// Of this room only.
    room: Option<String>,
    /// What `Accept` says when not given.
    #[param(inline)]
    format: Option<AnalyticsFormat>,
}

/// How it is told.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ClientAnalyticsFormat)]
pub(super) enum AnalyticsFormat {
    Json,
    Csv,
}

const COLUMNS: &str = "day,date,hour,room,connected_max,connected_mean,joins,lost,pauses,blocks";

/// Look at how many were connected and what happened, by hour or by day of the house.
#[utoipa::path(
    get, path = "/api/v1/clients/analytics", tag = "clients", params(AnalyticsQuery),
    responses(
        (status = 200, content((Analytics = "application/json"), (String = "text/csv"))),
        (status = 400, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn get_client_analytics(
    _: Viewer,
    State(clients): State<Clients>,
    Query(query): Query<AnalyticsQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let is_csv = match query.format {
        Some(format) => matches!(format, AnalyticsFormat::Csv),
        None => wants_csv(&headers),
    };
    let asked = Asked {
        from: query.from,
        to: query.to,
        by: query.by,
        room: query.room,
    };
    if !is_csv {
        return Ok(Json(clients.analytics(&asked).await?).into_response());
    }
    let lines = clients.analytics_table(&asked).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"clients.csv\"",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, csv(&lines)).into_response())
}

fn wants_csv(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut kinds = accept.split(',').map(|kind| kind.split(';').next());
    kinds.any(|kind| kind.is_some_and(|kind| kind.trim() == "text/csv"))
}

/// With the mark by which spreadsheets know UTF-8.
fn csv(lines: &[Line]) -> String {
    let head = format!("\u{feff}{COLUMNS}\r\n");
    lines.iter().fold(head, |text, line| text + &row(line))
}

fn row(line: &Line) -> String {
    let figures = &line.figures;
    let hour = line.hour.as_deref().unwrap_or_default();
    let texts = [&line.day, &line.date, hour, &line.room].map(csv_cell);
    let numbers = [figures.joins, figures.lost, figures.pauses, figures.blocks];
    format!(
        "{},{},{},{}\r\n",
        texts.join(","),
        figures.connected_max,
        figures.connected_mean,
        numbers.map(|number| number.to_string()).join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Figures;

    #[test]
    fn no_room_is_a_formula() {
        let line = |room: &str| Line {
            day: "1405/01/01".to_owned(),
            date: "2026-03-21".to_owned(),
            hour: None,
            room: room.to_owned(),
            figures: Figures {
                connected_mean: 1.5,
                ..Figures::default()
            },
        };
        let written = csv(&[line("=1+1"), line("کلاس \"۱\"")]);
        assert_eq!(
            written,
            "\u{feff}day,date,hour,room,connected_max,connected_mean,joins,lost,pauses,blocks\r\n\
             \"1405/01/01\",\"2026-03-21\",\"\",\"'=1+1\",0,1.5,0,0,0,0\r\n\
             \"1405/01/01\",\"2026-03-21\",\"\",\"کلاس \"\"۱\"\"\",0,1.5,0,0,0,0\r\n"
        );
    }

    #[test]
    fn csv_is_sent_to_whoever_accepts_it() {
        let wants = |accept: &str| {
            wants_csv(
                &[(header::ACCEPT, accept.parse().unwrap())]
                    .into_iter()
                    .collect(),
            )
        };
        assert!(wants("text/csv") && wants("application/json;q=0.1, text/csv; q=1"));
        assert!(!wants("*/*") && !wants("text/csvx"));
    }
}
