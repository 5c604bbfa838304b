// A simulated human: a rule that scores prompts, for demos and experiments. It is not a person and
// nothing that uses it may show it as one. What it likes is news it has not heard, stated with
// figures, in a form that is easy to read; what it has heard often bores it.
import { keyedHash } from "../economy/hash.ts";
import type { Scores } from "../economy/state.ts";

/** How often it has read each kind of line (figures and names blanked). */
export type Memory = Map<string, number>;

/** How a simulated human differs from the usual one. */
export type Taste = {
  /** news: as said above. random: any score, whatever it reads. none: it never answers. */
  taste: "news" | "random" | "none";
  /** How quickly it tires of what it knows: 0 never, 1 as usual, 2 twice as quickly. */
  fatigue: number;
  /** Points up or down that depend on nothing. */
  noise: number;
};

export const USUAL: Taste = { taste: "news", fatigue: 1, noise: 1 };

export type Verdict = { scores: Scores; reason: string };

/** Score a prompt and remember it. The same seed, memory and prompt give the same verdict. */
export function judge(content: string, memory: Memory, seed: string, human = USUAL): Verdict {
  if (human.taste === "random") return anyVerdict(content, seed);
  const lines = content.split("\n").filter((line) => line.trim() !== "");
  const statements = lines.filter((line) => !line.startsWith("#"));
  const novelty = noveltyOf(statements, memory, human.fatigue);
  const substance = share(statements, (line) => /\d/.test(line) && line.length > 20);
  const clarity = clarityOf(content, lines);
  const mood = ((keyedHash(seed, content) % 200) / 100 - 1) * human.noise;
  const scores = {
    interesting: score(8 * novelty * (0.2 + 0.8 * substance) + mood),
    useful: score(8 * substance * (0.4 + 0.6 * novelty) + mood),
    understandable: score(8 * clarity * (0.2 + 0.8 * Math.min(1, novelty * 2)) + mood),
  };
  return { scores, reason: reasonFor(novelty, substance, clarity) };
}

/** Blind scores with the same range: the null of every claim about what the human likes. */
function anyVerdict(content: string, seed: string): Verdict {
  const any = (name: string) => keyedHash(seed, `${name} ${content}`) % 11;
  const [interesting, useful, understandable] = [any("i"), any("u"), any("d")];
  return { scores: { interesting, useful, understandable }, reason: "no reason" };
}

/** What is left of a memory after each further prompt. */
const FORGETTING = 0.97;

/** Half as new after four times: a line's shape, without its figures and names. */
function noveltyOf(statements: string[], memory: Memory, fatigue: number): number {
  if (statements.length === 0) return 0;
  for (const [line, count] of memory) memory.set(line, count * FORGETTING);
  let sum = 0;
  for (const line of statements) {
    const shape = line.toLowerCase().replace(/[a-z]+-[a-z0-9]+|[0-9.]+/g, "#");
    const exact = memory.get(line) ?? 0;
    const alike = memory.get(shape) ?? 0;
    sum += (1 / (1 + (alike * fatigue) / 4)) * (exact > 0.5 && fatigue > 0 ? 0 : 1);
    memory.set(line, exact + 1);
    memory.set(shape, alike + 1);
  }
  return sum / statements.length;
}

function clarityOf(content: string, lines: string[]): number {
  if (content.length < 30 || content.length > 4_000) return 0.2;
  const short = share(lines, (line) => line.length <= 120);
  const shouting = (content.match(/[A-Z!]/g)?.length ?? 0) / content.length;
  return Math.max(0.1, short * (lines.length <= 15 ? 1 : 0.6) - shouting * 2);
}

function reasonFor(novelty: number, substance: number, clarity: number): string {
  if (novelty < 0.2) return "heard it before";
  if (substance < 0.3) return "no figures in it";
  if (clarity < 0.4) return "hard to read";
  return novelty > 0.6 ? "news to me" : "some of it new";
}

function share(lines: string[], wanted: (line: string) => boolean): number {
  return lines.length === 0 ? 0 : lines.filter(wanted).length / lines.length;
}

function score(value: number): number {
  return Math.min(10, Math.max(0, Math.round(value)));
}
