// A cycle in which 100 of 10,000 agents act, without their execution, against `git fast-import` of
// the same bytes; the same in an old world; and how .git grows.
// Run it: sh bin/bun bench/cycle.ts [--age CYCLES] [--rounds N] [--world FOLDER, which is kept]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Economy, noChanges } from "../src/economy/state.ts";
import type { Change } from "../src/world/change.ts";
import { headCommit, openRepository, type Repository } from "../src/world/git.ts";
import { tidyPacks } from "../src/world/tidy-packs.ts";
import { aCycle, commitCycle, type Phases, played } from "./a-cycle.ts";
import { ACTORS, AGENTS, createLargeWorld, must } from "./large-world.ts";
import { compare, type Figures, figuresOf, ms, runQuietly } from "./measure.ts";

const { values } = parseArgs({
  options: {
    age: { type: "string", default: "1000" },
    rounds: { type: "string", default: "11" },
    world: { type: "string" },
  },
});
const ROUNDS = Number(values.rounds);
const scratch = mkdtempSync(join(tmpdir(), "econ-bench-"));
const root = values.world ?? join(scratch, "world");
const encoder = new TextEncoder();

/** The stream that says the same as one commit of ours, for a ref beside the branch. */
function streamOf(base: string, changes: Change[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const line = (text: string) => parts.push(encoder.encode(`${text}\n`));
  line("commit refs/heads/bench\ncommitter b <b> 1767225600 +0000\ndata 1\nx");
  line(`from ${base}`);
  for (const { path, file } of changes) {
    line(file ? `M 100644 inline ${path}\ndata ${file.bytes.length}` : `D ${path}`);
    if (file) parts.push(file.bytes, encoder.encode("\n"));
  }
  line("done");
  return Buffer.concat(parts);
}

async function peer(base: string, changes: Change[], settings: string[]): Promise<number> {
  const stdin = streamOf(base, changes);
  const own = ["-c", "fastimport.unpackLimit=0", ...settings];
  const start = performance.now();
  await runQuietly(["git", ...own, "fast-import", "--quiet", "--force"], { cwd: root, stdin });
  return performance.now() - start;
}

type Measured = { cycle: Figures; phases: Phases; import: Figures; durable: Figures };

async function measure(): Promise<Measured> {
  const cycles: Phases[] = [];
  const imports: number[] = [];
  const durable: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const { phases, changes, base } = await aCycle(root);
    const one = await peer(base, changes, []);
    const two = await peer(base, changes, ["-c", "core.fsync=all"]);
    if (round < 0) continue;
    cycles.push(phases);
    imports.push(one);
    durable.push(two);
  }
  const totals = cycles.map((phases) => Object.values(phases).reduce((sum, time) => sum + time));
  const names = Object.keys(cycles[0] ?? {});
  const phases = names.map((name) => [name, figuresOf(cycles.map((c) => c[name] ?? 0)).median]);
  return {
    cycle: figuresOf(totals),
    phases: Object.fromEntries(phases),
    import: figuresOf(imports),
    durable: figuresOf(durable),
  };
}

function tell(title: string, { cycle, phases, ...peers }: Measured): void {
  console.log(`\n${title}`);
  for (const [name, time] of Object.entries(phases)) console.log(`  ${name}: ${ms(time)} ms`);
  const ours = { name: "a cycle", figures: cycle };
  compare(ours, { name: "git fast-import", figures: peers.import, aim: "2 ×" });
  compare(ours, { name: "git -c core.fsync=all fast-import", figures: peers.durable });
}

/** Cycles one after the other from memory, as quick as they can be committed. */
async function age(repo: Repository, economy: Economy, until: number): Promise<void> {
  economy.changes = noChanges();
  while (economy.cycle < until) {
    const base = (await headCommit(repo)) ?? "";
    const plan = await played(repo, economy, base);
    await commitCycle(repo, economy, { ...plan, base, durable: false });
    economy.changes = noChanges();
    if (economy.cycle % 50 === 0) must(await tidyPacks(repo));
  }
}

async function sizeOfGit(): Promise<number> {
  const child = Bun.spawn(["du", "-sk", "--apparent-size", join(root, ".git/objects")]);
  return Number.parseInt(await child.stdout.text(), 10);
}

console.log(`${ACTORS} of ${AGENTS} agents act in a cycle`);
const economy = await createLargeWorld(root);
const repo = must(await openRepository(root));
await age(repo, economy, 4);
const young = await measure();
tell(`cycles 5 to ${4 + ROUNDS}`, young);
const { economy: later } = await aCycle(root);
await age(repo, later, 50);
const [from, before] = [later.cycle, await sizeOfGit()];
await age(repo, later, Number(values.age));
if (later.cycle > from) {
  const grown = ((await sizeOfGit()) - before) / (later.cycle - from);
  console.log(`\n.git grows by ${grown.toFixed(1)} KB a cycle (cycles ${from} to ${later.cycle})`);
  const old = await measure();
  tell(`cycles ${later.cycle + 1} to ${later.cycle + ROUNDS + 1}`, old);
  const ours = { name: "a cycle in the old world", figures: old.cycle };
  compare(ours, { name: "the young one", figures: young.cycle, aim: "1.1 ×" });
}
rmSync(scratch, { recursive: true });
