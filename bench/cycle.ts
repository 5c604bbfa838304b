// A cycle in which 100 of 10,000 agents act, without their execution, against `git fast-import` of
// the same bytes; the same in an old world; and how .git grows.
// Run it: sh bin/bun bench/cycle.ts [--age CYCLES] [--rounds N] [--world FOLDER]
// A world given by its folder is made there or used, and kept.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Economy, noChanges } from "../src/economy/state.ts";
import { Continuity, loadEconomy } from "../src/kernel.ts";
import type { Change } from "../src/world/change.ts";
import { headCommit, openRepository, type Repository } from "../src/world/git.ts";
import { PRIVATE, runTrace, WORLD } from "../src/world/layout.ts";
import { tidyPacks } from "../src/world/tidy-packs.ts";
import { type Disk, RUNS_KEPT } from "../src/world/write.ts";
import { aCycle, type Phases, played } from "./a-cycle.ts";
import { ACTORS, AGENTS, createLargeWorld, must } from "./large-world.ts";
import { allProcessorTime, compare, type Figures, figuresOf, ms, runQuietly } from "./measure.ts";

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

/** The stream that says the same as one commit of ours. `from` null: it follows the one before. */
function streamOf(ref: string, from: string | null, changes: Change[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const line = (text: string) => parts.push(encoder.encode(`${text}\n`));
  line(`commit refs/heads/${ref}\ncommitter b <b> 1767225600 +0000\ndata 1\nx`);
  if (from) line(`from ${from}`);
  for (const { path, file } of changes) {
    line(file ? `M 100644 inline ${path}\ndata ${file.bytes.length}` : `D ${path}`);
    if (file) parts.push(file.bytes, encoder.encode("\n"));
  }
  return Buffer.concat(parts);
}

const IMPORT = ["fast-import", "--quiet", "--force"];

async function imports(stdin: Uint8Array<ArrayBuffer>, settings: string[] = []): Promise<number> {
  const start = performance.now();
  const own = ["-c", "fastimport.unpackLimit=0", ...settings];
  await runQuietly(["git", ...own, ...IMPORT], { cwd: root, stdin });
  return performance.now() - start;
}

type Measured = {
  cycle: Figures;
  phases: Phases;
  import: Figures;
  durable: Figures;
  /** Means, in ms: of a cycle, and of the import. */
  processor: { cycle: number; import: number };
};

type Once = { phases: Phases; base: string; processor: number; paths: string[] };
type Way = () => Promise<Once>;

/** In a process of its own, as `econ tick` is. `copied`: there is econ's own copy to go on from. */
const alone =
  ({ copied }: { copied: boolean }): Way =>
  async () => {
    if (!copied) rmSync(join(root, PRIVATE, "economy"), { force: true });
    const command = [process.execPath, join(import.meta.dir, "first-cycle.ts"), root];
    const child = Bun.spawn(command, { stdin: "ignore" });
    // Its own time must not fall on what is measured next.
    const [done] = await Promise.all([child.stdout.json(), child.exited]);
    return done;
  };

/** One after the other in this process, of which the first reads the files. */
function goingOn(): Way {
  const continuity = new Continuity();
  return async () => {
    const before = allProcessorTime();
    const { phases, base, changes } = await aCycle(root, { continuity });
    const processor = allProcessorTime() - before;
    return { phases, base, processor, paths: changes.map(({ path }) => path) };
  };
}

/** The files that a cycle changed, as it left them. */
const changesAt = (paths: string[]): Change[] =>
  paths.map((path) => {
    const place = join(root, path);
    if (!existsSync(place)) return { path, file: null };
    return { path, file: { bytes: readFileSync(place), executable: false } };
  });

/** The first round is not counted. */
async function measure(way: Way): Promise<Measured> {
  const cycles: Phases[] = [];
  const plain: number[] = [];
  const durable: number[] = [];
  const processor = { cycle: 0, import: 0 };
  for (let round = -1; round < ROUNDS; round++) {
    const done = await way();
    const same = streamOf("bench", done.base, changesAt(done.paths));
    const before = allProcessorTime();
    const one = await imports(same);
    const taken = allProcessorTime() - before;
    const two = await imports(same, ["-c", "core.fsync=all"]);
    if (round < 0) continue;
    cycles.push(done.phases);
    plain.push(one);
    durable.push(two);
    processor.cycle += done.processor / ROUNDS;
    processor.import += taken / ROUNDS;
  }
  const totals = cycles.map((phases) => Object.values(phases).reduce((sum, time) => sum + time));
  const names = Object.keys(cycles[0] ?? {});
  const phases = names.map((name) => [name, figuresOf(cycles.map((c) => c[name] ?? 0)).median]);
  return {
    cycle: figuresOf(totals),
    phases: Object.fromEntries(phases),
    import: figuresOf(plain),
    durable: figuresOf(durable),
    processor,
  };
}

function tell(title: string, { cycle, phases, processor, ...peers }: Measured): void {
  console.log(`\n${title}`);
  for (const [name, time] of Object.entries(phases)) console.log(`  ${name}: ${ms(time)} ms`);
  const ours = { name: "a cycle", figures: cycle };
  compare(ours, { name: "git fast-import", figures: peers.import, aim: "2 ×" });
  compare(ours, { name: "git -c core.fsync=all fast-import", figures: peers.durable });
  const ratio = (processor.cycle / processor.import).toFixed(1);
  console.log(
    `processor time: ${ms(processor.cycle)} ms against ${ms(processor.import)} ms: ${ratio} ×`,
  );
}

async function measureAll(title: string): Promise<Measured> {
  console.log(`\n${title}`);
  const first = await measure(alone({ copied: true }));
  tell("the first of a process, nobody having edited a file", first);
  tell("the same after an edit", await measure(alone({ copied: false })));
  tell("a later one of a process", await measure(goingOn()));
  return first;
}

const TIDIED_EVERY = 50;

/** Cycles from memory into history, many to an import; the files are brought along at the end. */
async function age(repo: Repository, economy: Economy, until: number): Promise<void> {
  const listed = Bun.spawn(["git", "ls-files"], { cwd: root, stdin: "ignore" });
  const paths = new Set((await listed.stdout.text()).trimEnd().split("\n"));
  const disk = diskIn(paths, economy);
  economy.changes = noChanges();
  while (economy.cycle < until) {
    const base = (await headCommit(repo)) ?? "";
    const stream: Uint8Array[] = [];
    for (let count = 0; count < TIDIED_EVERY && economy.cycle < until; count++) {
      const { changes } = await played(repo, economy, `${base}${count}`, { disk });
      stream.push(streamOf("main", count === 0 ? base : null, changes));
      bytesChanged += changes.reduce((sum, { file }) => sum + (file?.bytes.length ?? 0), 0);
      for (const { path, file } of changes) file ? paths.add(path) : paths.delete(path);
      economy.changes = noChanges();
    }
    await imports(Buffer.concat(stream));
    must(await tidyPacks(repo));
  }
  await runQuietly(["git", "reset", "--hard", "--quiet"], { cwd: root });
}

let bytesChanged = 0;

/** What the writer asks of the disk, answered from the names that there would be. */
function diskIn(paths: Set<string>, economy: Economy): Disk {
  const lately = () => Array.from({ length: RUNS_KEPT + 1 }, (_, n) => economy.cycle - 1 - n);
  return {
    exists: (path) => paths.has(path),
    filesOf: () => new Map(),
    runs: (id) =>
      lately()
        .filter((cycle) => paths.has(runTrace(id, cycle)))
        .toReversed(),
  };
}

async function sizeOfGit(): Promise<number> {
  const child = Bun.spawn(["du", "-sk", "--apparent-size", join(root, ".git/objects")]);
  return Number.parseInt(await child.stdout.text(), 10);
}

console.log(`${ACTORS} of ${AGENTS} agents act in a cycle`);
const isThere = existsSync(join(root, WORLD));
const economy = isThere ? must(await loadEconomy(root)).economy : await createLargeWorld(root);
const repo = must(await openRepository(root));
await age(repo, economy, 4);
const young = await measureAll(`cycles from ${economy.cycle + 1}`);
const { economy: later } = await aCycle(root);
await age(repo, later, 50);
const [from, before] = [later.cycle, await sizeOfGit()];
bytesChanged = 0;
await age(repo, later, Number(values.age));
if (later.cycle > from) {
  const cycles = later.cycle - from;
  const grown = ((await sizeOfGit()) - before) / cycles;
  const changed = bytesChanged / 1024 / cycles;
  console.log(`\ncycles ${from} to ${later.cycle}: .git grows by ${grown.toFixed(1)} KB a cycle`);
  console.log(`for ${changed.toFixed(1)} KB of files that changed`);
  const old = await measureAll(`cycles from ${later.cycle + 1}`);
  const ours = { name: "a cycle in the old world", figures: old.cycle };
  compare(ours, { name: "the young one", figures: young.cycle, aim: "1.1 ×" });
}
rmSync(scratch, { recursive: true });
