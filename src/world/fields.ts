// The building blocks of the schemas of the world's records: amounts as decimal strings, names,
// instants, counters. Reading converts; writing is formatAmount and friends.
import * as z from "zod";
import { ID } from "../economy/ids.ts";
import { AMOUNT_MAX, type Micro, parseAmount } from "../economy/money.ts";

/** Any balance: below zero only for issuance, which the ledger checks. */
export const balance = z.unknown().transform((value, context): Micro => {
  const result = parseAmount(value);
  if (result.ok) return result.value;
  context.issues.push({ code: "custom", message: result.reason, input: value });
  return z.NEVER;
});

/** An amount that changed hands or was offered. */
export const amount = balance.refine((value) => value >= 0 && value <= AMOUNT_MAX, {
  error: "an amount cannot be negative or more than anyone can hold",
});

export const counter = z.number().int().min(0);
export const cycle = counter;

export const id = named(ID, "a name (a-z, 0-9 and -, from a letter, up to 32)");
/** Ids of bids and prompts: an agent's, and numbers. */
export const recordId = named(/^[a-z][a-z0-9-]{0,79}$/, "an id (a-z, 0-9 and -)");
export const account = named(
  /^(?:issuance|burn|(?:agent|human):[a-z][a-z0-9-]{0,31}|market:[a-z][a-z0-9_-]{0,31})$/,
  "an account (issuance, burn, agent:…, human:… or market:…)",
);
export const asset = named(/^[a-z][a-z0-9:-]{0,63}$/, 'an asset, like "credit"');
export const worldId = named(/^[0-9a-f]{16}$/, "a world's id (16 of 0-9a-f)");
export const instant = named(
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  "an instant like 2026-01-31T12:00:00.000Z",
);

function named(pattern: RegExp, noun: string) {
  return z.unknown().transform((value, context): string => {
    if (typeof value === "string" && pattern.test(value)) return value;
    const got = (JSON.stringify(value) ?? "nothing").slice(0, 60);
    const message = `expected ${noun}, got ${got}`;
    context.issues.push({ code: "custom", message, input: value });
    return z.NEVER;
  });
}
