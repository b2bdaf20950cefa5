//! What is wrong with a row, in terms of its cells.

use syncline_model::{Attr, Problem};

use super::check_users::Check;
use super::row::{Person, Wrong};
use super::{columns, value};

/// Domains of the tenant that a message names.
const NAMED: usize = 5;

impl Check<'_> {
    pub(super) fn wrong(&self, attr: Attr, message: String) -> Wrong {
        let name = attr.core_name().unwrap_or_default();
        Wrong {
            column: columns::position(&self.columns, attr).unwrap_or_default(),
            message: format!("{name}: {message}"),
        }
    }

    /// What the directory refused, in terms of the row's cell.
    pub(super) fn refused(&self, person: &Person, problem: &Problem) -> Wrong {
        let target = problem
            .details
            .first()
            .and_then(|detail| detail.target.as_deref());
        let Some(attr) = target.and_then(Attr::named) else {
            return Wrong {
                column: 0,
                message: problem.message.clone(),
            };
        };
        let attr = if has_derived_alias(person, problem) {
            Attr::USER_PRINCIPAL_NAME
        } else {
            attr
        };
        let value = person
            .attrs
            .get(attr)
            .map(syncline_model::Value::display_text)
            .unwrap_or_default();
        let domain = value
            .rsplit_once('@')
            .map(|(_, domain)| domain)
            .unwrap_or_default();
        if attr == Attr::USER_PRINCIPAL_NAME
            && !domain.is_empty()
            && !self.tenant.has_domain(domain)
        {
            let domains = &self.tenant.domains;
            let named: Vec<&str> = domains
                .iter()
                .map(|it| it.name.as_str())
                .take(NAMED)
                .collect();
            let more = match domains.len() - named.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            return self.wrong(
                attr,
                format!(
                    "the domain `{}` is not verified in the tenant; verified are {}{more}; `syncline tenant domain add` adds one that is no other tenant's",
                    value::shorten(domain),
                    named.join(", ")
                ),
            );
        }
        match expected(attr) {
            Some(expected) => self.wrong(
                attr,
                format!("`{}` is not {expected}", value::shorten(&value)),
            ),
            None => self.wrong(attr, problem.message.clone()),
        }
    }
}

/// Whether the alias is what was refused, and was made of the name, as that of a new user whose row has none.
pub(super) fn has_derived_alias(person: &Person, problem: &Problem) -> bool {
    let target = problem
        .details
        .first()
        .and_then(|detail| detail.target.as_deref());
    target.and_then(Attr::named) == Some(Attr::MAIL_NICKNAME)
        && !person.attrs.contains(Attr::MAIL_NICKNAME)
}

/// What the directory accepts for the attributes whose rules are more than a type and a length.
fn expected(attr: Attr) -> Option<&'static str> {
    match attr {
        Attr::USER_PRINCIPAL_NAME => Some(
            "a sign-in name: up to 64 letters, digits and '.-_!#^~ without accents, not ending in a dot, then @ and a verified domain",
        ),
        Attr::MAIL | Attr::OTHER_MAILS => Some("a mail address"),
        Attr::MAIL_NICKNAME => {
            Some("a mail alias: up to 64 ASCII characters without spaces and @()\\[]\";:<>,")
        }
        Attr::USAGE_LOCATION => Some("a two-letter country code such as DE"),
        Attr::BUSINESS_PHONES => Some("a single telephone number"),
        _ => None,
    }
}
