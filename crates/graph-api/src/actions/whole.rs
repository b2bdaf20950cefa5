//! Answers that are given as a whole: they are found by nobody's choice, and have no pages and no order. `$select` has no
//! effect on them: whoever is shown more than was asked for is told nothing wrong.

use syncline_model::Problem;

use crate::Call;

/// Of one thing.
///
/// # Errors
/// 400 naming an option that would have to leave something out, or to put it in order.
pub fn one(call: &Call<'_>) -> Result<(), Problem> {
    call.query
        .refuse(&["filter", "orderby", "search", "top", "skip", "skiptoken"])
}

/// Of a list of so many, in which a `$top` of as many or more leaves nothing out.
///
/// # Errors
/// As [`one`].
pub fn list(call: &Call<'_>, count: usize) -> Result<(), Problem> {
    call.query
        .refuse(&["filter", "orderby", "search", "skip", "skiptoken"])?;
    match call.query.texts.top {
        Some(top) if (top as usize) < count => call.query.refuse(&["top"]),
        _ => Ok(()),
    }
}

/// Of the number of a list, which no `$top` changes.
///
/// # Errors
/// As [`one`].
pub fn count(call: &Call<'_>) -> Result<(), Problem> {
    list(call, 0)
}
