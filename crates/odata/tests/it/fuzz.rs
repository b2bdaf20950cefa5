//! The fuzz target's body on the seeds and on what a bounded number of changes makes of them.

#[path = "../../../../fuzz/bodies/odata.rs"]
mod body;
#[path = "../../../../fuzz/bodies/mutate.rs"]
mod mutate;

#[test]
fn whatever_is_sent_is_read_or_refused() {
    let words = [
        "(",
        ")",
        "'",
        "''",
        "/",
        ",",
        ":",
        "=",
        "&",
        "%27",
        "%",
        "%FF",
        "+",
        "$filter=",
        "$select=",
        "$orderby=",
        "$expand=",
        "$search=",
        "$top=",
        "$count=true",
        "$skiptoken=",
        " eq ",
        " ne ",
        " and ",
        " or ",
        "not ",
        " in ",
        "any(x:x",
        "all(",
        "startsWith(",
        "endsWith(",
        "contains(",
        "null",
        "true",
        "2022-12-10T08:00:00Z",
        "displayName",
        "otherMails",
        "manager",
        "-1",
        "9999999999999999999",
        "é",
        "\u{0}",
    ];
    let seeds = mutate::corpus("odata");
    assert!(seeds.len() >= 15, "the corpus has seeds");
    mutate::run(&seeds, &words, mutate::rounds(20_000), body::run);
}
