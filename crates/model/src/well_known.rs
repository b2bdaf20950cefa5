//! Applications of Microsoft's that have the same id in every tenant; clients know them by heart.

use uuid::uuid;

use crate::AppId;

/// Microsoft Graph, the resource that this server plays: every permission is a role or scope of it.
pub const GRAPH_APP_ID: AppId = AppId(uuid!("00000003-0000-0000-c000-000000000000"));

/// Microsoft Graph Command Line Tools: the public client of Graph PowerShell.
pub const GRAPH_POWERSHELL_APP_ID: AppId = AppId(uuid!("14d82eec-204b-4c2f-b7e8-296a70dab67e"));

/// The public client of Azure CLI.
pub const AZURE_CLI_APP_ID: AppId = AppId(uuid!("04b07795-8ddb-461a-bbee-02f9e1bf7b46"));

/// The public clients that every tenant knows without a registration, with their names.
pub const PUBLIC_CLIENTS: [(AppId, &str); 2] = [
    (
        GRAPH_POWERSHELL_APP_ID,
        "Microsoft Graph Command Line Tools",
    ),
    (AZURE_CLI_APP_ID, "Microsoft Azure CLI"),
];
