//! The kinds of groups, and which combinations of their marks exist.

use syncline_model::{Attr, Attrs, Problem, Value, is_role_assignable};

/// A Microsoft 365 group.
pub(super) fn is_unified(attrs: &Attrs) -> bool {
    has_type(attrs, "Unified")
}

/// A group whose members follow from a rule.
pub(super) fn is_dynamic(attrs: &Attrs) -> bool {
    has_type(attrs, "DynamicMembership")
}

/// In any case: groups of earlier builds have it as it was sent.
fn has_type(attrs: &Attrs, name: &str) -> bool {
    let types = attrs
        .get(Attr::GROUP_TYPES)
        .map_or(&[][..], Value::as_slice);
    types
        .iter()
        .filter_map(Value::as_text)
        .any(|it| it.eq_ignore_ascii_case(name))
}

const HIDDEN: &str = "HiddenMembership";

/// Nothing hides members here, so nobody is promised that something does. What is stored, from when it was taken, may
/// be sent back.
///
/// # Errors
/// 400 for `HiddenMembership`.
pub(super) fn check_hides_nobody(before: Option<&Attrs>, given: &Value) -> Result<(), Problem> {
    let is_hidden = |text: &str| text.eq_ignore_ascii_case(HIDDEN);
    let stored = before.and_then(|it| it.text(Attr::VISIBILITY));
    if given.as_text().is_some_and(is_hidden) && !stored.is_some_and(is_hidden) {
        return Err(wrong_visibility(
            "The members of a group can not be hidden: 'visibility' can not be HiddenMembership. Use Private or Public.",
        ));
    }
    Ok(())
}

/// Microsoft 365 groups are private or public, and groups for roles private, which nobody asks to join. Nobody asks to
/// join another security group either: Graph takes a value for it, and shows none. What is stored may be sent back.
///
/// # Errors
/// 400 when it would make a group for roles anything else.
pub(super) fn settle_visibility(before: Option<&Attrs>, after: &mut Attrs) -> Result<(), Problem> {
    let Some(visibility) = after.text(Attr::VISIBILITY) else {
        return Ok(());
    };
    let stored = before.and_then(|it| it.text(Attr::VISIBILITY));
    if stored == Some(visibility) {
        return Ok(());
    }
    // Before all else: a Microsoft 365 group may be one for roles.
    if is_role_assignable(after) && visibility != "Private" {
        return Err(wrong_visibility(
            "Visibility can only be set to Private for groups assignable to role",
        ));
    }
    if !is_role_assignable(after) && !is_unified(after) {
        after.remove(Attr::VISIBILITY);
    }
    Ok(())
}

fn wrong_visibility(message: &'static str) -> Problem {
    Problem::bad_request(message).with_detail("InvalidValue", message, Some("visibility"))
}

/// Security groups and Microsoft 365 groups exist; mail-enabled security groups and distribution
/// lists are made in Exchange only.
pub(super) fn check(attrs: &Attrs) -> Result<(), Problem> {
    let mail = attrs.bool(Attr::MAIL_ENABLED).unwrap_or(false);
    let security = attrs.bool(Attr::SECURITY_ENABLED).unwrap_or(false);
    if is_unified(attrs) && !mail {
        return Err(Problem::bad_request(
            "A Unified group must be mail-enabled: set mailEnabled to true.",
        ));
    }
    if !is_unified(attrs) && (mail || !security) {
        return Err(Problem::bad_request(
            "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.",
        ));
    }
    if is_role_assignable(attrs) && (!security || is_dynamic(attrs)) {
        return Err(Problem::bad_request(
            "A group with isAssignableToRole must be security-enabled, and its members cannot follow from a rule: set securityEnabled to true and leave DynamicMembership out of groupTypes.",
        ));
    }
    if is_dynamic(attrs) && !attrs.contains(Attr::MEMBERSHIP_RULE) {
        return Err(Problem::bad_request(
            "A group with DynamicMembership needs a membershipRule.",
        ));
    }
    Ok(())
}
