//! Strict mode: refuse what real Graph answers only as an "advanced query".

use syncline_model::{Problem, ProblemKind};
use syncline_odata::QueryOptions;

use crate::Call;

/// 400 for `$search`, and for a sorted filter, without the advanced header and `$count=true`.
pub(super) fn check(call: &Call<'_>, options: &QueryOptions) -> Result<(), Problem> {
    if !call.api.settings.strict_graph {
        return Ok(());
    }
    let texts = &options.texts;
    if texts.search.is_some() && !call.eventual() {
        return Err(Problem::unsupported_query(
            "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
        ));
    }
    let advanced = call.eventual() && texts.count;
    let sorted_filter = texts.filter.is_some() && texts.orderby.is_some();
    let operators = texts
        .filter
        .as_deref()
        .is_some_and(names_an_advanced_operator);
    if (sorted_filter || operators) && !advanced {
        return Err(Problem::unsupported_query("Unsupported Query."));
    }
    Ok(())
}

/// 400 for managers of managers without the advanced header and `$count=true`.
pub(super) fn check_levels(call: &Call<'_>, options: &QueryOptions) -> Result<(), Problem> {
    let asked = options.expand.iter().any(|it| it.levels.is_some());
    let advanced = call.eventual() && options.texts.count;
    if call.api.settings.strict_graph && asked && !advanced {
        return Err(Problem::unsupported_query("Unsupported Query."));
    }
    Ok(())
}

/// 400 for `/$count` without the header.
pub(super) fn check_count_segment(call: &Call<'_>) -> Result<(), Problem> {
    if call.api.settings.strict_graph && !call.eventual() {
        return Err(Problem::new(
            ProblemKind::BadRequest,
            "Request_BadRequest",
            "$count is not currently supported.",
        ));
    }
    Ok(())
}

/// `ne`, `not`, `endsWith` and collection counts, outside of quoted texts.
fn names_an_advanced_operator(filter: &str) -> bool {
    let outside: Vec<&str> = filter.split('\'').step_by(2).collect();
    outside
        .join(" ")
        .to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '$')
        .any(|word| matches!(word, "ne" | "not" | "endswith" | "$count"))
}
