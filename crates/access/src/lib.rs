//! Tokens, application permissions, directory roles and consent: may this caller do this?
