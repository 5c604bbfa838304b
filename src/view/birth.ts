// A birth by command, as it is reported: who was born, and the bid that will wake it.
import { type Agent, bidsOf, type Economy } from "../economy/state.ts";
import { creditsText } from "./amounts.ts";
import { bundleText, outlooksOf, payloadText } from "./outlook.ts";
import { safeLine } from "./safe-text.ts";

/** "scout was made …" and what its first bid buys, costs now and may cost. */
export function birthText(economy: Economy, { id }: Agent, message: string): string {
  const [first] = outlooksOf(economy, bidsOf(economy, id));
  if (!first) return safeLine(message);
  const { bid, cost } = first;
  const limit = bid.upTo === null ? "" : `, goes up to ${creditsText(bid.upTo)}`;
  const order = `${bundleText(bid.resources)}: ${payloadText(bid.payload)}`;
  const start = `Its first bid, ${bid.id}, costs ${creditsText(cost)} now${limit}.`;
  return [safeLine(message), start, `It runs ${safeLine(order)}`].join("\n");
}
