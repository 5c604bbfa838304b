// Auctions of bundles among bidders that want one bundle each, cleared by the world's own code, and
// the best that any allocation could reach.
import { allocate, type Clearing, type Contender, inOrder } from "../../economy/clearing.ts";
import { credits } from "../../economy/money.ts";
import { milli } from "../../economy/resources.ts";

export type Bundle = Record<string, number>;

export type Auction = { bidders: Contender[]; supply: Record<string, number> };

/** A bidder that offers what its bundle is worth to it, in credits. */
export function bidder(n: number, value: number, resources: Bundle, cost = 0): Contender {
  return { bid: { id: `b${n}`, agent: `a${n}`, resources }, cost, offer: credits(value) };
}

export function clearingOf(
  { supply }: Pick<Auction, "supply">,
  rule: Clearing<string>["rule"],
): Clearing<string> {
  return { rule, tieSeed: "lab", supply: (good) => supply[good] ?? 0 };
}

/** What the winners' bundles are worth together. */
export function welfareOf(auction: Auction, rule: Clearing<string>["rule"]): number {
  const clearing = clearingOf(auction, rule);
  const ordered = inOrder(auction.bidders, clearing);
  return sumOfOffers(allocate(ordered, clearing.supply).winners);
}

export function sumOfOffers(bidders: Contender[]): number {
  return bidders.reduce((sum, { offer }) => sum + offer, 0);
}

type Item = { agent: string; value: number; size: number; needs: number[] };

/** The largest welfare of any allocation, one bundle an agent, exactly: branch and bound. */
export function optimumOf({ bidders, supply }: Auction): number {
  const goods = Object.keys(supply);
  const items = bidders.map(({ bid, offer }): Item => {
    const needs = goods.map((good) => milli(bid.resources[good] ?? 0));
    const size = needs.reduce((sum, need, g) => sum + need / milli(supply[goods[g] ?? ""] ?? 0), 0);
    return { agent: bid.agent, value: offer, size, needs };
  });
  items.sort((a, b) => b.value / b.size - a.value / a.size);
  const left = goods.map((good) => milli(supply[good] ?? 0));
  return search(items, left, goods.length);
}

/** Depth first, the best per size first; a branch that cannot beat the best so far is cut. */
function search(items: Item[], left: number[], room: number): number {
  let best = 0;
  const served = new Set<string>();
  const visit = (at: number, value: number, space: number) => {
    if (value > best) best = value;
    const item = items[at];
    if (!item || value + boundOf(items, at, space) <= best) return;
    const fits = item.needs.every((need, g) => need <= (left[g] ?? 0));
    if (fits && !served.has(item.agent)) {
      served.add(item.agent);
      item.needs.forEach((need, g) => {
        left[g] = (left[g] ?? 0) - need;
      });
      visit(at + 1, value + item.value, space - item.size);
      served.delete(item.agent);
      item.needs.forEach((need, g) => {
        left[g] = (left[g] ?? 0) + need;
      });
    }
    visit(at + 1, value, space);
  };
  visit(0, 0, room);
  return best;
}

/** What the rest could add if bundles could be cut and all goods were one. */
function boundOf(items: Item[], from: number, space: number): number {
  let [value, left] = [0, space];
  for (let at = from; at < items.length && left > 0; at++) {
    const { value: worth, size } = items[at] as Item;
    value += size <= left ? worth : (worth * left) / size;
    left -= size;
  }
  return value;
}
