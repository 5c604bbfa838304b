// What the commands that bring an agent into the world share: one act, one commit, or, for a look
// beforehand, the same in memory only.
import { type Admission, admitAgent } from "../economy/acts.ts";
import type { Micro } from "../economy/money.ts";
import { accept, type Result } from "../economy/result.ts";
import type { Agent, Economy } from "../economy/state.ts";
import { birthText } from "../view/birth.ts";
import { birthJson } from "../view/json.ts";
import { hint } from "../view/tables.ts";
import type { OptionSpec } from "./command.ts";
import { type Context, EXIT, failWith, inWorld, kernel, misused, printJson } from "./context.ts";
import { positiveCredits } from "./grant.ts";
import { waitingText } from "./progress.ts";

export const CREDITS_OPTION: OptionSpec = {
  flags: "--credits <credits>",
  about: "how many credits it starts with (else a newborn's budget)",
};

export type BirthOptions = { credits?: string; json?: true; dryRun?: true };

/** Who is to be born, and what is worth telling of its folder, in text and as JSON. */
export type Plan = {
  wish: Omit<Admission, "credits">;
  notes?: (economy: Economy) => string[];
  facts?: object;
};

type Born = { economy: Economy; agent: Agent; plan: Plan };

/** Let an agent be born of what `planFor` finds, as a commit with this subject. */
export async function bringIn(
  context: Context,
  { command, subject, options }: { command: string; subject: string; options: BirthOptions },
  planFor: (economy: Economy, root: string) => Result<Plan>,
): Promise<number> {
  const given = options.credits === undefined ? null : positiveCredits(options.credits);
  if (given && !given.ok) return misused(context, given.reason);
  return inWorld(context, async (root) => {
    const { act, loadEconomy } = await kernel();
    let born: Born | null = null;
    const change = (economy: Economy): Result<string> => {
      const admitted = admit(economy, planFor(economy, root), given?.value ?? null);
      if (!admitted.ok) return admitted;
      born = admitted.value;
      return accept(economy.changes.events.at(-1)?.text ?? subject);
    };
    if (options.dryRun) {
      const loaded = await loadEconomy(root);
      if (!loaded.ok) return failWith(context, loaded.problems);
      const done = change(loaded.value.economy);
      if (!done.ok) return failWith(context, [{ file: "", line: null, message: done.reason }]);
      return tell(context, born, { message: `would be: ${done.value}`, options });
    }
    const onWait = (holder: Parameters<typeof waitingText>[0]) => context.err(waitingText(holder));
    const done = await act(root, { command: `econ ${command}`, subject, onWait }, change);
    if (!done.ok) return failWith(context, done.problems);
    return tell(context, born, { ...done.value, options });
  });
}

function admit(economy: Economy, plan: Result<Plan>, given: Micro | null): Result<Born> {
  if (!plan.ok) return plan;
  const credits = given ?? economy.rules.economy.initial_credit_budget;
  const agent = admitAgent(economy, { ...plan.value.wish, credits });
  return agent.ok ? accept({ economy, agent: agent.value, plan: plan.value }) : agent;
}

function tell(
  context: Context,
  born: Born | null,
  { message, commit, options }: { message: string; commit?: string; options: BirthOptions },
): number {
  if (!born) return EXIT.ok;
  const { economy, agent, plan } = born;
  if (options.json)
    return printJson(context, {
      ...birthJson(economy, agent),
      ...plan.facts,
      commit: commit ?? null,
    });
  for (const line of plan.notes?.(economy) ?? []) context.out(line);
  context.out(birthText(economy, agent, message));
  if (options.dryRun) context.out(hint("Nothing was changed.", context.look));
  return EXIT.ok;
}
