//! `/me` is the signed-in user: the path goes on as `/users/{id}`.

use syncline_access::{Caller, CallerKind};
use syncline_model::Problem;
use syncline_odata::path::Segment;

/// Puts the signed-in user in the place of `me`.
///
/// # Errors
/// 400 for a caller without a user.
pub(crate) fn resolve(
    mut segments: Vec<Segment>,
    caller: &Caller,
) -> Result<Vec<Segment>, Problem> {
    if !is_name(&segments, 0, "me") {
        // Some Python adapters rewrite `/me` to this.
        if !(is_name(&segments, 0, "users") && is_name(&segments, 1, "me-token-to-replace")) {
            return Ok(segments);
        }
        segments.remove(0);
    }
    let CallerKind::Delegated { user, .. } = &caller.kind else {
        return Err(Problem::malformed(
            "/me request is only valid with delegated authentication flow.",
        ));
    };
    segments.splice(
        0..1,
        [
            Segment::Name("users".to_owned()),
            Segment::Key(user.to_string()),
        ],
    );
    Ok(segments)
}

fn is_name(segments: &[Segment], at: usize, wanted: &str) -> bool {
    matches!(segments.get(at), Some(Segment::Name(text)) if text.eq_ignore_ascii_case(wanted))
}
