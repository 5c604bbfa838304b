// The five goods. Quantities have at most three decimals, so that sums of them are exact in
// thousandths.
import { accept, type Result, refuse } from "./result.ts";

export const RESOURCES = [
  "tokens",
  "cpu_seconds",
  "memory_mb",
  "gpu_seconds",
  "attention",
] as const;
export type Resource = (typeof RESOURCES)[number];

/** What a bundle bid can hold: attention is sold by its own queue, never in a bundle. */
export const BUNDLE_RESOURCES = ["tokens", "cpu_seconds", "memory_mb", "gpu_seconds"] as const;
export type BundleResource = (typeof BUNDLE_RESOURCES)[number];

/** Quantities of one execution, e.g. { cpu_seconds: 0.5, memory_mb: 64 }. */
export type Bundle = Partial<Record<BundleResource, number>>;

const QUANTITY_MAX = 1_000_000_000;

/** A quantity in thousandths, as an exact integer. */
export function milli(quantity: number): number {
  return Math.round(quantity * 1000);
}

export function checkQuantity(value: unknown): Result<number> {
  if (typeof value !== "number" || !Number.isFinite(value))
    return refuse(`expected a number, got ${JSON.stringify(value)?.slice(0, 40) ?? typeof value}`);
  if (value <= 0 || value > QUANTITY_MAX) return refuse(`${value} is not a quantity above 0`);
  // A quantity that rounds to nothing would be free; what a double cannot express is noise.
  if (Math.abs(value * 1000 - milli(value)) > 4 * Number.EPSILON * value * 1000)
    return refuse(`${value} is finer than a thousandth`);
  return accept(value);
}

/** The resources a bundle names, in the fixed order of the markets. */
export function resourcesOf(bundle: Bundle): BundleResource[] {
  const named: BundleResource[] = [];
  for (const resource of BUNDLE_RESOURCES) if (bundle[resource] !== undefined) named.push(resource);
  return named;
}
