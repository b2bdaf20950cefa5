//! Words that stand in the evidence of many decisions.

/// Their places are stored: **only ever append**, and never change one. The first 63 take one byte each.
pub(super) const WORDS: &[&str] = &[
    "True",
    "False",
    "",
    "None",
    "[Redact]",
    "(1 values)",
    "Member",
    "Azure Active Directory",
    "Azure Active Directory (target tenant)",
    "alternativeSecurityIds",
    "accountEnabled",
    "IsSoftDeleted",
    "userPrincipalName",
    "displayName",
    "mail",
    "mailNickname",
    "objectId",
    "netId",
    "showInAddressList",
    "appRoleAssignments",
    "userType",
    "givenName",
    "surname",
    "department",
    "jobTitle",
    "employeeId",
    "streetAddress",
    "city",
    "state",
    "postalCode",
    "country",
    "physicalDeliveryOfficeName",
    "preferredLanguage",
    "telephoneNumber",
    "mobile",
    "facsimileTelephoneNumber",
    "companyName",
    "manager",
    "usageLocation",
    "employeeType",
    "employeeHireDate",
    "otherMails",
    "proxyAddresses",
    "dirSyncEnabled",
    "description",
    "securityEnabled",
    "mailEnabled",
    "groupTypes",
    "members",
    "originalUserPrincipalName",
    "creationType",
    "isAssignableToRole",
    "memberOf",
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::WORDS;

    #[test]
    fn each_word_stands_in_it_once() {
        let once: HashSet<&str> = WORDS.iter().copied().collect();
        assert_eq!(once.len(), WORDS.len());
    }

    /// Rows of the log name them by place. Who appends words adds the sum of all there are then; no sum
    /// that stands here ever changes.
    #[test]
    fn words_stay_where_they_are() {
        let sums: &[(usize, u64)] = &[(53, 0x6ce9_fed9_5f66_420f)];
        for (words, sum) in sums {
            assert_eq!(fnv(&WORDS[..*words]), *sum, "the first {words}");
        }
    }

    fn fnv(words: &[&str]) -> u64 {
        let bytes = words.iter().flat_map(|word| word.bytes().chain([b'\n']));
        bytes.fold(0xcbf2_9ce4_8422_2325, |sum: u64, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }
}
