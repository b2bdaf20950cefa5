#!/usr/bin/env node
// What the desktop opens when a sign-in library asks for the browser (named in BROWSER): the
// administrator signs in, and the code goes back to the address on which the library listens.

import { visit } from "./browser.mjs";
import { ORIGIN, pair } from "./graph-client.mjs";

const ending = await visit(process.argv[2], pair("sign-in").source.admin);
if (ending.url.startsWith(`${ORIGIN}/`)) throw new Error(`no way back to the library: ${ending.text}`);
await fetch(ending.url);
