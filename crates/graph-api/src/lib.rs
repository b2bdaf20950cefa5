//! The HTTP face of Microsoft Graph: routes as values, one file per action, one error envelope.
