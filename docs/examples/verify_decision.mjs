// Checks a signed render decision, and whether it lets an instance at hand be shown. Needs WebCrypto alone: a browser, or Node 20.
//
//     node verify_decision.mjs DECISION INSTANCE ISSUER [KEYS]
//
// DECISION is the file with the answer to "Accept: application/jose", INSTANCE the file with the DICOM instance as it was retrieved, KEYS
// the key set: a file, or its address (unless given, ISSUER/api/v1/decision-keys). Prints a sentence; the exit status is 0 if the
// instance may be shown for the clinical purpose, else 1. In a browser, import decisionIn, rulingOn and sha256Of.

export class Refused extends Error {}

const NONE = "This is no signed render decision.";

const fromBase64url = (text) => {
  try {
    if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Refused(NONE);
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  } catch {
    throw new Refused(NONE);
  }
};

const read = (part) => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(fromBase64url(part)));
  } catch {
    throw new Refused(NONE);
  }
};

/** What a signed decision says; refused unless this issuer signed it as one for the purpose, and it has not expired. */
export async function decisionIn(text, { issuer, keys, purpose = "clinical", now = Date.now() / 1000 }) {
  const parts = text.split(".");
  const header = read(parts[0]);
  if (parts.length !== 3 || header?.typ !== "render-decision+jwt" || header.alg !== "ES256" || "crit" in header) {
    throw new Refused(NONE);
  }
  const found = keys.find((key) => key.kid === header.kid && key.kty === "EC" && key.crv === "P-256");
  if (!found) throw new Refused("The issuer has no key of this id.");
  const { kty, crv, x, y } = found;
  const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
  const good = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, fromBase64url(parts[2]), signed);
  if (!good) throw new Refused("The decision does not verify: the signature is not the issuer's.");
  const decision = read(parts[1]);
  if (decision.iss !== issuer) throw new Refused("The decision is of another issuer.");
  if (!(typeof decision.exp === "number" && now < decision.exp)) throw new Refused("The decision has expired.");
  if (decision.purpose !== purpose) throw new Refused("The decision is for another purpose."); // for review, what nobody accepted is shown
  return decision;
}

/** What the decision says of the instance with this digest (hexadecimal); refused unless that is to show it. */
export function rulingOn(decision, sha256) {
  const ruling = decision.overlays.find((each) => each.sha256 === sha256);
  if (!ruling) throw new Refused("The decision says nothing of an instance with these bytes.");
  if (!["show", "show_with_warning"].includes(ruling.verdict)) throw new Refused(`The instance is withheld: ${ruling.label}`);
  return ruling;
}

/** The digest of bytes, as a decision tells it. */
export async function sha256Of(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function readKeys(files, source) {
  try {
    const text = /^https?:/.test(source) ? await (await fetch(source)).text() : await files.readFile(source, "utf-8");
    return [...JSON.parse(text).keys];
  } catch {
    throw new Refused(`The keys of ${source} cannot be read.`);
  }
}

async function main(files, [decisionFile, instanceFile, issuer, source = `${issuer}/api/v1/decision-keys`]) {
  try {
    const keys = await readKeys(files, source);
    const decision = await decisionIn((await files.readFile(decisionFile, "utf-8")).trim(), { issuer, keys });
    const ruling = rulingOn(decision, await sha256Of(await files.readFile(instanceFile)));
    console.log(`${ruling.verdict}: ${ruling.label} ${ruling.warning ?? ""} (decision ${decision.jti})`);
    return 0;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.log(error.message);
    return 1;
  }
}

if (globalThis.process?.versions?.node) {
  const files = await import("node:fs/promises");
  const { pathToFileURL } = await import("node:url");
  const started = pathToFileURL(await files.realpath(process.argv[1])).href;
  if (started === import.meta.url) process.exitCode = await main(files, process.argv.slice(2));
}
