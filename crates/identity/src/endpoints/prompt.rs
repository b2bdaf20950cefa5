//! `prompt` of an authorization request: words with blanks between (OpenID Connect Core, 3.1.2.1).

use crate::asked::Parameters;

#[derive(Clone, Copy)]
pub(super) struct Prompt<'q>(&'q str);

impl<'q> Prompt<'q> {
    pub(super) const NAME: &'static str = "prompt";

    pub(super) fn of(query: &'q Parameters) -> Self {
        Self(query.get(Self::NAME).unwrap_or_default())
    }

    /// Nothing may be shown, whatever is missing.
    pub(super) fn forbids_pages(self) -> bool {
        self.has("none")
    }

    /// A password is to be typed, also by who is signed in.
    pub(super) fn wants_sign_in(self) -> bool {
        self.0.split(' ').any(is_about_sign_in)
    }

    /// Consent is asked for again.
    pub(super) fn wants_consent(self) -> bool {
        self.has("consent")
    }

    /// What is still wished for once somebody has signed in.
    pub(super) fn after_sign_in(self) -> String {
        let words = self.0.split(' ').filter(|word| !is_about_sign_in(word));
        words.collect::<Vec<_>>().join(" ")
    }

    fn has(self, word: &str) -> bool {
        self.0.split(' ').any(|it| it == word)
    }
}

fn is_about_sign_in(word: &str) -> bool {
    matches!(word, "login" | "select_account")
}
