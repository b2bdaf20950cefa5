// A handful of people for the suites, written as the CSV that `syncline import` reads.

const HEADER =
  "userPrincipalName,displayName,givenName,surname,department,jobTitle,accountEnabled,manager";

/** Emil has left the company. */
const PEOPLE = [
  ["ada", "Ada Lovelace", "Marketing", "Analyst", "true", "grace"],
  ["grace", "Grace Hopper", "Marketing", "Head of Marketing", "true", ""],
  ["mia", "Mia Møller", "Marketing", "Writer", "true", "grace"],
  ["linus", "Linus Ångström", "Sales", "Seller", "true", "grace"],
  ["emil", "Emil Gone", "Marketing", "Writer", "false", "grace"],
];

export const PERSON = "Ada Lovelace";
export const COLLEAGUE = "Grace Hopper";
export const SELLER = "Linus Ångström";
export const UNASSIGNED = "Mia Møller";

export function usersCsv(domain) {
  const rows = PEOPLE.map(([name, displayName, department, title, enabled, manager]) => {
    const [given, surname] = displayName.split(" ");
    const head = manager && `${manager}@${domain}`;
    const upn = `${name}@${domain}`;
    return [upn, displayName, given, surname, department, title, enabled, head].join(",");
  });
  return [HEADER, ...rows, ""].join("\n");
}
