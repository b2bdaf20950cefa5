//! `IIF(condition, valueIfTrue, valueIfFalse)`

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};
use crate::call_check::CallCheck;
use crate::diagnostic::Code;

pub static FUNCTION: Function = Function {
    name: "IIF",
    summary: "Chooses one of two values by a condition. Only the chosen one is evaluated.",
    parameters: &[
        P::required(
            "condition",
            Type::BOOLEAN,
            "a comparison, or a value that is True or False",
        )
        .condition(),
        P::required(
            "valueIfTrue",
            Type::ANY,
            "the value when the condition holds",
        ),
        P::required("valueIfFalse", Type::ANY, "the value when it does not"),
    ],
    returns: Returns::OneOfArgumentsFrom(1),
    nulls: Nulls::Special(
        Missing::AnyFrom(1),
        "in a comparison no value counts as the empty text, so `[country] = \"\"` works (in Entra such a condition fails); a condition without value does not hold",
    ),
    varies: Varies::Never,
    check: Some(check),
    examples: &[
        Example::new(
            r#"IIF([country] = "USA", [country], [department])"#,
            r#"{"country": "USA", "department": "Sales"}"#,
            r#""USA""#,
        ),
        Example::new(
            r#"IIF([country] = "USA", IIF([state] = "CA", "True", "False"), "False")"#,
            r#"{"country": "USA", "state": "CA"}"#,
            r#""True""#,
        ),
        Example::new(
            r#"IIF([country] = "USA", "True", IIF([state] = "CA", "True", "False"))"#,
            r#"{"country": "Japan", "state": "WA"}"#,
            r#""False""#,
        ),
        Example::new(
            r#"IIF([country] = "", "Other", [country])"#,
            r#"{"country": null}"#,
            r#""Other""#,
        ),
        Example::new(
            r#"IIF(IsPresent([country]), [country], "Other")"#,
            r#"{"country": null}"#,
            r#""Other""#,
        ),
        Example::new(
            r#"IIF(Len([surname]) <= 5, Left(Join("", [surname], [givenName]), 10), Join("", Mid([surname], 1, 9), Mid([givenName], 1, 1)))"#,
            r#"{"givenName": "John", "surname": "Smith"}"#,
            r#""SmithJohn""#,
        ),
        Example::new(
            r#"IIF(CDate([StatusHireDate]) <= Now(), "True", "False")"#,
            r#"{"StatusHireDate": "2024-02-09"}"#,
            r#""True""#,
        ),
        Example::null(
            r#"IIF([country] = "USA", [state], "none")"#,
            r#"{"country": "USA", "state": null}"#,
        ),
    ],
    evaluate,
};

fn check(call: &mut CallCheck<'_>) {
    if call.called(0) == Some("IgnoreFlowIfNullOrEmpty") {
        let help = "put it around the whole `IIF`, or ask with `IsPresent`";
        call.report(
            0,
            Code::MisplacedFunction,
            "`IgnoreFlowIfNullOrEmpty` is no condition",
            help,
        );
    }
}

fn evaluate(call: &Call<'_>) -> Evaluated {
    if call.truth(0)? {
        call.goes(0);
        call.value(1)
    } else {
        call.goes(1);
        call.value(2)
    }
}
