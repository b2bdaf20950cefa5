//! The service principals of an application in the recycle bin: they keep what they hold and may be restored. The bin keeps
//! no names, so it is walked through, in any number: before the transaction that asks, which then looks at nothing
//! but what has come into the bin since.

use syncline_model::{AppId, Attr, EntityKind, ObjectId, Problem, Value};
use syncline_store::{Reader, StoreError};

use super::{AT_ONCE, is_decisive, is_granted};
use crate::Call;

/// Bytes, as it is stored, of a service principal that is not read to find out whose it is.
const LARGE: usize = 16 * 1024;

/// What a walk has found.
#[derive(Debug)]
pub(crate) struct Bin {
    app_id: AppId,
    /// Of the tenant, when it was walked through.
    sequence: u64,
    principals: Vec<ObjectId>,
}

impl Bin {
    pub(super) fn seen(
        call: &Call<'_>,
        reader: &Reader<'_>,
        app_id: AppId,
    ) -> Result<Self, Problem> {
        Ok(Self {
            app_id,
            sequence: reader.sequence(call.tenant())?,
            principals: walk(call, reader, app_id)?,
        })
    }
}

/// Those that are in the bin as this view has it.
pub(super) fn recycled(
    call: &Call<'_>,
    reader: &Reader<'_>,
    app_id: AppId,
) -> Result<Vec<ObjectId>, Problem> {
    let Some(bin) = call.bin.get().filter(|it| it.app_id == app_id) else {
        // The path led to another application until now, or nobody has looked.
        return walk(call, reader, app_id);
    };
    let kind = EntityKind::ServicePrincipal;
    let since = reader.recycled_since(call.tenant(), kind, bin.sequence, AT_ONCE)?;
    if since.len() == AT_ONCE {
        let busy = "the recycle bin is filled faster than it is read".to_owned();
        return Err(StoreError::Busy(busy).into());
    }
    let mut principals = of_application(call, reader, app_id, &since)?;
    principals.extend(&bin.principals);
    Ok(principals)
}

fn walk(call: &Call<'_>, reader: &Reader<'_>, app_id: AppId) -> Result<Vec<ObjectId>, Problem> {
    let kind = EntityKind::ServicePrincipal;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = reader.recycled_sizes(call.tenant(), kind, after, AT_ONCE)?;
        call.has_read(page.len())?;
        found.extend(of_application(call, reader, app_id, &page)?);
        after = page.last().map(|(id, _)| *id);
        if page.len() < AT_ONCE {
            return Ok(found);
        }
    }
}

/// Those of an application among these, each with its bytes. A large one is read only where that may matter: what it holds
/// it held when it came into the bin.
fn of_application(
    call: &Call<'_>,
    reader: &Reader<'_>,
    app_id: AppId,
    recycled: &[(ObjectId, usize)],
) -> Result<Vec<ObjectId>, Problem> {
    let mut asked = Vec::with_capacity(recycled.len());
    for (id, bytes) in recycled {
        let matters =
            *bytes <= LARGE || is_decisive(call, reader, *id)? || is_granted(call, reader, *id)?;
        if matters {
            asked.push(*id);
        }
    }
    let kind = EntityKind::ServicePrincipal;
    let its = Some(Value::Guid(app_id.0));
    let peeked = reader.peek(call.tenant(), kind, &asked, [Attr::APP_ID])?;
    let found = peeked.iter().filter(|it| it.values[0] == its);
    Ok(found.map(|it| it.id).collect())
}
