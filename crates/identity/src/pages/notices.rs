//! Pages that only tell something.

use syncline_access::Refusal;

use super::Page;
use super::html::escape;

impl Page {
    pub(crate) fn message(title: &str, text: &str) -> Self {
        Self::new(title, format!("<p>{}</p>\n", escape(text)))
    }

    /// The password was right. `to`: where the browser goes on, by itself or by the link.
    pub(crate) fn signed_in(to: &str) -> Self {
        Self::new(
            "You are signed in",
            format!("<p><a href=\"{}\">Continue</a></p>\n", escape(to)),
        )
    }

    /// Something that can not go on.
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        Self::new(
            "Sorry, but we\u{2019}re having trouble signing you in",
            format!(
                "<p class=\"error small\" role=\"alert\">{}</p>\n",
                escape(&refusal.description())
            ),
        )
    }
}
