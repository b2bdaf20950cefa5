//! What is a domain, and which one a new tenant begins with.

use syncline_model::Problem;
use syncline_model::fold::fold;
use syncline_store::Reader;

const INITIAL_SUFFIX: &str = ".onmicrosoft.com";

/// The domain in lower case; refused when it is not a dotted name of letters, digits and hyphens.
pub(super) fn checked(domain: &str) -> Result<String, Problem> {
    let domain = fold(domain.trim());
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let good = domain.len() <= 253 && domain.contains('.') && domain.split('.').all(label);
    if good {
        Ok(domain)
    } else {
        Err(Problem::bad_request(format!(
            "`{domain}` is not a domain name"
        )))
    }
}

/// Refuses a domain that is another tenant's, also of one that is being deleted: it is free in the end.
pub(super) fn refuse_taken(reader: &Reader<'_>, domain: &str) -> Result<(), Problem> {
    if reader.tenant_of_domain(domain)?.is_some() {
        return Err(taken(domain));
    }
    match reader.leaving_tenant_of_domain(domain)? {
        None => Ok(()),
        Some(tenant) => Err(Problem::conflict(format!(
            "the domain `{domain}` is that of a tenant that is being deleted, and free when that is done: `syncline tenant delete --tenant {}` goes on with it",
            tenant.id
        ))),
    }
}

/// A domain leads to one tenant.
pub(super) fn taken(domain: &str) -> Problem {
    Problem::conflict(format!(
        "the domain `{domain}` is verified in another tenant already"
    ))
}

/// `contoso.example` → `contoso.onmicrosoft.com`, with digits after the name when that is taken. A
/// domain that is an initial one already stays as it is.
pub(super) fn initial(reader: &Reader<'_>, domain: &str) -> Result<String, Problem> {
    let stem = domain.split('.').next().unwrap_or(domain);
    if domain == format!("{stem}{INITIAL_SUFFIX}") {
        return Ok(domain.to_owned());
    }
    let mut number = 0_u64;
    loop {
        let digits = if number == 0 {
            String::new()
        } else {
            number.to_string()
        };
        let candidate = format!("{stem}{digits}{INITIAL_SUFFIX}");
        let is_free = reader.tenant_of_domain(&candidate)?.is_none()
            && reader.leaving_tenant_of_domain(&candidate)?.is_none();
        if is_free {
            return Ok(candidate);
        }
        number += 1;
    }
}
