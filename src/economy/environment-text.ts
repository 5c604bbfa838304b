// An environment as JSON text, in two parts: its head is what all winners of a cycle are shown
// alike. That is most of it (everyone's bids, the markets), so it is written once a cycle.
import type { Environment, PublicView } from "./environment.ts";

/** What one run is shown, and the part of it that is the same for all runs of its cycle. */
export type Shown = { environment: Environment; shared: PublicView };

type Space = 0 | 1;

/** Head and tail together are `JSON.stringify(environment, null, space)`. */
export function environmentText(shown: Shown, space: Space): { head: string; tail: string } {
  const { environment, shared } = shown;
  const entries = Object.entries(environment).filter(([key]) => !Object.hasOwn(shared, key));
  const own = JSON.stringify(Object.fromEntries(entries), null, space);
  return { head: headOf(shared, space), tail: `,${own.slice(1)}` };
}

const heads: Record<Space, WeakMap<PublicView, string>> = { 0: new WeakMap(), 1: new WeakMap() };

function headOf(shared: PublicView, space: Space): string {
  const known = heads[space].get(shared);
  if (known !== undefined) return known;
  const text = JSON.stringify(shared, null, space).replace(/\n?\}$/, "");
  heads[space].set(shared, text);
  return text;
}
