// Numbers for people: grouped, rounded to what an eye needs. Files and --json have the exact ones.
import { MICRO_PER_CREDIT, type Micro, roundedAmount } from "../economy/money.ts";

export function creditsText(micro: Micro): string {
  return `${roundedAmount(micro)} ${micro === MICRO_PER_CREDIT ? "credit" : "credits"}`;
}

/** The same for a column: padded behind the point, so that right-aligned points stand in line. */
export function amountColumn(micros: (Micro | null)[]): string[] {
  const texts = micros.map((micro) => (micro === null ? "–" : roundedAmount(micro)));
  const tail = (text: string) => (text.includes(".") ? text.length - text.indexOf(".") : 0);
  const longest = Math.max(0, ...texts.map(tail));
  return texts.map((text) => text + " ".repeat(longest - tail(text)));
}

/** A quantity of a resource, at most three decimals. */
export function quantityText(quantity: number): string {
  const [whole = "0", fraction] = String(Math.round(quantity * 1000) / 1000).split(".");
  return fraction ? `${grouped(Number(whole))}.${fraction}` : grouped(Number(whole));
}

export function percentText(percent: number): string {
  return `${percent > 0 && percent < 1 ? "<1" : Math.round(percent)}%`;
}

/** "1 agent", "3 agents". */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kib = bytes / 1024;
  return kib < 1024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1024).toFixed(1)} MiB`;
}

/** "2026-11-21 14:15:40" of an ISO 8601 instant, in UTC as the world's files have it. */
export function timeText(instant: string): string {
  return instant.slice(0, 19).replace("T", " ");
}

const groups = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

function grouped(whole: number): string {
  return groups.format(whole);
}
