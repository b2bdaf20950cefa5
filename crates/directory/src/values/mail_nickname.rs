//! Mail aliases: ASCII, without the characters that would end an address.

use super::signs::Signs;

static OF_ALIASES: Signs = Signs::graphic_without(br#"@()\[]";:<>,"#);

/// Whether a `mailNickname` holds only what Graph allows.
pub(super) fn is_valid(alias: &str) -> bool {
    OF_ALIASES.has_all(alias)
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn an_alias_has_neither_white_space_nor_address_syntax() {
        assert!(is_valid("megan.b'o-1_x#y"));
        for alias in ["a b", "a@b", "a(b", "a\\b", "a,b", "é"] {
            assert!(!is_valid(alias), "{alias}");
        }
    }
}
