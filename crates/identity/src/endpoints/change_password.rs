//! `GET|POST /changepassword`: users change their passwords, also those who are asked to and have no
//! application at hand that shows pages.

use syncline_access::Refusal;

use super::sign_in_step::{self, Then};
use crate::Identity;
use crate::asked::Asked;
use crate::browser::Browser;
use crate::pages::Page;
use crate::reply::Reply;

pub(crate) fn page(identity: &Identity, asked: &Asked) -> Reply {
    answer(identity, asked)
        .unwrap_or_else(|refusal| Reply::page(refusal.status(), &Page::refused(&refusal)))
}

fn answer(identity: &Identity, asked: &Asked) -> Result<Reply, Refusal> {
    let mut browser = Browser::of(identity, asked, None)?;
    // Also who is signed in proves again to know the password.
    let sealed = asked.is_post && browser.check_form(asked);
    if !sealed || !sign_in_step::is_sent(asked) {
        return Ok(sign_in_step::form(&browser, "", None, &[]));
    }
    let change = Then::ChangePassword;
    Ok(
        match sign_in_step::check(identity, asked, None, &mut browser, &[], change)? {
            Ok(()) => browser.keep(Reply::page(
                200,
                &Page::message(
                    "Your password is changed",
                    "Sign in with the new one from now on. You can close this window.",
                ),
            )),
            Err(form) => form,
        },
    )
}
