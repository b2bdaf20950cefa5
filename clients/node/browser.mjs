// The person at the browser: opens a page, fills the form that is there, follows where it leads.

import assert from "node:assert/strict";

import { ORIGIN } from "./graph-client.mjs";

const PAGES_AT_MOST = 10;
const REFUSING = /cancel|deny|decline|reject|back/i;

/** Visits `url` as `person`; the end is a page without a form, or an address elsewhere. */
export async function visit(url, person, userCode = "") {
  const cookies = new Map();
  let next = { url, options: {} };
  for (let step = 0; step < PAGES_AT_MOST; step += 1) {
    if (!next.url.startsWith(`${ORIGIN}/`)) return { url: next.url, status: 302, text: "" };
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...next.options.headers, ...(cookie && { cookie }) };
    const page = await fetch(next.url, { ...next.options, headers, redirect: "manual" });
    for (const line of page.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    if (page.status >= 300 && page.status < 400) {
      next = { url: new URL(page.headers.get("location"), next.url).href, options: {} };
      continue;
    }
    const text = await page.text();
    const onward = /^0;\s*url=(.+)$/i.exec(page.headers.get("refresh") ?? "");
    if (onward) {
      next = { url: new URL(onward[1], next.url).href, options: {} };
      continue;
    }
    const form = /<form\b([^>]*)>([\s\S]*?)<\/form>/i.exec(text);
    if (page.status >= 400 || !form) return { url: next.url, status: page.status, text };
    next = submission(next.url, attributes(form[1]), form[2], person, userCode);
  }
  return assert.fail("the pages do not end");
}

function submission(pageUrl, form, html, person, userCode) {
  const values = new URLSearchParams();
  const answers = {
    username: person.userPrincipalName,
    loginfmt: person.userPrincipalName,
    password: person.password,
    passwd: person.password,
    user_code: userCode,
    otc: userCode,
  };
  let agreed = false;
  for (const [, tag, text] of html.matchAll(/<(input|button)\b([^>]*)>/gi)) {
    const { name, value = "", type = tag === "button" ? "submit" : "text", ...rest } =
      attributes(text);
    if (!name) continue;
    if (type === "submit") {
      if (!agreed && !REFUSING.test(`${name} ${value}`)) {
        values.set(name, value);
        agreed = true;
      }
    } else if (type !== "checkbox" || "checked" in rest) {
      values.set(name, answers[name] || value);
    }
  }
  const url = new URL(unescaped(form.action ?? ""), pageUrl);
  if ((form.method ?? "get").toLowerCase() === "post") {
    return { url: url.href, options: { method: "POST", body: values } };
  }
  url.search = values;
  return { url: url.href, options: {} };
}

function attributes(text) {
  const found = text.matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g);
  return Object.fromEntries(
    [...found].map(([, name, ...quoted]) => [name, unescaped(quoted.find((q) => q !== undefined) ?? "")]));
}

function unescaped(text) {
  const named = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text
    .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name) => named[name]);
}
