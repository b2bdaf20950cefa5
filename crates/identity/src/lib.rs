//! The identity platform's HTTP face: discovery, keys, tokens, sign-in and consent pages.
