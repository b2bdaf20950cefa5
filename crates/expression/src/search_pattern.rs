//! The language's patterns as predicates take them: a search anywhere in a text, case-sensitive,
//! with the same bound on work as in mappings.

use syncline_model::Meter;
use syncline_model::predicate::{Pattern as PredicatePattern, TextPattern, TooMuchWork};

use crate::dotnet_pattern::{Pattern, PatternRoom};
use crate::shown;

#[derive(Debug)]
struct SearchPattern {
    text: String,
    compiled: Pattern,
}

/// Reads a pattern for a predicate; the error says in words what is wrong with it. All patterns that are kept
/// together share `room`.
pub fn search_pattern(text: &str, room: &mut PatternRoom) -> Result<PredicatePattern, String> {
    room.begin();
    Ok(PredicatePattern::new(SearchPattern {
        text: text.to_owned(),
        compiled: Pattern::compile(text, room)?,
    }))
}

impl TextPattern for SearchPattern {
    fn text(&self) -> &str {
        &self.text
    }

    fn is_match(&self, text: &str, meter: &Meter) -> Result<bool, TooMuchWork> {
        self.compiled
            .is_match(text, meter)
            .map_err(|advice| TooMuchWork {
                pattern: Some(shown(&self.text).into_owned()),
                advice,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PredicatePattern, String> {
        search_pattern(text, &mut PatternRoom::unshared())
    }

    #[test]
    fn a_pattern_is_searched_for_and_case_counts() {
        let pattern = read("([1-9][0-9])").unwrap();
        assert_eq!(pattern.0.is_match("room 42b", &Meter::default()), Ok(true));
        assert_eq!(pattern.0.is_match("room 4", &Meter::default()), Ok(false));
        let pattern = read("Sales").unwrap();
        assert_eq!(pattern.0.is_match("sales", &Meter::default()), Ok(false));
    }

    #[test]
    fn a_hostile_pattern_gives_up() {
        let pattern = read(r"(?=(a+)+$)\w*b").unwrap();
        let stuck = pattern
            .0
            .is_match(&"a".repeat(2000), &Meter::default())
            .unwrap_err();
        assert!(
            stuck.to_string().contains("goes back over the text"),
            "{stuck}"
        );
        let long = read("x")
            .unwrap()
            .0
            .is_match(&"a".repeat(20_000), &Meter::default());
        assert!(long.unwrap_err().advice.contains("16384 bytes"));
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        assert!(read("(").unwrap_err().contains("unclosed group"));
        for (pattern, words) in [
            (r"(?<=\d{1,3})x", "look-behind takes texts of one length"),
            ("(?=a", "a group `(…` is not closed"),
            (r"(?=a)\p{IsBasicLatin}", "Unicode property not found"),
            ("(?n)(a)", "`(?n` is not supported"),
            (r"(a)\2", "a group `2`"),
        ] {
            let problem = read(pattern).unwrap_err();
            assert!(problem.contains(words), "{pattern}: {problem}");
        }
        for pattern in [r"\w{9999}", r"(?=x)\w{9999}"] {
            let problem = read(pattern).unwrap_err();
            assert!(
                problem.contains("too large") && problem.contains("1 MiB"),
                "{problem}"
            );
        }
    }

    #[test]
    fn spaced_patterns_keep_the_blanks_of_their_classes() {
        let found = |pattern: &str, text: &str| {
            let pattern = read(pattern).unwrap();
            pattern.0.is_match(text, &Meter::default()).unwrap()
        };
        // The second one is too much for the linear engine.
        for pattern in ["(?x) ^ [ a ] $ # one", "(?x) ^ (?=.) [ a ] $ # one"] {
            assert!(found(pattern, " ") && found(pattern, "a"), "{pattern}");
            assert!(!found(pattern, "#"), "{pattern}");
        }
        assert!(found("(?x) ^ [ # ] $", "#"));
    }

    #[test]
    fn what_is_kept_together_has_an_end_together() {
        let mut room = PatternRoom::of_schema();
        let large = r"\w{18}";
        let kept = (0..100)
            .map_while(|_| search_pattern(large, &mut room).ok())
            .count();
        assert!((32..=40).contains(&kept), "{kept}");
        let problem = search_pattern(large, &mut room).unwrap_err();
        assert!(
            problem.contains("all patterns of a schema may take 32 MiB"),
            "{problem}"
        );
        // What hardly takes anything still has its place.
        assert!(search_pattern("a", &mut room).is_ok());
    }
}
