//! The options of a pattern, and of a group in it: `(?i)`, `(?x-s:…)`.

/// Which of the options `imsx` hold.
#[derive(Clone, Copy, Default)]
pub(super) struct Options([bool; 4]);

impl Options {
    const LETTERS: [char; 4] = ['i', 'm', 's', 'x'];

    /// Whether blanks and comments are passed over (`x`).
    pub(super) fn is_spaced(self) -> bool {
        self.0[3]
    }

    /// After `(?i-x)`, of which these are the letters.
    pub(super) fn with(mut self, letters: &str) -> Self {
        let mut holds = true;
        for letter in letters.chars() {
            holds &= letter != '-';
            if let Some(at) = Self::LETTERS.iter().position(|it| *it == letter) {
                self.0[at] = holds;
            }
        }
        self
    }

    /// What makes these those that were before; mostly nothing.
    pub(super) fn back_to(self, before: Self) -> String {
        let changed = |holds: bool| -> String {
            let all = Self::LETTERS.iter().zip(self.0.iter().zip(before.0));
            all.filter(|(_, (now, before))| **now != *before && *before == holds)
                .map(|(letter, _)| *letter)
                .collect()
        };
        match (changed(true).as_str(), changed(false).as_str()) {
            ("", "") => String::new(),
            (on, "") => format!("(?{on})"),
            (on, off) => format!("(?{on}-{off})"),
        }
    }
}

/// A letter of `(?i)`, `(?x-s:…)`.
pub(super) fn is_option(letter: char) -> bool {
    letter == '-' || letter.is_ascii_alphabetic()
}
