//! `GET /error?code=…`: what the number of an OAuth error means. Its `error_uri` leads here.

use crate::Identity;
use crate::asked::Asked;
use crate::pages::Page;
use crate::reply::Reply;

pub(crate) fn get(_identity: &Identity, asked: &Asked) -> Reply {
    let code = asked.query.get("code").and_then(|code| code.parse().ok());
    match code.and_then(Page::explained) {
        Some(page) => Reply::page(200, &page),
        None => Reply::page(
            404,
            &Page::message(
                "Unknown error code",
                "The address names no code that this server answers with.",
            ),
        ),
    }
}
