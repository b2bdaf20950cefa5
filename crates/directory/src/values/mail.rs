//! Mail addresses.

use super::signs::Signs;

const LONGEST: usize = 254;
/// What no domain has.
static NOT_OF_DOMAINS: Signs = Signs::of(br#"<>,;"()[]:\"#);

/// One `@` with something on both sides, a domain of dotted labels, no white space. Stricter
/// grammars refuse addresses that exist. Asked of each person of a cycle, and so by bytes.
pub(super) fn is_valid(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    address.len() <= LONGEST
        && !local.is_empty()
        && !local.as_bytes().contains(&b'@')
        && is_plain(address)
        && domain.as_bytes().contains(&b'.')
        && domain
            .as_bytes()
            .split(|byte| *byte == b'.')
            .all(|label| !label.is_empty() && label.len() <= 63)
        && !NOT_OF_DOMAINS.has_any(domain)
}

/// Neither white space nor control characters.
fn is_plain(address: &str) -> bool {
    if address.is_ascii() {
        return address.bytes().all(|byte| byte.is_ascii_graphic());
    }
    address
        .chars()
        .all(|character| !character.is_whitespace() && !character.is_control())
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn addresses_with_a_local_part_and_a_dotted_domain_are_valid() {
        for address in [
            "a@b.example",
            "a.b+c@sub.b.example",
            "j'o_1@b.example",
            "zoë@bücher.example",
        ] {
            assert!(is_valid(address), "{address}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        for address in [
            "",
            "a",
            "a@",
            "@b.example",
            "a@b",
            "a b@c.example",
            "a@@b.example",
            "a@b..example",
            "a@b.example ",
            "a@b.example\u{7f}",
            "zoë @bücher.example",
            "zoë@bücher.example\u{3000}",
            "a@b\\.example",
            "a@b.\"example",
        ] {
            assert!(!is_valid(address), "{address}");
        }
    }

    #[test]
    fn white_space_control_characters_and_some_signs_of_a_domain_are_refused() {
        for character in (0..=0x24f).filter_map(char::from_u32) {
            let refused = character.is_whitespace() || character.is_control();
            let local = format!("a{character}b@c.example");
            assert_eq!(is_valid(&local), !refused && character != '@', "{local:?}");
            let signs = ['<', '>', ',', ';', '"', '(', ')', '[', ']', ':', '\\', '@'];
            let domain = format!("a@b{character}c.example");
            let bad = refused || signs.contains(&character);
            assert_eq!(is_valid(&domain), !bad, "{domain:?}");
        }
    }
}
