//! `syncline expression repl`: expressions typed one after the other. Reads plain lines, so that it
//! can be fed from a file; who wants a history wraps it with `rlwrap`.

use std::io::{BufRead as _, IsTerminal as _};

use syncline_expression::functions::find;
use syncline_expression::{AttributeTypes as _, closest, functions};

use super::{Input, carets, eval, list, sample, wrong};
use crate::failure::Failure;
use crate::output::{self, Format};

const HELP: &str = "\
Type an expression, e.g. ToLower([mail]). A line that ends with a backslash goes on in the next one.
  :attributes JSON|FILE   the attributes expressions may name
  :attributes             which there are
  :functions              all functions
  :help NAME              everything about one function
  :quit                   leave";

/// What the line asks for next.
enum Next {
    Go,
    Quit,
}

/// Answers until the end of the input.
pub fn run(mut input: Input, format: Format) -> Result<bool, Failure> {
    let stdin = std::io::stdin();
    let typed = stdin.is_terminal();
    if typed {
        output::note("Type :help for help, :quit to leave.");
    }
    let mut text = String::new();
    for line in stdin.lock().lines() {
        let line = line.map_err(|error| Failure::new(format!("cannot read the input: {error}")))?;
        if let Some(begun) = line.strip_suffix('\\') {
            text.push_str(begun);
            text.push('\n');
            continue;
        }
        text.push_str(&line);
        let whole = std::mem::take(&mut text);
        if let Next::Quit = answer(whole.trim(), &mut input, format)? {
            break;
        }
    }
    Ok(true)
}

fn answer(line: &str, input: &mut Input, format: Format) -> Result<Next, Failure> {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match (word, rest.trim()) {
        ("", _) => {}
        (":quit" | ":q" | ":exit", _) => return Ok(Next::Quit),
        (":functions", _) => list::run(None, Format::Text)?,
        (":attributes", "") => {
            for name in input.names() {
                output::print(&format!("[{name}]\n"))?;
            }
        }
        (":attributes", attributes) => match sample(attributes) {
            Ok(sample) => input.sample = Some(sample),
            Err(failure) => output::failure(&failure),
        },
        (":help", "") => output::print(&format!("{HELP}\n"))?,
        (":help", name) => help(name)?,
        _ if word.starts_with(':') => output::note(&format!("`{word}` is no command; see :help")),
        _ => evaluate(line, input, format)?,
    }
    Ok(Next::Go)
}

fn help(name: &str) -> Result<(), Failure> {
    match find(name) {
        Some(function) => output::print(&list::explain(function))?,
        None => {
            let meant = closest(name, functions().iter().map(|it| it.name));
            let meant = meant
                .map(|it| format!("; did you mean `{it}`?"))
                .unwrap_or_default();
            output::note(&format!("there is no function `{name}`{meant}"));
        }
    }
    Ok(())
}

/// One line of JSON for each expression with `--output json`, whatever comes out.
fn evaluate(expression: &str, input: &Input, format: Format) -> Result<(), Failure> {
    match (eval::evaluate(expression, input), format) {
        (Ok(answer), Format::Text) => output::print(&format!("{}\n", answer.text)),
        (Ok(answer), Format::Json) => output::document(&answer.json.to_string()),
        (Err(diagnostics), Format::Text) => {
            output::note(&carets::draw(expression, &diagnostics));
            Ok(())
        }
        (Err(diagnostics), Format::Json) => output::document(&wrong(&diagnostics).to_string()),
    }
}
