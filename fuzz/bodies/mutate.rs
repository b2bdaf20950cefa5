//! Changes inputs at random, the same way for the same seed: for runs without a fuzzer.

use std::path::{Path, PathBuf};

/// SplitMix64.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % (end.max(1) as u64)).unwrap_or(0)
    }
}

/// The seeds of a corpus, sorted by name.
pub fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the corpus is committed")
        .map(|entry| entry.expect("the corpus can be listed").path())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| std::fs::read(file).expect("a seed can be read"))
        .collect()
}

/// Every seed, then `rounds` inputs made of them; `words` are pieces that mean something.
pub fn run(seeds: &[Vec<u8>], words: &[&str], rounds: usize, mut body: impl FnMut(&[u8])) {
    seeds.iter().for_each(|seed| body(seed));
    let mut dice = Dice::new(1);
    for _ in 0..rounds {
        let mut input = seeds[dice.below(seeds.len())].clone();
        for _ in 0..=dice.below(4) {
            change(&mut input, seeds, words, &mut dice);
        }
        input.truncate(20_000);
        body(&input);
    }
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[&str], dice: &mut Dice) {
    let at = dice.below(input.len() + 1);
    let to = (at + dice.below(12)).min(input.len());
    match dice.below(6) {
        0 => input.truncate(at),
        1 => {
            input.drain(at..to);
        }
        2 => {
            let word = words[dice.below(words.len())];
            input.splice(at..at, word.bytes());
        }
        3 => {
            let word = words[dice.below(words.len())];
            input.splice(at..to, word.bytes());
        }
        4 => {
            let other = &seeds[dice.below(seeds.len())];
            let from = dice.below(other.len() + 1);
            let end = (from + dice.below(60)).min(other.len());
            input.splice(at..to, other[from..end].iter().copied());
        }
        _ => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
    }
}

/// How many rounds: `SYNCLINE_FUZZ_ROUNDS`, else `normal`.
#[expect(
    clippy::disallowed_methods,
    reason = "a test's own setting, for those who want it longer"
)]
pub fn rounds(normal: usize) -> usize {
    std::env::var("SYNCLINE_FUZZ_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(normal)
}
