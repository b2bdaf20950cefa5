//! What is known of a piece of an expression before any object is seen: its type, whether its value
//! varies, and where it may be missing.

use crate::ast::Span;
use crate::functions::{Function, Missing, Returns, Varies};
use crate::types::Type;

/// What is known of a node without an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub kind: Type,
    /// Whether it may be the text of a date, in the language's own form, which sorts by months.
    pub date_text: bool,
    /// How much its value depends on the moment, and which call makes it so.
    pub varies: (Varies, Span),
    /// Whether the clock is read for it, whatever is made of the time: `varies` tells only of what varies most.
    pub clock: bool,
    /// The place because of which there may be no value.
    pub missing: Option<Span>,
}

impl Facts {
    pub(crate) fn steady(kind: Type) -> Self {
        Self {
            kind,
            date_text: false,
            varies: (Varies::Never, Span::default()),
            clock: false,
            missing: None,
        }
    }
}

/// What follows for a call from its function, whether it varies by itself, and its arguments. That it reads the clock itself
/// is not among it.
pub(crate) fn of_call(
    function: &Function,
    varies: Varies,
    arguments: &[Option<Facts>],
    name: Span,
) -> Facts {
    let (kind, date_text) = match function.returns {
        Returns::Always(result) => (result, false),
        Returns::DateText => (Type::TEXT, true),
        Returns::TextOf(at) => {
            let argument = arguments.get(at).copied().flatten();
            (Type::TEXT, argument.is_some_and(|it| it.date_text))
        }
        Returns::OneOfArgumentsFrom(first) => {
            let mut taken = arguments.iter().skip(first).flatten();
            let date_text = taken.clone().any(|it| it.date_text);
            let first = taken.next().map_or(Type::ANY, |it| it.kind);
            let kind = taken.map(|it| it.kind).fold(first, Type::union);
            (kind, date_text)
        }
    };
    let clock = arguments.iter().flatten().any(|it| it.clock);
    let inside = most_varying(arguments.iter().flatten().map(|it| it.varies));
    let varies = match varies {
        Varies::SettlesTime => settled(inside),
        own => most_varying([inside, (own, name)]),
    };
    // An argument left out is missing, and the call is where it should stand.
    let missing = |at: usize| match arguments.get(at) {
        Some(Some(facts)) => facts.missing,
        Some(None) | None => Some(name),
    };
    let missing = match function.nulls.missing() {
        Missing::Never => None,
        Missing::AnyOf(places) => places.iter().find_map(|at| missing(*at)),
        Missing::AnyFrom(first) => (first..arguments.len()).find_map(missing),
        Missing::AllFrom(first) => {
            let places: Vec<_> = (first..arguments.len()).map(missing).collect();
            let all = places.iter().all(Option::is_some);
            all.then(|| places.into_iter().flatten().next().unwrap_or(name))
        }
    };
    Facts {
        kind,
        date_text,
        varies,
        clock,
        missing,
    }
}

/// The one that varies most; of several, the first.
pub(crate) fn most_varying(of: impl IntoIterator<Item = (Varies, Span)>) -> (Varies, Span) {
    let never = (Varies::Never, Span::default());
    of.into_iter()
        .fold(never, |most, it| if it.0 > most.0 { it } else { most })
}

/// Time goes in, and what comes out seldom changes.
pub(crate) fn settled(varies: (Varies, Span)) -> (Varies, Span) {
    match varies.0 {
        Varies::WithTime => (Varies::SettlesTime, varies.1),
        _ => varies,
    }
}
