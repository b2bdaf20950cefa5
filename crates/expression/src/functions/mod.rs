//! The table of all functions. One file each; its name is the function's.

mod function;

mod alt_sec_id_from_net_id;
mod app_role_assignments;
mod app_role_assignments_complex;
mod append;
mod assertive_app_role_assignments_complex;
mod bit_and;
mod c_bool;
mod c_date;
mod c_str;
mod coalesce;
mod convert_to_base64;
mod convert_to_utf8_hex;
mod count;
mod date_add;
mod date_diff;
mod date_from_num;
mod default_domain;
mod format_date_time;
mod guid;
mod ignore_flow_if_null_or_empty;
mod iif;
mod in_str;
mod is_nothing;
mod is_null;
mod is_null_or_empty;
mod is_present;
mod is_string;
mod item;
mod join;
mod left;
mod len;
mod mid;
mod normalize_diacritics;
mod not;
mod now;
mod num_from_date;
mod p_case;
mod prepend;
mod random_string;
mod redact;
mod remove_duplicates;
mod replace;
mod select_unique_value;
mod single_app_role_assignment;
mod split;
mod strip_spaces;
mod switch;
mod to_lower;
mod to_upper;
mod word;

pub use function::{
    Example, Expected, Function, FunctionParameter, Missing, Nulls, Returns, Varies,
};

use syncline_model::Value;

use crate::ast::Span;
use crate::diagnostic::{Code, Diagnostic};
use crate::evaluator::Call;
use crate::similar;
use crate::stop::Evaluated;
use crate::types::Type;

/// Sorted by name.
static FUNCTIONS: &[&Function] = &[
    &alt_sec_id_from_net_id::FUNCTION,
    &app_role_assignments::FUNCTION,
    &app_role_assignments_complex::FUNCTION,
    &append::FUNCTION,
    &assertive_app_role_assignments_complex::FUNCTION,
    &bit_and::FUNCTION,
    &c_bool::FUNCTION,
    &c_date::FUNCTION,
    &c_str::FUNCTION,
    &coalesce::FUNCTION,
    &convert_to_base64::FUNCTION,
    &convert_to_utf8_hex::FUNCTION,
    &count::FUNCTION,
    &date_add::FUNCTION,
    &date_diff::FUNCTION,
    &date_from_num::FUNCTION,
    &default_domain::FUNCTION,
    &format_date_time::FUNCTION,
    &guid::FUNCTION,
    &iif::FUNCTION,
    &ignore_flow_if_null_or_empty::FUNCTION,
    &in_str::FUNCTION,
    &is_nothing::FUNCTION,
    &is_null::FUNCTION,
    &is_null_or_empty::FUNCTION,
    &is_present::FUNCTION,
    &is_string::FUNCTION,
    &item::FUNCTION,
    &join::FUNCTION,
    &left::FUNCTION,
    &len::FUNCTION,
    &mid::FUNCTION,
    &normalize_diacritics::FUNCTION,
    &not::FUNCTION,
    &now::FUNCTION,
    &num_from_date::FUNCTION,
    &p_case::FUNCTION,
    &prepend::FUNCTION,
    &random_string::FUNCTION,
    &redact::FUNCTION,
    &remove_duplicates::FUNCTION,
    &replace::FUNCTION,
    &select_unique_value::FUNCTION,
    &single_app_role_assignment::FUNCTION,
    &split::FUNCTION,
    &strip_spaces::FUNCTION,
    &switch::FUNCTION,
    &to_lower::FUNCTION,
    &to_upper::FUNCTION,
    &word::FUNCTION,
];

/// All functions of the language, sorted by name.
pub fn functions() -> &'static [&'static Function] {
    FUNCTIONS
}

/// The function of exactly this name.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS
        .iter()
        .find(|function| function.name == name)
        .copied()
}

/// What to say of a name that is no function.
pub(crate) fn unknown(name: &str, span: Span) -> Diagnostic {
    let meant = similar::closest(name, FUNCTIONS.iter().map(|function| function.name));
    Diagnostic::new(
        Code::UnknownFunction,
        span,
        format!("unknown function `{name}`"),
    )
    .did_you_mean(meant)
}

/// No value, or the empty text.
fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None => true,
        Some(Value::Text(text)) => text.is_empty(),
        Some(_) => false,
    }
}
