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

fn has_type(attrs: &Attrs, name: &str) -> bool {
    let types = attrs
        .get(Attr::GROUP_TYPES)
        .map_or(&[][..], Value::as_slice);
    types
        .iter()
        .filter_map(Value::as_text)
        .any(|it| it.eq_ignore_ascii_case(name))
}

/// Microsoft 365 groups are private or public, and groups for roles private, which nobody asks to join. Of others
/// nobody could tell what it means. What is stored may be sent back.
///
/// # Errors
/// 400, for `HiddenMembership` of any group: nothing hides members here, so nobody is promised that something does.
pub(super) fn check_visibility(before: Option<&Attrs>, after: &Attrs) -> Result<(), Problem> {
    let Some(visibility) = after.text(Attr::VISIBILITY) else {
        return Ok(());
    };
    if before.and_then(|it| it.text(Attr::VISIBILITY)) == Some(visibility) {
        return Ok(());
    }
    let message = if visibility == "HiddenMembership" {
        "The members of a group can not be hidden: 'visibility' can not be HiddenMembership. Use Private or Public."
    } else if is_unified(after) || (is_role_assignable(after) && visibility == "Private") {
        return Ok(());
    } else {
        "Only a Unified group has a 'visibility'. Leave it out, or send null."
    };
    Err(Problem::bad_request(message).with_detail("InvalidValue", message, Some("visibility")))
}

/// Security groups and Microsoft 365 groups exist; mail-enabled security groups and distribution
/// lists are made in Exchange only.
pub(super) fn check(attrs: &Attrs) -> Result<(), Problem> {
    let mail = attrs.bool(Attr::MAIL_ENABLED).unwrap_or(false);
    let security = attrs.bool(Attr::SECURITY_ENABLED).unwrap_or(false);
    let types = attrs
        .get(Attr::GROUP_TYPES)
        .map_or(&[][..], Value::as_slice);
    let known = ["Unified", "DynamicMembership"];
    let unknown = types
        .iter()
        .filter_map(Value::as_text)
        .find(|it| !known.iter().any(|known| known.eq_ignore_ascii_case(it)));
    if unknown.is_some() {
        return Err(Problem::invalid_value("groupTypes", "Group"));
    }
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
