//! The people as entries of an LDAP directory, for the comparison with OpenLDAP's replication.

use std::io::{self, Write};

use syncline_model::{Attr, Attrs};

use crate::population::Population;

/// The suffix under which everybody is.
pub const SUFFIX: &str = "dc=contoso,dc=example";

/// LDAP attributes of inetOrgPerson, and where their values come from.
const ATTRIBUTES: [(&str, Attr); 16] = [
    ("cn", Attr::DISPLAY_NAME),
    ("sn", Attr::SURNAME),
    ("givenName", Attr::GIVEN_NAME),
    ("displayName", Attr::DISPLAY_NAME),
    ("mail", Attr::MAIL),
    ("title", Attr::JOB_TITLE),
    ("departmentNumber", Attr::DEPARTMENT),
    ("employeeNumber", Attr::EMPLOYEE_ID),
    ("employeeType", Attr::USER_TYPE),
    ("o", Attr::COMPANY_NAME),
    ("l", Attr::CITY),
    ("st", Attr::STATE),
    ("street", Attr::STREET_ADDRESS),
    ("postalCode", Attr::POSTAL_CODE),
    ("physicalDeliveryOfficeName", Attr::OFFICE_LOCATION),
    ("preferredLanguage", Attr::PREFERRED_LANGUAGE),
];

/// Writes the suffix's entry and everybody, in order of arrival.
pub fn write(population: Population, out: &mut impl Write) -> io::Result<()> {
    write!(
        out,
        "dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: contoso\no: Contoso\n\n"
    )?;
    for place in 0..population.people {
        let rank = population.arrival(place);
        person(rank, &population.attrs(rank), population.manager(rank), out)?;
    }
    Ok(())
}

fn person(rank: u64, attrs: &Attrs, manager: Option<u64>, out: &mut impl Write) -> io::Result<()> {
    write!(
        out,
        "dn: {}\nobjectClass: inetOrgPerson\nuid: {rank}\n",
        name(rank)
    )?;
    for (name, attr) in ATTRIBUTES {
        if let Some(value) = attrs.text(attr) {
            // UTF-8 is fine for slapadd when it does not begin like base64 or a URL.
            writeln!(out, "{name}: {value}")?;
        }
    }
    if let Some(manager) = manager {
        writeln!(out, "manager: {}", name(manager))?;
    }
    writeln!(out)
}

fn name(rank: u64) -> String {
    format!("uid={rank},{SUFFIX}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_an_entry_under_the_suffix_with_the_manager() {
        let mut text = Vec::new();
        write(Population::new(60, 1), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text.matches("objectClass: inetOrgPerson\n").count(), 60);
        assert_eq!(text.matches("\nmanager: uid=").count(), 59);
        assert!(text.starts_with("dn: dc=contoso,dc=example\n"));
    }
}
