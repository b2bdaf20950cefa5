//! A set of small numbers, most of them in a byte: the distances between them, in order.

/// A distance of this or more stands in the two bytes behind this one.
const LONG: u8 = u8::MAX;

/// The first distance is that from zero.
#[derive(Clone, Debug, Default)]
pub(super) struct Prints(Vec<u8>);

/// Where a number is, or belongs.
struct Found {
    /// It is in the set.
    there: bool,
    /// The bytes of the distance that it ends or stands in.
    bytes: std::ops::Range<usize>,
    /// How far the number before it is away.
    beyond: u16,
    /// How far the one behind it is; `None`: there is none.
    short_of: Option<u16>,
}

impl Prints {
    /// Bytes of memory.
    pub(super) fn size(&self) -> usize {
        self.0.capacity()
    }

    pub(super) fn contains(&self, print: u16) -> bool {
        self.find(print).there
    }

    /// False: it is in the set already.
    pub(super) fn insert(&mut self, print: u16) -> bool {
        let found = self.find(print);
        if found.there {
            return false;
        }
        // The distance that it stands in becomes two.
        let behind = found.short_of.into_iter().flat_map(distance);
        let split = distance(found.beyond).chain(behind);
        let more = split.clone().count().saturating_sub(found.bytes.len());
        if self.0.capacity() - self.0.len() < more {
            // An eighth at a time: a vector's own way leaves half of the memory empty.
            self.0.reserve_exact(self.0.len() / 8 + more);
        }
        self.0.splice(found.bytes, split);
        true
    }

    fn find(&self, print: u16) -> Found {
        let mut before = 0;
        let mut began = 0;
        while let Some((distance, length)) = self.distance_at(began) {
            // The distances of a set are no more than its largest number together.
            let at = distance.saturating_add(before);
            if at >= print {
                return Found {
                    there: at == print,
                    bytes: began..began + length,
                    beyond: print - before,
                    short_of: Some(at - print),
                };
            }
            before = at;
            began += length;
        }
        Found {
            there: false,
            bytes: began..began,
            beyond: print - before,
            short_of: None,
        }
    }

    /// The distance that begins there, and how many bytes it takes.
    fn distance_at(&self, began: usize) -> Option<(u16, usize)> {
        match *self.0.get(began..)? {
            [LONG, low, high, ..] => Some((u16::from_le_bytes([low, high]), 3)),
            [short, ..] => Some((u16::from(short), 1)),
            [] => None,
        }
    }
}

fn distance(of: u16) -> impl Iterator<Item = u8> + Clone {
    let [low, high] = of.to_le_bytes();
    let (bytes, length) = if of < u16::from(LONG) {
        ([low, 0, 0], 1)
    } else {
        ([LONG, low, high], 3)
    };
    bytes.into_iter().take(length)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Far from each other and close together, at both ends too.
        #[test]
        fn whatever_was_inserted_is_in_the_set_and_nothing_else(
            scattered in vec(any::<u16>(), 0..300),
            close in vec(0..700_u16, 0..300),
            asked in vec(any::<u16>(), 300),
        ) {
            let mut prints = Prints::default();
            let mut expected = BTreeSet::new();
            let ends = [0, u16::MAX, 254, 255, 256, 510];
            for print in scattered.iter().chain(&close).chain(&ends) {
                prop_assert_eq!(prints.insert(*print), expected.insert(*print));
            }
            for print in scattered.iter().chain(&close).chain(&ends).chain(&asked).copied().chain(0..700) {
                prop_assert_eq!(prints.contains(print), expected.contains(&print), "{}", print);
            }
        }
    }

    #[test]
    fn a_number_takes_about_a_byte() {
        let mut prints = Prints::default();
        // 1,000 of 32,768: what a drawer holds when a tenant has eight million keys.
        let all = (0..1_000_u16).map(|number| number.wrapping_mul(0x9e37) >> 1);
        let inserted = all.filter(|print| prints.insert(*print)).count();
        assert_eq!(inserted, 1_000);
        assert!(prints.size() < 1_200, "{}", prints.size());
    }
}
