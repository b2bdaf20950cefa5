//! `GET /oauth2PermissionGrants`

use syncline_access::grants::{self, Grant};
use syncline_model::Problem;
use syncline_odata::Rules;

use super::table::{SET, TABLE, json};
use crate::list::small;
use crate::{Call, Reply};

const PAGE: usize = 500;

/// One per client (and user who consented for himself): few enough to read as a whole.
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let all = call.read(|reader| {
        let mut all: Vec<Grant> = Vec::new();
        loop {
            let page = grants::list(reader, call.tenant(), all.last(), PAGE)?;
            let ended = page.len() < PAGE;
            all.extend(page);
            if ended {
                return Ok(all);
            }
        }
    })?;
    small::reply(
        call,
        SET,
        &TABLE,
        &Rules::directory(),
        all.iter().map(json).collect(),
    )
}
