//! A page that nobody finds is not read.

use super::links::{links, resolve};
use super::{Check, Finding};
use crate::Checkout;

pub(super) const CHECK: Check = Check {
    name: "recipes",
    rule: "docs/README.md links every page of docs, and CONTRIBUTING.md those for contributors",
    run,
};

/// A list of pages, and the folder whose pages it must hold.
const LISTS: [(&str, &str); 2] = [
    ("docs/README.md", "docs/"),
    ("CONTRIBUTING.md", "docs/contributing/"),
];

fn run(checkout: &Checkout) -> Vec<Finding> {
    LISTS
        .iter()
        .flat_map(|(list, folder)| unlisted(checkout, list, folder))
        .collect()
}

fn unlisted(checkout: &Checkout, list: &str, folder: &str) -> Vec<Finding> {
    let Some(text) = checkout.files.get(list) else {
        return vec![Finding::file(list, "is missing")];
    };
    let listed: Vec<String> = links(text)
        .map(|(_, link)| resolve(list, link.split('#').next().unwrap_or(link)))
        .collect();
    let pages = checkout
        .files
        .keys()
        .filter(|path| path.starts_with(folder) && path.ends_with(".md") && *path != list);
    pages
        .filter(|path| !listed.contains(path))
        .map(|path| Finding::file(path, format!("is not linked from {list}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_GUIDE: (&str, &str) = ("CONTRIBUTING.md", "");

    #[test]
    fn a_page_without_link_is_found() {
        let page = ("docs/recipes/bake.md", "Bake.");
        let missing = Finding::file(page.0, "is not linked from docs/README.md");
        let index = ("docs/README.md", "nothing");
        assert_eq!(run(&Checkout::of(&[index, NO_GUIDE, page])), [missing]);
        let index = ("docs/README.md", "[bake](recipes/bake.md#oven)");
        assert_eq!(run(&Checkout::of(&[index, NO_GUIDE, page])), []);
    }

    #[test]
    fn contributors_find_theirs_in_their_guide_too() {
        let page = ("docs/contributing/add.md", "Add.");
        let index = ("docs/README.md", "[add](contributing/add.md)");
        let missing = Finding::file(page.0, "is not linked from CONTRIBUTING.md");
        assert_eq!(run(&Checkout::of(&[index, NO_GUIDE, page])), [missing]);
        let guide = ("CONTRIBUTING.md", "[add](./docs/contributing/add.md)");
        assert_eq!(run(&Checkout::of(&[index, guide, page])), []);
    }

    #[test]
    fn a_list_that_is_missing_is_found() {
        assert_eq!(run(&Checkout::of(&[])).len(), 2);
    }
}
