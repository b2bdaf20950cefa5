//! `SelectUniqueValue(rule1, rule2, …)`

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};
use crate::diagnostic::Code;

pub static FUNCTION: Function = Function {
    name: "SelectUniqueValue",
    summary: "Takes the first of several values that nobody has in the target. The engine looks each of them up there; here, without a target, the first one comes out. Only as the outermost function, at creation only, and not for a matching attribute.",
    parameters: &[
        P::required("rule1", Type::TEXT, "the value preferred"),
        P::required(
            "rule2",
            Type::TEXT,
            "what to take when it is taken; more may follow, 100 rules in all",
        )
        .repeating(),
    ],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::Special(
        Missing::AllFrom(0),
        "a rule without value, or with an empty one, is passed over; when all values are taken, the object waits in escrow",
    ),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            r#"SelectUniqueValue(Join("@", NormalizeDiacritics(StripSpaces(Join(".", [PreferredFirstName], [PreferredLastName]))), "contoso.com"), Join("@", NormalizeDiacritics(StripSpaces(Join(".", Mid([PreferredFirstName], 1, 1), [PreferredLastName]))), "contoso.com"), Join("@", NormalizeDiacritics(StripSpaces(Join(".", Mid([PreferredFirstName], 1, 2), [PreferredLastName]))), "contoso.com"))"#,
            r#"{"PreferredFirstName": "John", "PreferredLastName": "Smith"}"#,
            r#""John.Smith@contoso.com""#,
        ),
        Example::new(
            "SelectUniqueValue([mailNickname], [employeeId])",
            r#"{"mailNickname": null, "employeeId": "4711"}"#,
            r#""4711""#,
        ),
        Example::null(
            "SelectUniqueValue([mailNickname], [employeeId])",
            r#"{"mailNickname": "", "employeeId": null}"#,
        ),
        Example::fails(
            "SelectUniqueValue(CDate([hireDate]), [mail])",
            r#"{"hireDate": "soon", "mail": null}"#,
            Code::NotADate,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    for position in 0..call.count() {
        let value = call.single(position)?;
        if !super::is_empty(value.as_ref()) {
            return Ok(value);
        }
    }
    Ok(None)
}
