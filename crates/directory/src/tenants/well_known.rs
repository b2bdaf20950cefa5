//! Client ids that every official client knows by heart.

use syncline_model::AppId;
use uuid::uuid;

/// Microsoft Graph, whose service principal holds every permission.
pub const GRAPH_APP_ID: AppId = AppId(uuid!("00000003-0000-0000-c000-000000000000"));

/// Microsoft Graph Command Line Tools: the public client of Graph PowerShell.
pub const GRAPH_POWERSHELL_APP_ID: AppId = AppId(uuid!("14d82eec-204b-4c2f-b7e8-296a70dab67e"));

/// The tenant Microsoft registers its own applications in.
pub(super) const MICROSOFT_TENANT_ID: uuid::Uuid = uuid!("f8cdef31-a31e-4b4a-93e4-5f571e91255a");
