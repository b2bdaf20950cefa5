//! What a restart of a job forgets: Graph's `synchronizationJobRestartScope`.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResetScope {
    /// Break all links; they are found again by matching.
    pub connector_data_store: bool,
    pub escrows: bool,
    pub watermark: bool,
    pub quarantine_state: bool,
    /// Let held deletes through in the next cycle; a restart without it takes that back.
    pub force_deletes: bool,
}

/// A word for a scope, or for several.
#[derive(Clone, Copy, Debug)]
pub struct ResetWord {
    /// As Graph has it.
    pub name: &'static str,
    /// In a few words, for people.
    pub meaning: &'static str,
    says: fn(&mut ResetScope),
}

impl ResetScope {
    /// What the portal's Restart button does.
    pub const DEFAULT: Self = Self {
        connector_data_store: false,
        escrows: true,
        watermark: true,
        quarantine_state: true,
        force_deletes: false,
    };

    /// All words but `None`, which says nothing.
    pub const WORDS: [ResetWord; 6] = [
        ResetWord {
            name: "Full",
            meaning: "Watermark, Escrows, QuarantineState and ConnectorDataStore",
            says: |scope| {
                *scope = Self {
                    connector_data_store: true,
                    force_deletes: scope.force_deletes,
                    ..Self::DEFAULT
                }
            },
        },
        ResetWord {
            name: "Watermark",
            meaning: "How far the source was read: everything is read again",
            says: |scope| scope.watermark = true,
        },
        ResetWord {
            name: "Escrows",
            meaning: "Which objects failed, and when they are tried again: all are tried at once",
            says: |scope| scope.escrows = true,
        },
        ResetWord {
            name: "QuarantineState",
            meaning: "That the job is in quarantine",
            says: |scope| scope.quarantine_state = true,
        },
        ResetWord {
            name: "ConnectorDataStore",
            meaning: "Which source object is linked to which target object: all are matched anew, and those that left are still removed",
            says: |scope| scope.connector_data_store = true,
        },
        ResetWord {
            name: "ForceDeletes",
            meaning: "Lets held deletes and disables through, in the next cycle only",
            says: |scope| scope.force_deletes = true,
        },
    ];

    /// Reads comma-separated words, in any case, with or without spaces. Empty text is
    /// [`ResetScope::DEFAULT`].
    ///
    /// # Errors
    /// The word that is unknown.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::DEFAULT);
        }
        let mut scope = Self::default();
        for name in text.split(',').map(str::trim) {
            let mut words = Self::WORDS.iter();
            match words.find(|word| word.name.eq_ignore_ascii_case(name)) {
                Some(word) => (word.says)(&mut scope),
                None if name.eq_ignore_ascii_case("None") => {}
                None => return Err(name.to_owned()),
            }
        }
        Ok(scope)
    }

    /// All words, for whoever used another one.
    pub fn words() -> String {
        Self::WORDS.map(|word| word.name).join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_scope() {
        assert_eq!(ResetScope::parse("").unwrap(), ResetScope::DEFAULT);
        assert_eq!(
            ResetScope::parse("watermark,ESCROWS, QuarantineState").unwrap(),
            ResetScope::DEFAULT
        );
        assert_eq!(ResetScope::parse("None").unwrap(), ResetScope::default());
        assert_eq!(
            ResetScope::parse("Watermark, Everything").unwrap_err(),
            "Everything"
        );
    }

    #[test]
    fn a_full_restart_forgets_all_and_deletes_nothing_that_is_held() {
        let full = ResetScope::parse("Full").unwrap();
        assert!(full.connector_data_store && full.escrows);
        assert!(full.watermark && full.quarantine_state);
        assert!(!full.force_deletes);
        for both in ["ForceDeletes,Full", "Full,ForceDeletes"] {
            let forced = ResetScope {
                force_deletes: true,
                ..full
            };
            assert_eq!(ResetScope::parse(both).unwrap(), forced);
        }
    }
}
