//! The directory roles that a tenant has given: read for who waits for them, however many there are.

use std::ops::ControlFlow;

use syncline_access::roles::{self, RoleAssignment};
use syncline_model::Problem;
use syncline_store::Reader;
use uuid::Uuid;

use crate::Call;

/// So many are read at once.
const AT_ONCE: usize = 500;

/// All of them, groups' last.
pub(in crate::actions) fn all(
    call: &Call<'_>,
    reader: &Reader<'_>,
) -> Result<Vec<RoleAssignment>, Problem> {
    let mut all = Vec::new();
    walk::<()>(call, reader, |page| {
        all.extend_from_slice(page);
        ControlFlow::Continue(())
    })?;
    Ok(all)
}

/// The one with this id.
pub(super) fn find(
    call: &Call<'_>,
    reader: &Reader<'_>,
    id: Uuid,
) -> Result<Option<RoleAssignment>, Problem> {
    walk(call, reader, |page| {
        match page.iter().find(|it| it.id == id) {
            Some(found) => ControlFlow::Break(found.clone()),
            None => ControlFlow::Continue(()),
        }
    })
}

/// Walks until the visitor breaks.
fn walk<T>(
    call: &Call<'_>,
    reader: &Reader<'_>,
    mut visit: impl FnMut(&[RoleAssignment]) -> ControlFlow<T>,
) -> Result<Option<T>, Problem> {
    let mut after: Option<RoleAssignment> = None;
    loop {
        let page = roles::list(reader, call.tenant(), after.as_ref(), AT_ONCE)?;
        call.has_read(page.len())?;
        if let ControlFlow::Break(found) = visit(&page) {
            return Ok(Some(found));
        }
        let is_last = page.len() < AT_ONCE;
        after = page.into_iter().next_back();
        if is_last {
            return Ok(None);
        }
    }
}
