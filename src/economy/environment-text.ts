// An environment as JSON text, in two parts: its head is what all winners of a cycle are shown
// alike. That is most of it (everyone's bids, the markets), so it is written once a cycle.
import type { PublicView, Shown } from "./environment.ts";

type Space = 0 | 1;

/** Head and tail together are `JSON.stringify(environmentOf(shown), null, space)`. */
export function environmentText(shown: Shown, space: Space): { head: string; tail: string } {
  const own = JSON.stringify(shown.own, null, space);
  return { head: headOf(shown.shared, space), tail: `,${own.slice(1)}` };
}

const heads: Record<Space, WeakMap<PublicView, string>> = { 0: new WeakMap(), 1: new WeakMap() };

function headOf(shared: PublicView, space: Space): string {
  const known = heads[space].get(shared);
  if (known !== undefined) return known;
  const text = JSON.stringify(shared, null, space).replace(/\n?\}$/, "");
  heads[space].set(shared, text);
  return text;
}
