// Who decides in a trial: strategies where there are any, and for everyone else a rule that repeats
// the bid it ran on.
import type { LogicSource } from "../economy/actions.ts";
import type { Logic } from "../economy/agents.ts";
import { marketCost } from "../economy/bids.ts";
import type { Run, RunOutcome } from "../economy/cycle.ts";
import { environmentOf } from "../economy/environment.ts";
import { toCredits } from "../economy/money.ts";
import { accept, type Result } from "../economy/result.ts";
import type { Economy } from "../economy/state.ts";
import type { ActionRequest, Strategy } from "./strategy.ts";

// biome-ignore lint/suspicious/noExplicitAny: strategies have states of many types.
export type AnyStrategy = Strategy<any>;

type Mind = { strategy: AnyStrategy; state: unknown };

export class Minds {
  readonly #minds = new Map<string, Mind>();
  readonly #pauses: Map<string, number>;
  readonly #logicOf: (agent: string, source: LogicSource) => Result<Logic>;

  /** `pauses`: cycles from one run to the next, of those who repeat. */
  constructor(
    pauses: Map<string, number>,
    logicOf: (agent: string, source: LogicSource) => Result<Logic>,
  ) {
    this.#pauses = pauses;
    this.#logicOf = logicOf;
  }

  give(agent: string, strategy: AnyStrategy, state: unknown = null): void {
    this.#minds.set(agent, { strategy, state });
  }

  /** One run. What a strategy throws is a crash, as it would be in the sandbox. */
  run(economy: Economy, run: Run): RunOutcome {
    const { agent } = run.bid;
    const logicOf = (source: LogicSource) => this.#logicOf(agent, source);
    const mind = this.#minds.get(agent);
    try {
      const actions = mind ? decide(mind, run) : [this.#again(economy, run)];
      const lines = actions.map((action) => accept(written(action)));
      return { ending: { kind: "finished" }, lines, logicOf, notes: [] };
    } catch (error) {
      const detail = `it threw: ${error instanceof Error ? error.message : String(error)}`;
      return { ending: { kind: "crashed", detail }, lines: [], logicOf, notes: [] };
    }
  }

  /** The same bid; at the market's price where its own terms no longer reach that. */
  #again(economy: Economy, { bid }: Run): ActionRequest {
    const { agent, resources, payload, amount, upTo } = bid;
    const pause = this.#pauses.get(agent) ?? 1;
    const notBefore = economy.cycle + pause;
    const order = { action: "bid" as const, resources, payload, notBefore };
    const reaches = amount !== null && (upTo ?? 2 * amount) >= marketCost(economy, resources);
    if (!reaches) return order;
    const limit = upTo === null ? {} : { upTo: toCredits(upTo) };
    return { ...order, amount: toCredits(amount), ...limit };
  }
}

/** Through JSON, as through the sandbox: nobody reaches into the economy or another's memory. */
function decide(mind: Mind, run: Run): ActionRequest[] {
  const wake = JSON.parse(JSON.stringify({ ...environmentOf(run), state: mind.state }));
  const { actions, state } = mind.strategy(wake);
  mind.state = state === undefined ? null : JSON.parse(JSON.stringify(state));
  return [...actions];
}

/** As the toolkit writes an action: without the fields that are not given. */
function written(action: ActionRequest): unknown {
  return Object.fromEntries(Object.entries(action).filter(([, value]) => value !== undefined));
}
