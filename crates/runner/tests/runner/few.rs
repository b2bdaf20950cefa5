//! How many random histories a property test draws.

use proptest::test_runner::Config;

/// So many, for a history takes long; `PROPTEST_CASES`, which proptest reads, asks for more.
pub fn few(cases: u32) -> Config {
    const USUAL: u32 = 256;
    let asked_for = Config::default();
    Config {
        cases: if asked_for.cases == USUAL {
            cases
        } else {
            asked_for.cases
        },
        failure_persistence: None,
        ..asked_for
    }
}
