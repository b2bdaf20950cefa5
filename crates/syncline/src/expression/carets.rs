//! Draws diagnostics under the text they are about.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use syncline_expression::Diagnostic;

/// One drawing for each.
pub(super) fn draw(expression: &str, diagnostics: &[Diagnostic]) -> String {
    let drawings: Vec<String> = diagnostics.iter().map(|it| one(expression, it)).collect();
    drawings.join("\n\n")
}

fn one(expression: &str, diagnostic: &Diagnostic) -> String {
    let code = diagnostic.code.to_string();
    let span = diagnostic.span;
    let mut group: Group<'_> = Level::ERROR
        .primary_title(diagnostic.message.as_str())
        .id(code.as_str())
        .element(
            Snippet::source(expression)
                .annotation(AnnotationKind::Primary.span(span.start..span.end)),
        );
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    Renderer::plain().render(&[group])
}
