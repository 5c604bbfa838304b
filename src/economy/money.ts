// Money is an integer number of micro-credits. 1 credit reads as 1 US cent; 1,000 credits are $10.
// Files hold amounts as decimal strings of credits ("12.5"), agents speak in plain numbers (12.5).
import { accept, assert, type Result, refuse } from "./result.ts";

/** An amount in micro-credits: a safe integer. */
export type Micro = number;

export const MICRO_PER_CREDIT = 1_000_000;

/**
 * The largest amount anyone can name, and all that one world may ever issue: one billion credits.
 * So every balance, and every sum of balances, is an integer that a double holds exactly.
 */
export const AMOUNT_MAX: Micro = 1_000_000_000 * MICRO_PER_CREDIT;

export function credits(value: number): Micro {
  const result = microFromCredits(value);
  assert(result.ok, `${value} is not an amount`);
  return result.value;
}

/** Credits as an agent or a configuration writes them (a number, 0 allowed) → micro-credits. */
export function microFromCredits(value: unknown): Result<Micro> {
  if (typeof value !== "number")
    return refuse(`expected a number of credits, got ${kindOf(value)}`);
  if (!Number.isFinite(value)) return refuse(`expected a finite number of credits, got ${value}`);
  if (value < 0 || Object.is(value, -0)) return refuse(`an amount cannot be negative (${value})`);
  const scaled = value * MICRO_PER_CREDIT;
  if (scaled > AMOUNT_MAX) return refuse(`${value} credits is more than anyone can hold`);
  const micro = Math.round(scaled);
  // What a double cannot express is noise (0.1 + 0.2), anything coarser was meant, and is refused.
  if (Math.abs(scaled - micro) > 4 * Number.EPSILON * scaled)
    return refuse(`${value} is finer than a millionth of a credit; round it to 6 decimals`);
  return accept(micro);
}

/** The same, but zero is refused: for everything that changes hands. */
export function positiveMicro(value: unknown): Result<Micro> {
  const result = microFromCredits(value);
  if (result.ok && result.value === 0) return refuse("an amount must be more than 0");
  return result;
}

const DECIMAL = /^(-?)(0|[1-9][0-9]{0,9})(?:\.([0-9]{1,6}))?$/;

/** "12.5" → 12,500,000. The form that files use; negative only for issuance. */
export function parseAmount(text: unknown): Result<Micro> {
  if (typeof text !== "string")
    return refuse(`expected an amount like "12.5", got ${kindOf(text)}`);
  const match = DECIMAL.exec(text);
  if (!match) return refuse(`expected an amount like "12.5", got ${JSON.stringify(text)}`);
  const [, sign, whole, fraction = ""] = match;
  const micro = Number(whole) * MICRO_PER_CREDIT + Number(fraction.padEnd(6, "0"));
  if (sign && micro === 0) return refuse('expected "0", got "-0"');
  if (!Number.isSafeInteger(micro)) return refuse(`${text} is out of range`);
  return accept(sign ? -micro : micro);
}

/** 12,500,000 → "12.5". */
export function formatAmount(micro: Micro): string {
  assert(Number.isSafeInteger(micro), `${micro} is not an amount`);
  const size = Math.abs(micro);
  let fraction = size % MICRO_PER_CREDIT;
  const whole = `${micro < 0 ? "-" : ""}${(size - fraction) / MICRO_PER_CREDIT}`;
  if (fraction === 0) return whole;
  let decimals = 6;
  for (; fraction % 10 === 0; fraction /= 10) decimals -= 1;
  return `${whole}.${String(fraction).padStart(decimals, "0")}`;
}

/** For people: "3,450", "0.0125"; two decimals from 1 credit up, three significant digits below. */
export function roundedAmount(micro: Micro): string {
  const size = Math.abs(micro);
  const unit = size < MICRO_PER_CREDIT ? 10 ** Math.max(0, String(size).length - 3) : 10_000;
  const rounded = Math.round(size / unit) * unit;
  const text = formatAmount(micro < 0 ? -rounded : rounded);
  if (rounded < 1_000 * MICRO_PER_CREDIT) return text;
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction ? `${grouped}.${fraction}` : grouped;
}

/** A price for a sentence: 4 significant digits, "0.009939", "43.75". */
export function roundedPrice(micro: Micro): string {
  return String(Number(toCredits(micro).toPrecision(4)));
}

/** Micro-credits as the number an agent reads: 12,500,000 → 12.5. */
export function toCredits(micro: Micro): number {
  return micro / MICRO_PER_CREDIT;
}

/** amount × numerator / denominator, rounded down, exact for every safe input. */
export function mulDivDown(amount: number, numerator: number, denominator: number): Micro {
  const product = amount * numerator;
  if (isExact(product)) return Math.floor(product / denominator);
  const exact = (BigInt(amount) * BigInt(numerator)) / BigInt(denominator);
  return Number(exact);
}

/** The same rounded up: for prices, so that a fraction of a micro-credit is never free. */
export function mulDivUp(amount: number, numerator: number, denominator: number): Micro {
  const product = amount * numerator;
  if (isExact(product)) return Math.ceil(product / denominator);
  const by = BigInt(denominator);
  return Number((BigInt(amount) * BigInt(numerator) + by - 1n) / by);
}

/**
 * Whether doubles do: a quotient of safe integers that is no integer is further from the next one
 * than a double's rounding reaches. Integers without a bound take ten times as long.
 */
function isExact(product: number): boolean {
  return Number.isSafeInteger(product) && product >= 0;
}

/**
 * Split an amount in proportion to weights (largest remainder to the earliest of the largest
 * weights), so that the parts sum to the whole exactly.
 */
export function splitAmount(amount: Micro, weights: number[]): Micro[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  assert(total > 0, "a split needs a positive weight");
  if (weights.length === 1) return [amount];
  const parts = weights.map((weight) => mulDivDown(amount, weight, total));
  const rest = amount - parts.reduce((sum, part) => sum + part, 0);
  const largest = weights.indexOf(Math.max(...weights));
  parts[largest] = (parts[largest] ?? 0) + rest;
  return parts;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 40))}`;
  return typeof value === "object" ? "an object" : `${typeof value}`;
}
