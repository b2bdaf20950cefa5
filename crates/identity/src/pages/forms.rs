//! Pages with a form. Every form carries the browser's seal and is sent to the page's own address,
//! except the one that takes an answer to the client.

use super::Page;
use super::html::{escape, hidden};

/// The field that carries the secret of a step at which a new password is chosen.
pub(crate) const PASSWORD_STEP: &str = "password_step";

impl Page {
    /// User name and password.
    pub(crate) fn sign_in(
        seal: &str,
        user_name: &str,
        error: Option<&str>,
        fields: &[(&str, &str)],
    ) -> Self {
        Self::new(
            "Sign in",
            format!(
                "{error}<form method=\"post\">\n{seal}{fields}\
                 <label for=\"username\">User name</label>\n\
                 <input id=\"username\" name=\"username\" type=\"text\" inputmode=\"email\" autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" required value=\"{user_name}\">\n\
                 <label for=\"password\">Password</label>\n\
                 <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\" required>\n\
                 <button type=\"submit\">Sign in</button>\n</form>\n",
                error = alert(error),
                seal = hidden(&[("seal", seal)]),
                fields = hidden(fields),
                user_name = escape(user_name),
            ),
        )
    }

    /// A new password. The user name can not be changed; it is there for people, and for password managers.
    pub(crate) fn new_password(
        seal: &str,
        step: &str,
        user_name: &str,
        error: Option<&str>,
        fields: &[(&str, &str)],
    ) -> Self {
        Self::new(
            "Choose a new password",
            format!(
                "{error}<p>Choose one that only you know. It replaces the password with which you just signed in, and you are signed out everywhere else.</p>\n\
                 <form method=\"post\">\n{seal}{fields}\
                 <label for=\"username\">User name</label>\n\
                 <input id=\"username\" type=\"text\" autocomplete=\"username\" readonly value=\"{user_name}\">\n\
                 <label for=\"new_password\">New password</label>\n\
                 <input id=\"new_password\" name=\"new_password\" type=\"password\" autocomplete=\"new-password\" aria-describedby=\"rules\" required>\n\
                 <p id=\"rules\" class=\"small\">At least 8 characters, of at least three of these: small letters, capital letters, digits, other characters. Not the old password.</p>\n\
                 <label for=\"new_password_again\">New password again</label>\n\
                 <input id=\"new_password_again\" name=\"new_password_again\" type=\"password\" autocomplete=\"new-password\" required>\n\
                 <button type=\"submit\">Change password</button>\n</form>\n",
                error = alert(error),
                seal = hidden(&[("seal", seal), (PASSWORD_STEP, step)]),
                fields = hidden(fields),
                user_name = escape(user_name),
            ),
        )
    }

    /// The code that a device shows.
    pub(crate) fn device_code(seal: &str, error: Option<&str>) -> Self {
        Self::new(
            "Enter code",
            format!(
                "{error}<p>Enter the code that your application or device shows.</p>\n<form method=\"post\">\n{seal}\
                 <label for=\"user_code\">Code</label>\n\
                 <input id=\"user_code\" name=\"user_code\" type=\"text\" autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" required maxlength=\"20\">\n\
                 <button type=\"submit\">Next</button>\n</form>\n",
                error = alert(error),
                seal = hidden(&[("seal", seal)]),
            ),
        )
    }

    /// An answer that travels in a form. It is sent with a button: a script would have to be
    /// allowed.
    pub(crate) fn form_post(redirect_uri: &str, parameters: &[(&str, &str)]) -> Self {
        let parameters: Vec<(&str, &str)> = parameters
            .iter()
            .copied()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self::new(
            "Continue",
            format!(
                "<form method=\"post\" action=\"{action}\">\n{fields}<button type=\"submit\">Continue</button>\n</form>\n",
                action = escape(redirect_uri),
                fields = hidden(&parameters),
            ),
        )
        .leading_to(redirect_uri)
    }
}

fn alert(message: Option<&str>) -> String {
    message
        .map(|message| {
            format!(
                "<p class=\"error\" role=\"alert\">{}</p>\n",
                escape(message)
            )
        })
        .unwrap_or_default()
}
