//! The fuzz target's body on the seeds and on what a bounded number of changes makes of them.

#[path = "../../../../fuzz/bodies/expression.rs"]
mod body;
#[path = "../../../../fuzz/bodies/mutate.rs"]
mod mutate;

use syncline_expression::functions;

#[test]
fn whatever_is_written_is_read_or_refused() {
    let mut words: Vec<&str> = vec![
        "(",
        ")",
        ",",
        ", ,",
        "[",
        "]",
        "\"",
        "\\\\",
        "\\\"",
        "=",
        "<>",
        "<=",
        "&H",
        "-1",
        "0",
        "9223372036854775807",
        "\n",
        "\t",
        "[a]",
        "[b]",
        "[list]",
        "\"x\"",
        "\"\"",
        "True",
        "vbTextCompare",
        "yyyy-MM-dd",
        "(?=",
        "(?<!",
        "(?<g>",
        "\\\\1",
        "${g}",
        "$&",
        "*",
        "+?",
        "{2,}",
        "[^",
        "é",
        "\u{301}",
        "{\"a\":null}",
    ];
    words.extend(functions().iter().map(|it| it.name));
    let seeds = mutate::corpus("expression");
    assert!(seeds.len() >= 20, "the corpus has seeds");
    mutate::run(&seeds, &words, mutate::rounds(20_000), body::run);
}
