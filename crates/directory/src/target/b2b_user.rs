//! What makes a user an external one.

use syncline_engine::Fault;
use syncline_model::b2b::{self, EXTERNAL};
use syncline_model::{Attr, Attrs, TenantId, Timestamp, Value};
use syncline_store::Tenant;

use super::fault;
use super::values::SIGN_IN_NAME;
use crate::{addresses, users};

/// The longest mail alias.
const LONGEST_ALIAS: usize = 64;

/// Completes the attributes of an external user about to be created. Redemption is automatic (the
/// page's policy check has seen to it), so the invitation counts as accepted. What a mapping leaves empty stays
/// so: the next look would take it away again.
pub(super) fn complete(
    attrs: &mut Attrs,
    left_empty: &[Attr],
    tenant: &Tenant,
    source: TenantId,
    now: Timestamp,
) -> Result<(), Fault> {
    check_sign_in_name(
        attrs.text(Attr::USER_PRINCIPAL_NAME).unwrap_or_default(),
        tenant,
    )?;
    if !attrs.contains(Attr::DISPLAY_NAME) {
        return Err(fault::invalid(
            "MandatoryFieldsMissing",
            "A user needs a displayName.".to_owned(),
        ));
    }
    let name = attrs
        .text(Attr::USER_PRINCIPAL_NAME)
        .unwrap_or_default()
        .to_owned();
    attrs.set(Attr::CREATION_TYPE, "Invitation");
    attrs.set(Attr::EXTERNAL_USER_STATE, "Accepted");
    attrs.set(Attr::EXTERNAL_USER_STATE_CHANGE_DATE_TIME, Value::Time(now));
    attrs.set(Attr::HOME_TENANT_ID, Value::Guid(source.0));
    attrs.set(Attr::IDENTITIES, users::external_identities());
    for attr in b2b::COMPLETED {
        if attrs.contains(attr) || left_empty.contains(&attr) {
            continue;
        }
        let value = match attr {
            Attr::ACCOUNT_ENABLED => Some(Value::Bool(true)),
            Attr::USER_TYPE => Some(Value::text("Member")),
            Attr::MAIL_NICKNAME => Some(Value::text(alias(&name))),
            Attr::OTHER_MAILS => invited_address(attrs, &name),
            _ => None,
        };
        attrs.put(attr, value);
    }
    addresses::follow_mail(attrs);
    Ok(())
}

/// The name of an external user is `…#EXT#@<initial domain>`, in the tenant's initial domain. A second `#EXT#` would
/// make it another's: nobody could tell any more where the user is at home.
pub(super) fn check_sign_in_name(name: &str, tenant: &Tenant) -> Result<(), Fault> {
    let initial = tenant.initial_domain();
    let good = crate::values::split_user_principal_name(name).is_some_and(|(alias, domain)| {
        let ends_at_first =
            b2b::split_external(name).is_some_and(|(_, rest)| rest.starts_with('@'));
        alias.ends_with(EXTERNAL) && ends_at_first && domain.eq_ignore_ascii_case(initial)
    });
    if good {
        return Ok(());
    }
    Err(fault::invalid(
        SIGN_IN_NAME,
        format!(
            "The userPrincipalName '{name}' of an external user must end in {EXTERNAL}@{initial}, and have {EXTERNAL} nowhere else."
        ),
    ))
}

/// The address the user would have been invited under.
fn invited_address(attrs: &Attrs, name: &str) -> Option<Value> {
    let address = attrs
        .text(Attr::MAIL)
        .map(str::to_owned)
        .or_else(|| b2b::home_name(name).map(|(alias, domain)| format!("{alias}@{domain}")))?;
    Some(Value::List(vec![Value::text(address)]))
}

fn alias(name: &str) -> &str {
    let alias = name.split('@').next().unwrap_or_default();
    let end = alias.char_indices().nth(LONGEST_ALIAS);
    &alias[..end.map_or(alias.len(), |(at, _)| at)]
}

#[cfg(test)]
mod tests {
    use super::alias;

    #[test]
    fn an_alias_is_cut_behind_so_many_characters_not_bytes() {
        for letters in [1, 63, 64] {
            let name = format!("{}@x.example", "é".repeat(letters));
            assert_eq!(alias(&name), "é".repeat(letters));
        }
        assert_eq!(alias(&"é".repeat(70)), "é".repeat(64));
        assert_eq!(alias("ana_x.example#EXT#@y.example"), "ana_x.example#EXT#");
        assert_eq!(alias(""), "");
    }
}
