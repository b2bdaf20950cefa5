//! Sets of ASCII characters, asked of each byte of each name and address of a cycle.

/// Which bytes are in a set.
pub(super) struct Signs([bool; 256]);

impl Signs {
    /// These and no others.
    pub(super) const fn of(signs: &[u8]) -> Self {
        let mut set = [false; 256];
        let mut at = 0;
        while at < signs.len() {
            set[signs[at] as usize] = true;
            at += 1;
        }
        Self(set)
    }

    /// Letters, digits and these.
    pub(super) const fn alphanumeric_and(signs: &[u8]) -> Self {
        let Self(mut set) = Self::of(signs);
        let mut byte: u8 = 0;
        while byte < 128 {
            if byte.is_ascii_alphanumeric() {
                set[byte as usize] = true;
            }
            byte += 1;
        }
        Self(set)
    }

    /// What shows, but none of these.
    pub(super) const fn graphic_without(signs: &[u8]) -> Self {
        let Self(mut set) = Self::of(signs);
        let mut byte: u8 = 0;
        while byte < 128 {
            set[byte as usize] = byte.is_ascii_graphic() && !set[byte as usize];
            byte += 1;
        }
        Self(set)
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }

    pub(super) fn has_all(&self, text: &str) -> bool {
        text.bytes().all(|byte| self.has(byte))
    }

    pub(super) fn has_any(&self, text: &str) -> bool {
        text.bytes().any(|byte| self.has(byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_in_the_set_or_not() {
        let some = b"'.-_~";
        let of = Signs::of(some);
        let alphanumeric = Signs::alphanumeric_and(some);
        let graphic = Signs::graphic_without(some);
        for byte in 0..=255u8 {
            let named = some.contains(&byte);
            assert_eq!(of.has(byte), named, "{byte}");
            assert_eq!(
                alphanumeric.has(byte),
                named || byte.is_ascii_alphanumeric(),
                "{byte}"
            );
            assert_eq!(
                graphic.has(byte),
                byte.is_ascii_graphic() && !named,
                "{byte}"
            );
        }
    }
}
