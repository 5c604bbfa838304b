// A scripted mind in the place of a model: what it does stands in its AGENTS.md, in sentences that
// it reads anew at each wake, and in the skills in its folder. Its children get a copy of the
// folder, in which a scripted writer has changed a sentence. In the lab only.
import type { ActionRequest, Wake } from "../agent/strategy.ts";
import { chance, drawGenes, forager, type Gene, type Genes, mutate, PRUDENT } from "./forager.ts";
import type { AnyStrategy, Workspace } from "./simulate.ts";

export const INSTRUCTIONS = "AGENTS.md";

/** rewrite: one sentence changes. copy: none does. random: all are new. none: no children. */
export type Writing = "none" | "copy" | "rewrite" | "random";

/** Whom a skill reaches: nobody else, the children of who has it, and those who pay as well. */
export type Teaching = "kept" | "inherited" | "sold";

export type Custom = { writing: Writing; teaching: Teaching; mutation?: number };

const SENTENCES: Record<Gene, (figure: number) => string> = {
  threshold: (figure) => `I speak when I expect ${figure} times the price of the slot.`,
  margin: (figure) => `I offer ${figure} above its price, as a share of it.`,
  pause: (figure) => `I sleep ${figure} cycles between two runs.`,
  marker: (figure) => `My lucky number is ${figure}.`,
};

const GENE_NAMES = Object.keys(SENTENCES) as Gene[];

export function instructionsFor(genes: Genes): string {
  const sentences = GENE_NAMES.map((gene) => `- ${SENTENCES[gene](genes[gene])}`);
  return ["# How I live", "", ...sentences, ""].join("\n");
}

/** What a text says, as genes; of what it does not say, what a careful agent would do. */
export function readInstructions(text: string): Genes {
  const genes = { ...PRUDENT };
  for (const gene of GENE_NAMES) {
    const [before = "", after = ""] = SENTENCES[gene](0).split("0");
    for (const line of text.split("\n")) {
      const said = line.replace(/^- /, "");
      const figure = Number(said.slice(before.length, said.length - after.length));
      const matches = said.startsWith(before) && said.endsWith(after);
      if (matches && Number.isFinite(figure)) genes[gene] = figure;
    }
  }
  return genes;
}

/** The scripted writer: one sentence, by lot, says something a little different. */
export function rewrite(text: string, seed: string, who: string, reach?: number): string {
  const before = readInstructions(text);
  const at = Math.floor(chance(seed, `${who} sentence`) * GENE_NAMES.length);
  const gene = GENE_NAMES[at] ?? "marker";
  const after = mutate(before, seed, who, reach)[gene];
  return text.replace(SENTENCES[gene](before[gene]), SENTENCES[gene](after));
}

/** What a skill lets an agent say beside the prices that moved. */
const SKILLS: Record<string, (wake: Wake<unknown>) => string> = {
  "skills/population.md": ({ agents, bids }) =>
    `- ${agents.length} agents are alive and ${bids.length} bids are waiting now`,
  "skills/demand.md": ({ markets }) =>
    `- ${markets.cpu_seconds.demand} seconds of compute were wanted at the last clearing`,
};

export const SKILL_PATHS = Object.keys(SKILLS);

/** What a file that teaches a skill says. */
export const skillText = (path: string) => `# ${path}\n\nHow to report one thing more.\n`;

export function skillsIn(files: Workspace): string[] {
  return SKILL_PATHS.filter((path) => files.has(path));
}

const SKILL_PRICE = 10;
const CHILD_CREDITS = 100;

type State = { mind: unknown; sold: string[]; bought: string[] };

export function scribe(files: Workspace, custom: Custom): AnyStrategy {
  return (wake) => {
    const state: State = wake.state ?? { mind: null, sold: [], bought: [] };
    const genes = readInstructions(files.get(INSTRUCTIONS) ?? "");
    const decision = forager(genes, "none")({ ...wake, state: state.mind as never });
    const actions = decision.actions.map((action) => withSkills(action, wake, files));
    const learnt = learn(wake, state);
    if (custom.teaching === "sold") actions.push(...trade(wake, state, { files, learnt }));
    const child = custom.writing === "none" ? null : childOf(wake, files, custom);
    if (child && !actions.some(({ action }) => action === "prompt")) actions.push(child);
    return { actions, state: { ...state, mind: decision.state }, files: learnt };
  };
}

function withSkills(action: ActionRequest, wake: Wake<unknown>, files: Workspace): ActionRequest {
  if (action.action !== "prompt") return action;
  const lines = skillsIn(files).map((path) => SKILLS[path]?.(wake) ?? "");
  return { ...action, content: [action.content, ...lines].join("\n") };
}

/** Skills that arrived by mail and were paid for. */
function learn(wake: Wake<unknown>, state: State): Record<string, string> {
  const learnt: Record<string, string> = {};
  for (const { content } of wake.inbox) {
    const { teaches, text } = parsed(content);
    if (!SKILL_PATHS.includes(teaches) || !state.bought.includes(teaches)) continue;
    learnt[teaches] = text;
  }
  return learnt;
}

type Note = { offers: string; teaches: string; text: string };

function parsed(content: string): Note {
  try {
    const { offers = "", teaches = "", text = "" } = JSON.parse(content) ?? {};
    return { offers: String(offers), teaches: String(teaches), text: String(text) };
  } catch {
    return { offers: "", teaches: "", text: "" };
  }
}

/** Offers what it knows to one other, delivers what was paid for, buys what it lacks. */
function trade(
  wake: Wake<unknown>,
  state: State,
  { files, learnt }: { files: Workspace; learnt: Record<string, string> },
): ActionRequest[] {
  const actions: ActionRequest[] = [];
  for (const { from, content } of wake.inbox) {
    const { offers } = parsed(content);
    const lacks = SKILL_PATHS.includes(offers) && !files.has(offers) && !(offers in learnt);
    if (!lacks || state.bought.includes(offers) || wake.self.balance < 10 * SKILL_PRICE) continue;
    state.bought.push(offers);
    actions.push({ action: "transfer", to: from, amount: SKILL_PRICE, memo: offers });
  }
  const me = `agent:${wake.self.id}`;
  for (const { to, from, kind, memo, amount } of wake.transactions) {
    const text = files.get(memo);
    const known = `${from} ${memo}`;
    if (to !== me || kind !== "payment" || amount < SKILL_PRICE || text === undefined) continue;
    if (state.sold.includes(known)) continue;
    state.sold.push(known);
    const content = { teaches: memo, text };
    actions.push({ action: "message", to: from.replace("agent:", ""), content });
  }
  return [...actions, ...offer(wake, files)];
}

const OFFERS_EVERY = 5;

function offer(wake: Wake<unknown>, files: Workspace): ActionRequest[] {
  const own = skillsIn(files);
  const others = wake.agents.filter((id) => id !== wake.self.id);
  const lot = chance(wake.nameSeed, `offer ${wake.self.id} ${wake.cycle}`);
  const to = others[Math.floor(lot * OFFERS_EVERY * others.length)];
  const skill = own[Math.floor(lot * 1_000) % Math.max(1, own.length)];
  if (!to || !skill) return [];
  return [{ action: "message", to, content: { offers: skill } }];
}

/** A copy of the folder, with what the writer made of the instructions. */
function childOf(wake: Wake<unknown>, files: Workspace, custom: Custom): ActionRequest | null {
  const cost = wake.config.economy.spawn_cost + CHILD_CREDITS;
  if (wake.self.balance < 2 * cost) return null;
  const who = `child ${wake.self.id} ${wake.self.children}`;
  const own = files.get(INSTRUCTIONS) ?? "";
  const written = {
    none: () => own,
    copy: () => own,
    rewrite: () => rewrite(own, wake.nameSeed, who, custom.mutation),
    random: () => instructionsFor(drawGenes(wake.nameSeed, who)),
  }[custom.writing]();
  const passed = custom.teaching === "kept" ? [] : skillsIn(files);
  const skills = passed.map((path) => [path, files.get(path) ?? ""]);
  const logic = { [INSTRUCTIONS]: written, ...Object.fromEntries(skills) };
  return { action: "spawn", logic, credits: CHILD_CREDITS, name: "scribe" };
}
