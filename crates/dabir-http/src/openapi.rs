//! What the API's document need not be told operation by operation: in which form problems come, and
//! which of them the layers and extractors answer before a handler is asked.

use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response, ResponseBuilder};

const PROBLEM: &str = "Problem";
const JSON: &str = "application/json";
const PROBLEM_JSON: &str = "application/problem+json";

/// Completes the document of a router whose operations are below `/api/v1/`.
pub fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let below = path.starts_with("/api/v1/");
        for operation in operations(item) {
            operation
                .responses
                .responses
                .values_mut()
                .for_each(name_problem);
            if below {
                add_problems(operation);
            }
        }
    }
    let content = Content::new(Some(Ref::from_schema_name(PROBLEM)));
    let response = ResponseBuilder::new()
        .description("Why it was not done")
        .content(PROBLEM_JSON, content)
        .build();
    let components = document.components.get_or_insert_default();
    components
        .responses
        .insert(PROBLEM.to_owned(), response.into());
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem {
        get,
        put,
        post,
        delete,
        patch,
        ..
    } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

/// A problem is told as what it is, not as any JSON.
fn name_problem(response: &mut RefOr<Response>) {
    let RefOr::T(response) = response else {
        return;
    };
    let problem = Content::new(Some(Ref::from_schema_name(PROBLEM)));
    if response.content.get(JSON) == Some(&problem.into()) {
        let content = response.content.swap_remove(JSON);
        let named = content.map(|content| (PROBLEM_JSON.to_owned(), content));
        response.content.extend(named);
    }
}

fn add_problems(operation: &mut Operation) {
    let statuses: Vec<&str> = problems(operation).collect();
    for status in statuses {
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| Ref::from_response_name(PROBLEM).into());
    }
}

/// What can be wrong with a request before its handler sees it.
fn problems(operation: &Operation) -> impl Iterator<Item = &'static str> {
    let takes = |place: ParameterIn| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|one| matches!(one, RefOr::T(one) if one.parameter_in == place))
    };
    let cases: [(bool, &[&str]); 4] = [
        // A wrong token, a role or scope that is too little or a foreign page, too many requests.
        (true, &["401", "403", "429"]),
        (takes(ParameterIn::Path), &["404"]),
        (takes(ParameterIn::Query), &["400", "422"]),
        (
            operation.request_body.is_some(),
            &["400", "413", "415", "422"],
        ),
    ];
    let possible = cases.into_iter().filter(|(possible, _)| *possible);
    possible.flat_map(|(_, statuses)| statuses).copied()
}
