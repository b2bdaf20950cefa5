//! Pages, and parts of pages, that follow from the code: one file each.

mod crates;
mod expressions;
mod failure_codes;
mod properties;
mod scoping;

use crate::{Checkout, Result};

/// A file and what should stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub path: String,
    pub text: String,
}

/// The pages whose text is not what the code says.
pub fn stale(checkout: &Checkout) -> Result<Vec<Page>> {
    let mut pages = properties::pages();
    pages.push(expressions::page());
    pages.push(failure_codes::page());
    pages.push(scoping::page());
    pages.extend(crates::pages(checkout)?);
    pages.retain(|page| checkout.files.get(&page.path) != Some(&page.text));
    Ok(pages)
}

/// `text` with `body` between the marks `<!-- generated: name -->` and `<!-- end -->`.
fn replace_block(text: &str, name: &str, body: &str) -> Result<String> {
    let (start, end) = (format!("<!-- generated: {name} -->\n"), "<!-- end -->");
    let missing = || format!("there is no block `{}` … `{end}`", start.trim_end());
    let (before, rest) = text.split_once(&start).ok_or_else(missing)?;
    let (_, after) = rest.split_once(end).ok_or_else(missing)?;
    Ok(format!("{before}{start}{body}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_replaced_and_the_rest_stays() {
        let text = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n";
        let expected = "a\n<!-- generated: x -->\nnew\n<!-- end -->\nb\n";
        assert_eq!(replace_block(text, "x", "new\n").as_deref(), Ok(expected));
        assert!(replace_block(text, "y", "new\n").is_err());
    }

    #[test]
    fn what_is_written_is_not_stale() {
        let guide = "<!-- generated: crates -->\n<!-- end -->\n";
        let mut checkout = Checkout::of(&[("CONTRIBUTING.md", guide)]);
        checkout.packages = vec![crate::Package {
            folder: "crates/model".into(),
            ..Default::default()
        }];
        let pages = stale(&checkout).expect("the guide has its block");
        assert!(!pages.is_empty());
        checkout
            .files
            .extend(pages.into_iter().map(|page| (page.path, page.text)));
        assert_eq!(stale(&checkout), Ok(vec![]));
    }
}
