// How much of an economy is known to those who only look at it. A whole economy is each of these
// as well.
import type { Agent, Bid, Economy } from "./state.ts";

/** Who or what is there, by name. */
export type Names = Pick<ReadonlySet<string>, "size" | "has" | "keys">;

/** An agent as its record tells, without its mail. */
export type Life = Omit<Agent, "inbox" | "letters">;

/** An economy whose agents and bids are known by name only: what most views need. */
export type Overview = Omit<Economy, "agents" | "bids" | "recent" | "changes"> & {
  agents: Names;
  bids: Names;
};

/** The same with what the bids are… */
export type Bidding = Overview & { bids: Map<string, Bid> };

/** … and the agents. */
export type Census = Bidding & { agents: Map<string, Life> };
