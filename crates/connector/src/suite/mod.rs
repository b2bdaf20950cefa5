//! The suite every connector passes: one contract, one set of tests, every implementation.
//!
//! A connector's tests implement [`source::SourceFixture`] or [`target::TargetFixture`], the means
//! to arrange what a test needs in the system behind it, and say
//!
//! ```text
//! mod source {
//!     syncline_connector::source_suite!(crate::world::empty());
//! }
//! ```
//!
//! which makes one `#[test]` of every behaviour, each on a fixture of its own. What a connector's
//! capability does not claim is not asked of it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can not go on should say so and stop"
)]

pub mod source;
pub mod target;

/// The behaviour with this name.
#[doc(hidden)]
pub fn named<F: Copy>(behaviours: &[(&str, F)], name: &str) -> F {
    let found = behaviours.iter().find(|(known, _)| *known == name);
    found.expect("the suite has this behaviour").1
}

/// Makes a test of each of these behaviours, and one that asks whether these are all.
#[doc(hidden)]
#[macro_export]
macro_rules! behaviour_tests {
    ($behaviours:expr, $fixture:expr; $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                $crate::suite::named($behaviours, stringify!($name))(&mut $fixture);
            }
        )*

        #[test]
        fn every_behaviour_has_its_test() {
            let known: Vec<&str> = $behaviours.iter().map(|(name, _)| *name).collect();
            assert_eq!(known, [$(stringify!($name)),*]);
        }
    };
}

/// Lists behaviours with their names.
macro_rules! behaviours {
    ($($topic:ident::$name:ident)*) => {
        &[$((stringify!($name), $topic::$name)),*]
    };
}
use behaviours;
