//! `GET /users/{id}/directReports`

use syncline_model::Problem;
use syncline_store::EdgeKind;

use crate::actions::cast::{self, PRINCIPALS};
use crate::actions::lookup;
use crate::list::{List, rows};
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let user = lookup::user(call, reader)?.entry.id;
        let kinds = cast::kinds(call, &PRINCIPALS)?;
        let rows = rows::edges_to(reader, call.tenant(), EdgeKind::Manager, user, kinds);
        List::related(call, format!("{user}/directReports"), kinds, &rows).reply(call, reader)
    })
}
