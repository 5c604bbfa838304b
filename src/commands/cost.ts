import { type CycleCosts, estimateCosts, HISTORY_SEEN_CYCLES } from "../economy/estimate.ts";
import type { Bidding, Overview } from "../economy/overview.ts";
import { unknownAgent } from "../view/agent.ts";
import {
  COST_GROUPS,
  type CostGroup,
  costJson,
  costRows,
  costView,
  estimateJson,
  estimateView,
} from "../view/costs.ts";
import { countFrom, defineCommand, JSON_OPTION } from "./command.ts";
import {
  archive,
  type Context,
  EXIT,
  fail,
  failWith,
  glancing,
  misused,
  printJson,
  withOverview,
} from "./context.ts";

const USUAL_ESTIMATE = 100;

type Options = {
  agent?: string;
  model?: string;
  last?: number;
  by?: CostGroup;
  estimate?: number | true;
  json?: true;
};

export const cost = defineCommand<Options>({
  name: "cost",
  summary: "what models have cost in dollars",
  about:
    "Shows what the providers of models were paid, in US dollars: today, in all, what is left " +
    "below the ceilings of econ.yaml (spending), and by agent, by model or by cycle. BOUGHT are " +
    "the tokens that calls used up of what agents had bought. With --estimate it says instead " +
    "what so many cycles to come may cost, before you run them; it changes nothing.",
  examples: [
    ["econ cost", "by agent, the dearest first"],
    ["econ cost --by cycle --last 20", "the last 20 cycles"],
    ["econ cost --agent scribe --by model", "what scribe thought with"],
    ["econ cost --estimate 500", "what 500 cycles may cost"],
  ],
  options: [
    { flags: "--agent <name>", about: "only what this agent cost" },
    { flags: "--model <name>", about: "only what this model cost" },
    { flags: "--last <cycles>", about: "only the last so many cycles", parse: countFrom(1) },
    { flags: "--by <group>", about: "a line for each (usually agent)", choices: COST_GROUPS },
    {
      flags: "--estimate [cycles]",
      about: `what cycles to come may cost (usually ${USUAL_ESTIMATE})`,
      parse: countFrom(1),
    },
    JSON_OPTION,
  ],
  run: (context, _, options) =>
    options.estimate === undefined
      ? withOverview(context, (economy, root) => spentOf(context, { economy, root }, options))
      : glancing(
          context,
          ({ readBidding }) => readBidding,
          (economy, root) => estimated(context, { economy, root }, options),
        ),
});

type World<Seen> = { economy: Seen; root: string };

async function spentOf(context: Context, { economy, root }: World<Overview>, options: Options) {
  const { agent, model, last, by = "agent", json } = options;
  if (agent && !economy.agents.has(agent) && !economy.dead.has(agent))
    return fail(context, unknownAgent(economy, agent));
  const { readCostsFrom } = await archive();
  const from = last === undefined ? 0 : Math.max(0, economy.cycle - last + 1);
  const history = readCostsFrom(root, from);
  if (!history.ok) return failWith(context, history.problems);
  const wanted = history.value.map(
    ({ cycle, costs }): CycleCosts => ({
      cycle,
      costs: costs.filter(
        (one) => (!agent || one.agent === agent) && (!model || one.model === model),
      ),
    }),
  );
  const rows = costRows(wanted, by);
  if (json) return printJson(context, costJson(economy, by, rows));
  context.out(costView(economy, rows, by, context.look));
  return EXIT.ok;
}

async function estimated(context: Context, { economy, root }: World<Bidding>, options: Options) {
  const { agent, model, last, by, estimate, json } = options;
  if (agent || model || last || by)
    return misused(context, "--estimate is of the whole world: leave --agent and the others out");
  const { readCostsFrom } = await archive();
  const history = readCostsFrom(root, Math.max(0, economy.cycle - HISTORY_SEEN_CYCLES + 1));
  if (!history.ok) return failWith(context, history.problems);
  const cycles = estimate === true || estimate === undefined ? USUAL_ESTIMATE : estimate;
  const expected = estimateCosts(economy, history.value, cycles);
  if (json) return printJson(context, estimateJson(economy, expected));
  context.out(estimateView(economy, expected, context.look));
  return EXIT.ok;
}
