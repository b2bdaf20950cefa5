//! Sign-in names.

use syncline_model::Problem;
use syncline_model::b2b::EXTERNAL;
use syncline_store::Tenant;

use super::signs::Signs;

/// Characters before the `@`, and in the whole name, of internal users.
const LONGEST_ALIAS: usize = 64;
const LONGEST: usize = 113;
/// External users carry their whole home name before `#EXT#`.
const LONGEST_EXTERNAL: usize = 320;
static OF_ALIASES: Signs = Signs::alphanumeric_and(b"'.-_!#^~");
static OF_LABELS: Signs = Signs::alphanumeric_and(b"-");

/// Alias and domain.
pub(crate) fn split(name: &str) -> Option<(&str, &str)> {
    name.split_once('@')
}

/// Letters, digits and `'.-_!#^~`, one `@`, no dot right before it.
pub(super) fn is_valid(name: &str) -> bool {
    let Some((alias, domain)) = split(name) else {
        return false;
    };
    let fits = if alias.ends_with(EXTERNAL) {
        name.len() <= LONGEST_EXTERNAL
    } else {
        name.len() <= LONGEST && alias.len() <= LONGEST_ALIAS
    };
    fits && !alias.is_empty()
        && !alias.ends_with('.')
        && OF_ALIASES.has_all(alias)
        && !domain.is_empty()
        && domain
            .split('.')
            .all(|label| !label.is_empty() && OF_LABELS.has_all(label))
}

/// The domain must be verified in the tenant.
pub(crate) fn check_domain(tenant: &Tenant, name: &str) -> Result<(), Problem> {
    let verified = split(name).is_some_and(|(_, domain)| tenant.has_domain(domain));
    if verified {
        return Ok(());
    }
    let message = "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.";
    Err(Problem::bad_request(message).with_detail(
        "InvalidValue",
        message,
        Some("userPrincipalName"),
    ))
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn names_of_internal_and_external_users_are_valid() {
        assert!(is_valid("megan.b'o-1_x!#^~@contoso.example"));
        assert!(is_valid(&format!(
            "{}_contoso.example#EXT#@f.onmicrosoft.com",
            "a".repeat(64)
        )));
    }

    #[test]
    fn anything_else_is_not() {
        let long = format!("{}@contoso.example", "a".repeat(65));
        for name in [
            "",
            "a",
            "@b.example",
            "a@",
            "a b@c.example",
            "a@b@c.example",
            "a.@b.example",
            "é@b.example",
            "a+b@c.example",
            long.as_str(),
        ] {
            assert!(!is_valid(name), "{name}");
        }
    }
}
