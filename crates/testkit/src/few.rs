//! How many random histories a property test draws.

use proptest::test_runner::Config;

/// So many, for a history takes long, and a quarter of them on PostgreSQL, where it takes five times as long and what
/// differs is the store, which has tests of its own. `PROPTEST_CASES`, which proptest reads, asks for more.
pub fn few(cases: u32) -> Config {
    const USUAL: u32 = 256;
    let asked_for = Config::default();
    Config {
        cases: if asked_for.cases == USUAL {
            if crate::on_postgres() {
                cases / 4
            } else {
                cases
            }
        } else {
            asked_for.cases
        },
        failure_persistence: None,
        ..asked_for
    }
}
