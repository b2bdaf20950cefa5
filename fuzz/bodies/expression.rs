//! One input: an expression and, behind the last line break, attributes as a JSON object.

use serde_json::Value as Json;
use syncline_expression::{Context, MappingSource, Sample, compile, parse};
use syncline_model::Timestamp;

/// What must hold, whatever the input.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (expression, attributes) = match text.rsplit_once('\n') {
        Some((expression, attributes)) if attributes.starts_with('{') => (expression, attributes),
        _ => (text.as_ref(), "{}"),
    };
    let Ok(Json::Object(attributes)) = serde_json::from_str(attributes) else {
        return;
    };
    let sample = Sample::from_json(&attributes);

    // What is read prints and reads back; as a tree of Graph, too.
    if let Ok(tree) = parse(expression) {
        let printed = tree.to_string();
        if printed.chars().count() <= 10_000 {
            assert_eq!(parse(&printed).as_ref(), Ok(&tree), "{printed}");
            let source = MappingSource::from(&tree);
            assert_eq!(source.to_expression().as_ref(), Ok(&tree), "{printed}");
        }
    }
    match compile(expression, &sample) {
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                let span = problem.span;
                assert!(
                    expression.get(span.start..span.end).is_some(),
                    "{problem:?}"
                );
            }
        }
        Ok(program) => {
            let context = Context {
                now: Timestamp(17_000_000_000_000_000),
                default_domain: Some("contoso.example".into()),
                seed: 7,
            };
            let first = program.evaluate(&sample, &context);
            assert_eq!(first, program.evaluate(&sample, &context), "{expression}");
            if let Err(error) = &first {
                // A panic of the engine that is caught there.
                assert!(
                    !error.message.contains("back-references fails"),
                    "{expression}"
                );
            }
            let _ = program.candidates(&sample, &context);
            for way in program.trace(&sample, &context) {
                assert!(
                    program.ways().iter().any(|it| it.branch == way),
                    "{expression}: {way:?}"
                );
            }
        }
    }
}
