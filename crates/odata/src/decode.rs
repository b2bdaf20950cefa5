//! Percent-decoding. Clients encode differently: Python encodes every parenthesis and quote,
//! JavaScript leaves them.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use syncline_model::Problem;

/// One decoded piece of a URL. `what` names it in the problem.
pub(crate) fn percent(raw: &str, what: &str) -> Result<String, Problem> {
    let text = percent_decode_str(raw).decode_utf8().map_err(|_| {
        Problem::malformed(format!("The {what} is not UTF-8 after percent-decoding."))
    })?;
    // No name, key or value contains a null byte, and PostgreSQL can not store one.
    if text.contains('\0') {
        return Err(Problem::malformed(format!(
            "The {what} contains a null character."
        )));
    }
    Ok(text.into_owned())
}

/// The same for a query string, where `+` means a space.
pub(crate) fn query(raw: &str, what: &str) -> Result<String, Problem> {
    let raw: Cow<'_, str> = if raw.contains('+') {
        raw.replace('+', " ").into()
    } else {
        raw.into()
    };
    percent(&raw, what)
}
