//! Pages on which somebody decides for an application, or is told that somebody else has to. Each says as whom, and lets
//! who is signed in by chance go on as somebody else.

use syncline_access::Refusal;

use super::Page;
use super::html::{escape, hidden, list};

/// The field that carries what a consent page showed, with commas between: what the application
/// asks for may change before the answer comes, and nobody agrees to what was not shown.
pub(crate) const SHOWN: &str = "shown";

/// The button with which somebody goes on as somebody else.
pub(crate) const ANOTHER_ACCOUNT: &str = "another_account";

/// Who decides, and for what.
pub(crate) struct Deciding<'p> {
    pub(crate) seal: String,
    /// The name of who is signed in.
    pub(crate) user_name: String,
    /// The name of the application.
    pub(crate) client: &'p str,
    /// Hidden fields of the form.
    pub(crate) fields: &'p [(&'p str, &'p str)],
}

impl Deciding<'_> {
    fn signed_in_as(&self) -> String {
        let user_name = escape(&self.user_name);
        format!("<p class=\"small\">Signed in as <strong>{user_name}</strong></p>\n")
    }

    /// The form with what to decide in it, and the way to another account.
    fn form(&self, shown: &[String], inside: &str) -> String {
        format!(
            "<form method=\"post\">\n{seal}{fields}{inside}\
             <button type=\"submit\" name=\"{ANOTHER_ACCOUNT}\" value=\"on\">Use another account</button>\n</form>\n",
            seal = hidden(&[("seal", &self.seal), (SHOWN, &shown.join(","))]),
            fields = hidden(self.fields),
        )
    }
}

impl Page {
    /// May this application act for you?
    pub(crate) fn consent(deciding: &Deciding<'_>, scopes: &[String], for_all: bool) -> Self {
        let client = escape(deciding.client);
        let question = if scopes.is_empty() {
            format!(
                "<p>Are you trying to sign in to <strong>{client}</strong>?</p>\n<p>Only continue if you started this sign-in yourself.</p>\n"
            )
        } else {
            format!(
                "<p><strong>{client}</strong> asks for permission to:</p>\n{}",
                list(scopes)
            )
        };
        let for_all = if for_all {
            "<label><input type=\"checkbox\" name=\"for_all\" value=\"on\"> Consent on behalf of your organization</label>\n"
        } else {
            ""
        };
        let form = deciding.form(scopes, &format!("{for_all}{BUTTONS}"));
        let signed_in_as = deciding.signed_in_as();
        Self::new(
            "Permissions requested",
            format!("{signed_in_as}{question}{form}"),
        )
    }

    /// May this application act in the whole organization?
    pub(crate) fn admin_consent(deciding: &Deciding<'_>, permissions: &[String]) -> Self {
        Self::new(
            "Permissions requested for your organization",
            format!(
                "{signed_in_as}<p><strong>{client}</strong> asks for permission, for all users of your organization, to:</p>\n\
                 {asked}{form}",
                signed_in_as = deciding.signed_in_as(),
                client = escape(deciding.client),
                asked = list(permissions),
                form = deciding.form(permissions, BUTTONS),
            ),
        )
    }

    /// The user may not agree to this alone. `link`: takes the refusal back to the client.
    pub(crate) fn needs_admin(
        deciding: &Deciding<'_>,
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
                "{signed_in_as}<p><strong>{client}</strong> needs permission to access resources in your organization that only an administrator can grant:</p>\n\
                 {asked}<p>Ask an administrator to grant permission to this application before you can use it.</p>\n\
                 <p class=\"small\">{refusal}</p>\n{back}{form}",
                signed_in_as = deciding.signed_in_as(),
                client = escape(deciding.client),
                asked = list(permissions),
                refusal = escape(&refusal.description()),
                form = deciding.form(&[], ""),
            ),
        )
    }
}

const BUTTONS: &str = "<button type=\"submit\" name=\"consent\" value=\"accept\">Accept</button>\n\
                       <button type=\"submit\" name=\"consent\" value=\"decline\">Cancel</button>\n";
