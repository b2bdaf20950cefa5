//! A set of letters that is asked about each letter of a text: asking takes the same time however
//! many there are.

use std::collections::HashSet;

use crate::evaluator::Call;
use crate::stop::Stop;

/// Letters, such as those that separate words.
#[derive(Debug)]
pub struct LetterSet {
    /// One bit for each.
    ascii: u128,
    others: HashSet<char>,
}

/// Units of work to put a letter that is not ASCII into the set.
const OTHER: usize = 8;

impl LetterSet {
    /// The letters of a text.
    pub fn of(letters: &str, call: &Call<'_>) -> Result<Self, Stop> {
        let mut set = Self {
            ascii: 0,
            others: HashSet::new(),
        };
        if !letters.is_ascii() {
            call.charge(letters.len().saturating_mul(OTHER))?;
        }
        for letter in letters.chars() {
            if letter.is_ascii() {
                set.ascii |= 1 << u32::from(letter);
            } else {
                set.others.insert(letter);
            }
        }
        Ok(set)
    }

    pub fn contains(&self, letter: char) -> bool {
        if letter.is_ascii() {
            self.ascii >> u32::from(letter) & 1 == 1
        } else {
            !self.others.is_empty() && self.others.contains(&letter)
        }
    }
}
