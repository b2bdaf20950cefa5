//! What holds for every expression.

use proptest::prelude::*;
use syncline_expression::ast::{Expression, ExpressionKind, Number, Operator, Span};
use syncline_expression::functions::{Function, FunctionParameter};
use syncline_expression::{Context, Kind, MappingSource, Sample, compile, functions, parse};
use syncline_model::{PropertyType, Timestamp, Value};

fn of(kind: ExpressionKind) -> Expression {
    Expression {
        kind,
        span: Span::default(),
    }
}

fn leaf() -> impl Strategy<Value = Expression> {
    prop_oneof![
        "[a-zA-Z_][a-zA-Z0-9_:. ]{0,8}[a-z]".prop_map(ExpressionKind::Attribute),
        any::<String>().prop_map(ExpressionKind::Text),
        any::<i64>().prop_map(|value| ExpressionKind::Number(Number {
            value,
            hexadecimal: false
        })),
        (0..i64::MAX).prop_map(|value| ExpressionKind::Number(Number {
            value,
            hexadecimal: true
        })),
        "[a-zA-Z_][a-zA-Z0-9_]{0,8}".prop_map(ExpressionKind::Word),
    ]
    .prop_map(of)
}

fn operator() -> impl Strategy<Value = Operator> {
    proptest::sample::select(Operator::ALL.to_vec())
}

/// Trees of any shape, whether they make sense or not.
fn tree() -> impl Strategy<Value = Expression> {
    let operand = leaf().prop_recursive(4, 24, 6, |inner| {
        let compared =
            (inner.clone(), operator(), inner.clone()).prop_map(|(left, operator, right)| {
                of(ExpressionKind::Comparison {
                    left: Box::new(left),
                    operator,
                    right: Box::new(right),
                })
            });
        let argument = proptest::option::of(prop_oneof![3 => inner, 1 => compared]);
        (
            "[A-Z][a-zA-Z0-9_]{0,8}",
            proptest::collection::vec(argument, 0..6),
        )
            // One blank is no argument: `F()`.
            .prop_filter("a single blank", |(_, arguments)| {
                arguments.as_slice() != [None]
            })
            .prop_map(|(function, arguments)| {
                of(ExpressionKind::Call {
                    function,
                    arguments,
                })
            })
    });
    (operand.clone(), proptest::option::of((operator(), operand))).prop_map(|(left, compared)| {
        match compared {
            Some((operator, right)) => of(ExpressionKind::Comparison {
                left: Box::new(left),
                operator,
                right: Box::new(right),
            }),
            None => left,
        }
    })
}

/// Attributes of every kind.
const ATTRIBUTES: &[(&str, PropertyType, bool)] = &[
    ("text", PropertyType::Text, false),
    ("number", PropertyType::Int, false),
    ("flag", PropertyType::Bool, false),
    ("date", PropertyType::Time, false),
    ("texts", PropertyType::Text, true),
    ("nothing", PropertyType::Text, false),
];

fn sample() -> impl Strategy<Value = Sample> {
    let text = prop_oneof![
        any::<String>(),
        "[a-zA-Z .,@äßéø\u{301}-]{0,20}",
        "[0-9/:TZ+-]{0,20}"
    ];
    let texts = proptest::collection::vec(text.clone(), 0..4);
    (text, any::<i64>(), any::<bool>(), any::<i64>(), texts).prop_map(
        |(text, number, flag, ticks, texts)| {
            let values = [
                Some(Value::text(text)),
                Some(Value::Int(number)),
                Some(Value::Bool(flag)),
                Some(Value::Time(Timestamp(ticks))),
                Some(Value::List(texts.into_iter().map(Value::text).collect())),
                None,
            ];
            let mut sample = Sample::default();
            for ((name, kind, multi_valued), value) in ATTRIBUTES.iter().zip(values) {
                sample.set(name, *kind, *multi_valued, value);
            }
            sample
        },
    )
}

/// Constants that mean something to some function, beside any.
fn constant() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>().prop_map(|text| of(ExpressionKind::Text(text)).to_string()),
        proptest::sample::select(vec![
            r#""""#,
            r#"",""#,
            r#"" ""#,
            r#""a""#,
            r#""d""#,
            r#""ww""#,
            r#""yyyy""#,
            r#""yyyy-MM-ddTHH:mm:ss.fffzzz""#,
            r#""(?<g>[a-z]+)?(\\d*)""#,
            r#""g""#,
            r#""${g}$1$&$$""#,
            r#""tr-TR""#,
            r#""2021-08-25T10:00:00+01:00""#,
            r#""True""#,
            "vbTextCompare",
            "True",
            "0",
            "1",
            "2",
            "-1",
            "256",
            "9223372036854775807",
            "-9223372036854775808",
        ])
        .prop_map(str::to_owned),
    ]
}

fn attribute() -> impl Strategy<Value = String> {
    proptest::sample::select(ATTRIBUTES).prop_map(|(name, ..)| format!("[{name}]"))
}

/// Programs over the known functions, most of which compile.
fn program() -> impl Strategy<Value = String> {
    prop_oneof![constant(), attribute()].prop_recursive(5, 40, 7, |inner| {
        proptest::sample::select(functions())
            .prop_flat_map(move |function| call(function, inner.clone()))
    })
}

fn call(
    function: &'static Function,
    inner: impl Strategy<Value = String> + Clone + 'static,
) -> impl Strategy<Value = String> {
    let argument = move |parameter: &FunctionParameter| -> BoxedStrategy<String> {
        let given = match parameter.kind.kind {
            Kind::Integer => {
                prop_oneof![3 => (-3_i64..40).prop_map(|it| it.to_string()), 1 => inner.clone()]
                    .boxed()
            }
            _ if parameter.condition => (inner.clone(), operator(), inner.clone())
                .prop_map(|(left, operator, right)| format!("{left} {} {right}", operator.symbol()))
                .boxed(),
            _ => prop_oneof![1 => constant(), 3 => inner.clone()].boxed(),
        };
        if parameter.required {
            given
        } else {
            prop_oneof![given, Just(String::new())].boxed()
        }
    };
    let fixed: Vec<_> = function
        .parameters
        .iter()
        .filter(|it| !it.repeating)
        .map(&argument)
        .collect();
    let repeated = match function.parameters.last().filter(|it| it.repeating) {
        Some(parameter) => {
            let given = argument(&FunctionParameter {
                required: true,
                ..*parameter
            });
            prop_oneof![
                proptest::collection::vec(given.clone(), 2),
                proptest::collection::vec(given, 4)
            ]
            .boxed()
        }
        None => Just(Vec::new()).boxed(),
    };
    (fixed, repeated).prop_map(|(fixed, repeated)| {
        format!(
            "{}({})",
            function.name,
            [fixed, repeated].concat().join(", ")
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(512), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_reads_back(tree in tree()) {
        let text = tree.to_string();
        prop_assume!(text.chars().count() <= 10_000);
        prop_assert_eq!(parse(&text), Ok(tree), "{}", text);
    }

    #[test]
    fn a_tree_of_graph_reads_back(tree in tree()) {
        let source = MappingSource::from(&tree);
        let json = serde_json::to_string(&source).unwrap();
        let back: MappingSource = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&back, &source);
        prop_assume!(tree.to_string().chars().count() <= 10_000);
        prop_assert_eq!(back.to_expression(), Ok(tree));
    }

    #[test]
    fn any_text_is_read_or_refused_with_a_place(text in prop_oneof![any::<String>(), "[A-Za-z\\[\\]()\",;=<>&H0-9 \\\\'-]{0,40}"]) {
        if let Err(problems) = compile(&text, &Sample::default()) {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(text.get(problem.span.start..problem.span.end).is_some(), "{:?}", problem);
            }
        }
    }

    #[test]
    fn what_is_read_and_made_is_charged(text in program(), sample in sample()) {
        if let Err(uncharged) = crate::work::is_charged_for(&text, &sample) {
            prop_assert!(false, "{}", uncharged);
        }
    }

    #[test]
    fn evaluation_never_panics_and_repeats_itself(text in program(), sample in sample(), seed in any::<u64>()) {
        if let Ok(program) = compile(&text, &sample) {
            let context = Context { now: Timestamp(0), default_domain: Some("contoso.com".into()), seed };
            let first = program.evaluate(&sample, &context);
            prop_assert_eq!(&first, &program.evaluate(&sample, &context), "{}", text);
        }
    }
}

/// The generator above is worth something only if most of its programs are programs.
#[test]
fn most_generated_programs_compile() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut compiled = 0;
    let mut functions_seen = std::collections::HashSet::new();
    for _ in 0..1_000 {
        let text = program().new_tree(&mut runner).unwrap().current();
        let sample = sample().new_tree(&mut runner).unwrap().current();
        if compile(&text, &sample).is_ok() {
            compiled += 1;
            functions_seen.extend(
                functions()
                    .iter()
                    .map(|it| it.name)
                    .filter(|name| text.contains(&format!("{name}("))),
            );
        }
    }
    assert!(compiled > 300, "only {compiled} of 1000 compile");
    let missing: Vec<_> = functions()
        .iter()
        .map(|it| it.name)
        .filter(|name| !functions_seen.contains(name))
        .collect();
    assert!(missing.len() <= 3, "never generated: {missing:?}");
}
