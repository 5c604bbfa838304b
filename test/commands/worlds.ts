// Worlds on disk for the tests of commands, and the one terminal that acts in them.
import { afterAll, expect } from "bun:test";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { die } from "../../src/economy/agents.ts";
import { accept } from "../../src/economy/result.ts";
import { act, createWorld, verifyWorld } from "../../src/kernel.ts";
import { econ } from "./terminal.ts";

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "econ-commands-")));
  folders.push(folder);
  return folder;
}

export type Cast = NonNullable<Parameters<typeof createWorld>[1]["cast"]>;
export type Settings = Record<string, string | number>;

export class World {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  say(...words: string[]) {
    return econ(words, { cwd: this.root });
  }

  /** A command that must succeed; what it said. */
  async done(...words: string[]): Promise<string> {
    const { code, out, err } = await this.say(...words);
    expect([words, code, err]).toEqual([words, 0, ""]);
    return out;
  }

  async json(...words: string[]) {
    return JSON.parse(await this.done(...words, "--json"));
  }

  path(...names: string[]): string {
    return join(this.root, ...names);
  }

  git(...words: string[]): string {
    const done = Bun.spawnSync(["git", ...words], { cwd: this.root });
    if (done.exitCode !== 0) throw new Error(done.stderr.toString());
    return done.stdout.toString().trim();
  }

  /** Everything that a refusal must leave as it was. */
  state(): string {
    return [this.git("rev-parse", "HEAD"), this.git("status", "--porcelain", "-uall")].join("\n");
  }

  /** An agent dies, as it would for want of a bid. */
  async bury(id: string): Promise<void> {
    const options = { command: "test", subject: `${id} dies`, durable: false };
    const died = await act(this.root, options, (economy) => {
      die(economy, id, "it left no bid");
      return accept(`${id} died`);
    });
    expect(died).toMatchObject({ ok: true });
  }

  problems() {
    return verifyWorld(this.root);
  }
}

export async function worldOf(cast: Cast = {}, settings: Settings = {}): Promise<World> {
  const root = join(temporaryFolder(), "world");
  const rules = { clock: "logical", ...settings };
  const made = await createWorld(root, {
    preset: "default",
    seed: "folders",
    settings: Object.entries(rules).map(([key, value]): [string, string] => [key, `${value}`]),
    cast,
    person: "Pat",
    durable: false,
  });
  expect(made).toMatchObject({ ok: true });
  return new World(root);
}

/** Files below a folder; those called .sh may be executed. */
export function put(folder: string, files: Record<string, string | Uint8Array>): string {
  for (const [path, content] of Object.entries(files)) {
    const place = join(folder, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, content);
    if (path.endsWith(".sh")) chmodSync(place, 0o755);
  }
  return folder;
}

/** Path → bytes and whether it may be executed, of every regular file below. */
export function snapshot(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const place = join(entry.parentPath, entry.name);
    const mark = (lstatSync(place).mode & 0o100) !== 0 ? "x " : "- ";
    found[place.slice(folder.length + 1)] = mark + readFileSync(place).toString("base64");
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}
