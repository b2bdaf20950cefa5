//! What external (B2B collaboration) users are called, as Entra composes it, and what is completed of them.

use uuid::Uuid;

use crate::{Attr, Entry, ObjectId};

/// What a target gives an external user whom it creates, where nothing is asked for. Whoever decides and whoever
/// writes go by this table: of no other attribute need it be said that it stays empty.
pub const COMPLETED: [Attr; 4] = [
    Attr::ACCOUNT_ENABLED,
    Attr::USER_TYPE,
    Attr::MAIL_NICKNAME,
    Attr::OTHER_MAILS,
];

/// Ends what the name of an external user says of home.
pub const EXTERNAL: &str = "#EXT#";

/// Whether a user is an external one, who came by synchronization or an invitation and signs in at home.
pub fn is_external(user: &Entry) -> bool {
    let invited = user
        .text(Attr::CREATION_TYPE)
        .is_some_and(|it| it.eq_ignore_ascii_case("Invitation"));
    invited || user.get(Attr::HOME_TENANT_ID).is_some()
}

/// `john@contoso.com` in a target whose initial domain is `fabrikam.onmicrosoft.com` becomes
/// `john_contoso.com#EXT#@fabrikam.onmicrosoft.com`.
pub fn external_upn(home_upn: &str, target_initial_domain: &str) -> String {
    [
        &home_upn.replace('@', "_"),
        EXTERNAL,
        "@",
        target_initial_domain,
    ]
    .concat()
}

/// What stands before and behind the first `#EXT#` of a name, in whatever case that is written; `None` where there is
/// none. All readers cut here: whoever guards a name and whoever shows it must see the same home in it.
pub fn split_external(name: &str) -> Option<(&str, &str)> {
    let marks = |at: &usize| {
        let end = at + EXTERNAL.len();
        name.get(*at..end)
            .is_some_and(|it| it.eq_ignore_ascii_case(EXTERNAL))
    };
    let at = name.match_indices('#').map(|(at, _)| at).find(marks)?;
    Some((&name[..at], &name[at + EXTERNAL.len()..]))
}

/// Alias and domain of the home name in the name of an external user: `john` and `contoso.com` of
/// `john_contoso.com#EXT#@…`. Domains hold no underscore, aliases may.
pub fn home_name(name: &str) -> Option<(&str, &str)> {
    split_external(name)?.0.rsplit_once('_')
}

/// The stable 16-digit id per user that plays the part of Entra's internal `netId`: derived from
/// the object id, so that it survives everything but the object itself.
pub fn net_id(id: ObjectId) -> String {
    let (high, low) = id.0.as_u64_pair();
    // The high half is time and counter, the low half random: folding them keeps both.
    let folded = Uuid::from_u64_pair(0, high.rotate_left(17) ^ low);
    // Asked of each person of a cycle, some times: without the machinery of `format!`.
    let mut digits = Uuid::encode_buffer();
    folded.simple().encode_upper(&mut digits)[16..].to_owned()
}

/// The alternative security id of a B2B user (`type` 5): what `AltSecIdFromNetId([netId])` yields.
pub fn alternative_security_id(net_id: &str) -> String {
    ["5::", net_id].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_net_id_has_sixteen_digits_and_stays_what_it_was() {
        let id = |number| ObjectId(Uuid::from_u128(number));
        assert_eq!(net_id(id(7)), "0000000000000007");
        assert_eq!(
            net_id(id(0x01a2_1b37_0f3b_7794_a081_ff29_a05e_c663)),
            "96EFE15F4F76C527"
        );
        for (high, low) in [(0, 0), (u64::MAX, 1), (0x0123_4567_89ab_cdef, u64::MAX)] {
            let folded = high.rotate_left(17) ^ low;
            let id = ObjectId(Uuid::from_u64_pair(high, low));
            assert_eq!(net_id(id), format!("{folded:016X}"));
        }
    }

    #[test]
    fn an_external_name_keeps_the_home_name_and_lives_in_the_initial_domain() {
        assert_eq!(
            external_upn("john@contoso.com", "fabrikam.onmicrosoft.com"),
            "john_contoso.com#EXT#@fabrikam.onmicrosoft.com"
        );
    }

    #[test]
    fn a_home_name_ends_at_the_first_mark_in_any_case() {
        for (name, home) in [
            (
                "john_contoso.com#EXT#@f.example",
                Some(("john", "contoso.com")),
            ),
            (
                "j_d_contoso.com#EXT#@f.example",
                Some(("j_d", "contoso.com")),
            ),
            (
                "ceo_f.example#EXT##EXT#@f.example",
                Some(("ceo", "f.example")),
            ),
            (
                "ceo_f.example#EXT#EXT#@f.example",
                Some(("ceo", "f.example")),
            ),
            (
                "ceo_f.example#ext#_contoso.com#EXT#@f.example",
                Some(("ceo", "f.example")),
            ),
            ("#1_x.example#Ext#", Some(("#1", "x.example"))),
            ("john#EXT#@f.example", None),
            ("john_contoso.com@f.example", None),
            ("é#EX", None),
            ("#éa_b.example#EXT#", Some(("#éa", "b.example"))),
            ("", None),
        ] {
            assert_eq!(home_name(name), home, "{name}");
        }
    }
}
