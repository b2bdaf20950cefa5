//! What stored schemas mean.

/// Which meaning the engine gives to schemas. It is raised, by one, with every change of the program by which a schema
/// that is stored already, and accepted, decides otherwise about any object than it did before: which mapping decides about a kind,
/// what a function, an operator, a pattern or a conversion yields, what a default or a flow type does. Then the next cycle
/// of every job evaluates everybody once, for comparing configurations tells nothing of it: both sides are compiled by the
/// program that compares. It is not raised for schemas that only are refused, or accepted, now.
///
/// - 0: whatever a version meant that noted no number.
/// - 1: of several mappings of a kind the first that is switched on decides; `Switch` with empty values, times of 24 hours with
///   `tt`, blanks of classes in patterns with `(?x)`, and texts of dates as the expression reference has them.
/// - 2: mappings that read `IsSoftDeleted` say how those are left behind who are not wanted any more and not deleted; a value of
///   an enumeration, such as `guest` for `userType`, is as the target spells it, and one that is not among them fails before the
///   target is asked.
/// - 3: patterns: `[^a-z-[b]]` takes `b` from what `^` leaves, a dash behind `\-` begins no range; a group name that is given twice
///   is one group; `\k<1>` and `(?(1)…)` count named groups last, `(?(n)…)` asks for a group `n`, and any other condition looks ahead;
///   options such as `(?i)` end with the group that they stand in; `Coalesce` passes over an empty text that comes out of an argument;
///   in dates the point of `.F` goes with its digits.
/// - 4: who is deleted for good while the Delete action is off is switched off where a mapping of `accountEnabled` says so; what the
///   target gives everybody (`accountEnabled`, `mailNickname`) needs no mapping; in patterns with `(?x)` blanks may stand before
///   the `?` of a repetition; a pattern at which its engine panics, or whose match begins before the one before, fails the object;
///   `(?i)` with a back-reference takes more work on letters beyond ASCII; a group is a Microsoft 365 group however `Unified` is
///   spelled, and `groupTypes` an enumeration.
/// - 5: who is wanted while the mapping of `IsSoftDeleted` asks for a deletion, and deletions are off, is switched off where the
///   mapping of `accountEnabled` says so; `AttributeAddOnly`, and a mapping without a source, take an empty text or list of the
///   target for no value.
pub const SEMANTICS: u32 = 5;
