//! Pages that only tell something.

use syncline_access::Refusal;

use super::Page;
use super::html::{escape, list};

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

    /// The user may not agree to this alone. `link`: takes the refusal back to the client.
    pub(crate) fn needs_admin(
        client: &str,
        permissions: &[String],
        refusal: &Refusal,
        link: Option<&str>,
    ) -> Self {
        let back = link
            .map(|link| format!("<p><a href=\"{}\">Return to the application without granting consent</a></p>\n", escape(link)))
            .unwrap_or_default();
        Self::new(
            "Need admin approval",
            format!(
                "<p><strong>{client}</strong> needs permission to access resources in your organization that only an administrator can grant:</p>\n\
                 {permissions}<p>Ask an administrator to grant permission to this application before you can use it.</p>\n\
                 <p class=\"small\">{refusal}</p>\n{back}",
                client = escape(client),
                permissions = list(permissions),
                refusal = escape(&refusal.description()),
            ),
        )
    }
}
