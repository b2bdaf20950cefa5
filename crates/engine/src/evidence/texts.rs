//! The texts of one decision, each written once. Its names are those of the entity table, and most
//! values stand in it twice: as they were imported, and as they were written to the target.
//!
//! A text is a number (LEB128): 0 for one that follows, with its length before it; 1 for the id of the
//! source object; beyond, odd for a word of [`WORDS`], even for a text that stood before.

use std::sync::LazyLock;

use syncline_model::{ObjectId, Text};
use uuid::fmt::Hyphenated;

use super::Name;
use super::words::WORDS;

const FOLLOWS: usize = 0;
const SOURCE_ID: usize = 1;

/// Places of the table in which texts are found by their hash: a power of two, a good deal more than
/// one decision has texts.
const PLACES: usize = 1024;
/// A text that finds no place after so many is written again.
const TRIES: usize = 8;

/// What stands at a place: 0 for nothing, else a word's or a text's number.
type Places = [u16; PLACES];

static WORD_PLACES: LazyLock<Places> = LazyLock::new(|| {
    let mut places = [0; PLACES];
    for (at, word) in WORDS.iter().enumerate() {
        for place in places_of(word) {
            if places[place] == 0 {
                places[place] = number(word_code(at));
                break;
            }
        }
    }
    places
});

/// The number of a text that is a word.
pub(super) fn word(text: &str) -> Option<usize> {
    WORDS.iter().position(|word| *word == text).map(word_code)
}

fn word_code(at: usize) -> usize {
    2 * at + 3
}

fn text_code(at: usize) -> usize {
    2 * at + 2
}

fn number(code: usize) -> u16 {
    u16::try_from(code).unwrap_or(0)
}

/// Where to look for a text, one place after the other. Any mixture will do: what is not found is written
/// once more.
fn places_of(text: &str) -> impl Iterator<Item = usize> + use<> {
    let (head, tail) = ends(text.as_bytes());
    let mixed =
        (head ^ tail.rotate_left(29) ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let first = usize::try_from(mixed >> (u64::BITS - PLACES.ilog2())).unwrap_or(0);
    (0..TRIES).map(move |further| (first + further) % PLACES)
}

/// Up to eight bytes from either end, which may overlap. Of fixed length, so that none is copied byte by byte.
fn ends(bytes: &[u8]) -> (u64, u64) {
    if let (Some(head), Some(tail)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (u64::from_le_bytes(*head), u64::from_le_bytes(*tail));
    }
    if let (Some(head), Some(tail)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let four = |it: &[u8; 4]| u64::from(u32::from_le_bytes(*it));
        return (four(head), four(tail));
    }
    match *bytes {
        [one] => (one.into(), 0),
        [first, middle, ..] => (
            u64::from(first) << 8 | u64::from(middle),
            bytes[bytes.len() - 1].into(),
        ),
        [] => (0, 0),
    }
}

/// Appends texts to a row.
pub(super) struct Writer {
    row: Vec<u8>,
    source: [u8; Hyphenated::LENGTH],
    places: Places,
    /// Where in the row the texts begin and end that follow.
    written: Vec<(u32, u32)>,
}

impl Writer {
    pub(super) fn new(row: Vec<u8>, source: ObjectId) -> Self {
        let mut id = [0; Hyphenated::LENGTH];
        source.0.hyphenated().encode_lower(&mut id);
        Self {
            row,
            source: id,
            places: *WORD_PLACES,
            written: Vec::with_capacity(64),
        }
    }

    pub(super) fn put(&mut self, text: &str) {
        if text.as_bytes() == self.source {
            return self.number(SOURCE_ID);
        }
        let mut free = None;
        for place in places_of(text) {
            let code = usize::from(self.places[place]);
            if code == 0 {
                free = Some(place);
                break;
            }
            let found = match code % 2 {
                0 => self.before((code - 2) / 2),
                _ => WORDS.get((code - 3) / 2).map(|word| word.as_bytes()),
            };
            if found == Some(text.as_bytes()) {
                return self.number(code);
            }
        }
        if let Some(place) = free {
            self.places[place] = number(text_code(self.written.len()));
        }
        self.number(FOLLOWS);
        self.number(text.len());
        let begins = self.row.len();
        self.row.extend_from_slice(text.as_bytes());
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.written.push((place(begins), place(self.row.len())));
    }

    /// The same, of a name.
    pub(super) fn put_name(&mut self, name: Name<'_>) {
        match name.word {
            Some(code) => self.number(code),
            None => self.put(name.text),
        }
    }

    /// The text that was written as the one of this number.
    fn before(&self, at: usize) -> Option<&[u8]> {
        let (begins, ends) = self.written.get(at)?;
        self.row.get(*begins as usize..*ends as usize)
    }

    fn number(&mut self, mut number: usize) {
        while number >= 0x80 {
            self.row.push((number % 0x80) as u8 | 0x80);
            number >>= 7;
        }
        self.row.push(number as u8);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.row
    }
}

/// Reads them again, in the same order.
pub(super) struct Reader<'r> {
    rest: &'r [u8],
    source: ObjectId,
    read: Vec<Text>,
}

impl<'r> Reader<'r> {
    pub(super) fn new(texts: &'r [u8], source: ObjectId) -> Self {
        Self {
            rest: texts,
            source,
            read: Vec::new(),
        }
    }

    /// `None` when the row was damaged.
    pub(super) fn take(&mut self) -> Option<Text> {
        match self.number()? {
            FOLLOWS => {
                let length = self.number()?;
                let (text, rest) = self.rest.split_at_checked(length)?;
                self.rest = rest;
                let text = Text::from(std::str::from_utf8(text).ok()?);
                self.read.push(text.clone());
                Some(text)
            }
            SOURCE_ID => Some(self.source.to_string().into()),
            code if code % 2 == 0 => self.read.get((code - 2) / 2).cloned(),
            code => WORDS.get((code - 3) / 2).map(|word| Text::fixed(word)),
        }
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in [0, 7, 14, 21, 28] {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_word_finds_a_place_and_takes_two_bytes_at_most() {
        let source = ObjectId(Uuid::from_u128(7));
        for word in WORDS {
            let mut writer = Writer::new(Vec::new(), source);
            writer.put(word);
            let row = writer.finish();
            assert!(row[0] != FOLLOWS as u8 && row.len() <= 2, "{word}: {row:?}");
            assert_eq!(Reader::new(&row, source).take().unwrap().as_str(), *word);
        }
    }

    #[test]
    fn texts_of_every_length_are_found_again_and_none_is_taken_for_another() {
        let source = ObjectId(Uuid::from_u128(7));
        let made = |length: usize, last: char| {
            let mut text = "x".repeat(length.saturating_sub(1));
            text.push(last);
            text
        };
        let texts: Vec<String> = (1..20)
            .flat_map(|length| [made(length, 'y'), made(length, 'z')])
            .chain([String::new()])
            .collect();
        let mut writer = Writer::new(Vec::new(), source);
        texts.iter().for_each(|text| writer.put(text));
        let first = writer.row.len();
        texts.iter().for_each(|text| writer.put(text));
        let row = writer.finish();
        // Their numbers alone, the second time.
        assert_eq!(row.len() - first, texts.len());
        let mut reader = Reader::new(&row, source);
        for text in texts.iter().chain(&texts) {
            assert_eq!(reader.take().unwrap().as_str(), text);
        }
    }
}
