// What is asked of a world, as data, so that the same can be asked here or in a process that is to
// be killed. All goes through the kernel, as the command line does.
import { graveGoods } from "../../src/commands/archive.ts";
import {
  grantCredits,
  killAgent,
  pauseWorld,
  resumeWorld,
  reviveAgent,
  tellAgent,
} from "../../src/economy/acts.ts";
import { credits } from "../../src/economy/money.ts";
import { type Result, refuse } from "../../src/economy/result.ts";
import type { Economy } from "../../src/economy/state.ts";
import {
  act,
  type Continuity,
  loadEconomy,
  type Outcome,
  planTick,
  tick,
} from "../../src/kernel.ts";
import { drawnSandbox, type Meanwhile } from "./agents.ts";
import { drawnModels } from "./models.ts";

export type Command =
  | { do: "tick" }
  | { do: "load" }
  | { do: "plan" }
  | { do: "grant"; to: string; amount: number; memo: string }
  | { do: "tell"; to: string; content: string }
  | { do: "revive"; id: string }
  | { do: "kill"; id: string; reason: string }
  | { do: "pause"; reason: string }
  | { do: "resume" };

export type Given = {
  seed: string;
  meanwhile?: Meanwhile;
  signal?: AbortSignal;
  continuity?: Continuity;
};

export function runCommand(
  root: string,
  command: Command,
  { seed, meanwhile, signal, continuity }: Given,
): Promise<Outcome<unknown>> {
  if (command.do === "load") return loadEconomy(root);
  if (command.do === "plan") return planTick(root);
  const more = continuity ? { continuity } : {};
  const options = { command: `econ ${command.do}`, durable: false, ...more };
  if (command.do === "tick") {
    const sandbox = drawnSandbox(seed, meanwhile);
    const models = drawnModels(seed);
    return tick(root, { ...options, sandbox, models, ...(signal ? { signal } : {}) });
  }
  return act(root, { ...options, subject: command.do }, (economy, by) =>
    change(economy, root, { ...command, by }),
  );
}

type Act = Exclude<Command, { do: "tick" | "load" | "plan" }> & { by: string };

function change(economy: Economy, root: string, command: Act): Result<string> {
  if (command.do === "grant")
    return grantCredits(economy, { ...command, amount: credits(command.amount) });
  if (command.do === "tell") return tellAgent(economy, command);
  if (command.do === "kill") return killAgent(economy, command);
  if (command.do === "pause") return pauseWorld(economy, command);
  if (command.do === "resume") return resumeWorld(economy);
  const goods = graveGoods(root, command.id);
  if (!goods.ok) return refuse(goods.reason);
  const { initial_credit_budget } = economy.rules.economy;
  return reviveAgent(economy, { ...goods.value, credits: initial_credit_budget });
}

/** Commands that read change nothing that is committed. */
export const isReading = (command: Command) => command.do === "load" || command.do === "plan";
