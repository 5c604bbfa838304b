// The laws of a world at rest, checked from outside: with git and the files, and by the audit.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { verifyWorld } from "../../src/kernel.ts";
import { checkOwnCopy } from "./checked.ts";
import { bytesAt, git, gitWith, LawBroken, type Life, NONSENSE } from "./life.ts";

/** Everything that must hold after a step; throws with the first thing that does not. */
export async function checkLaws(life: Life, { thorough }: { thorough: boolean }): Promise<void> {
  const [world = "", balances = ""] = atHead(life, [WORLD, BALANCES]);
  checkWorld(life, world, [life.cycle]);
  await checkAudit(life);
  checkBalances(life, balances);
  checkPersonsBytes(life);
  checkStatus(life);
  await checkOwnCopy(life.root);
  if (!life.wounded) checkLeftovers(life);
  if (thorough) {
    const said = git(life.root, "fsck", "--strict", "--no-dangling", "--no-progress");
    if (said.trim() !== "") throw new LawBroken(`git fsck: ${said}`);
  }
}

/** Law 8: HEAD is at one of these cycles; which. */
export function checkCycle(life: Life, allowed: number[]): number {
  return checkWorld(life, atHead(life, [WORLD])[0] ?? "", allowed);
}

function checkWorld(life: Life, text: string, allowed: number[]): number {
  // Nonsense that a person has committed says nothing; econ has then committed nothing since.
  if (isUnsettled(life, WORLD) && text === NONSENSE) return life.cycle;
  const { cycle } = JSON.parse(text);
  if (!allowed.includes(cycle))
    throw new LawBroken(`HEAD is at cycle ${cycle}, expected ${allowed.join(" or ")}`);
  return cycle;
}

/** Law 2: sound, or broken exactly where a person broke it. */
async function checkAudit(life: Life): Promise<void> {
  const problems = await verifyWorld(life.root);
  const expected = [...life.broken.values()].map(({ at }) => at);
  const others = problems.filter(({ file }) => !expected.includes(file));
  if (others.length > 0) throw new LawBroken(`econ verify: ${JSON.stringify(others)}`);
  if (expected.length > 0 && problems.length === 0)
    throw new LawBroken(`econ verify finds nothing wrong with ${expected.join(", ")}`);
}

const BALANCES = "ledger/balances.json";
const WORLD = "world.json";

/** A person may have committed nonsense, and then put it right in the file. */
const isUnsettled = (life: Life, path: string) => life.broken.has(path) || life.dirty.has(path);

/** Files as HEAD has them, by one git. */
function atHead({ root, prefix }: Life, paths: string[]): string[] {
  const asked = paths.map((path) => `HEAD:${prefix}${path}\n`).join("");
  const told = Buffer.from(gitWith(root, asked, "cat-file", "--batch"));
  const texts: string[] = [];
  for (let at = 0; at < told.length; ) {
    const start = told.indexOf("\n", at) + 1;
    const [, kind, bytes] = told.toString("utf8", at, start).trim().split(" ");
    if (kind !== "blob") throw new LawBroken(`HEAD: ${told.toString("utf8", at, start)}`);
    texts.push(told.toString("utf8", start, start + Number(bytes)));
    at = start + Number(bytes) + 1;
  }
  return texts;
}

/** Law 4, by an arithmetic of its own: per asset the balances of HEAD sum to zero. */
function checkBalances(life: Life, text: string): void {
  if (isUnsettled(life, BALANCES)) return;
  for (const [asset, accounts] of Object.entries(JSON.parse(text) as Record<string, object>)) {
    const amounts = Object.values(accounts).map((amount) => micros(String(amount)));
    const sum = amounts.reduce((total, amount) => total + amount, 0n);
    if (sum !== 0n) throw new LawBroken(`${asset} sums to ${sum} micros`);
  }
}

function micros(amount: string): bigint {
  const [, sign, whole, part = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount) ?? [];
  if (whole === undefined) throw new LawBroken(`${amount} is no amount`);
  const value = BigInt(whole + part.padEnd(6, "0"));
  return sign ? -value : value;
}

/** Law 3: what a person wrote stands in the file, or in the history. */
function checkPersonsBytes(life: Life): void {
  if (life.written.size > 0) {
    const known = recentBlobs(life);
    for (const [path, bytes] of life.written) {
      if (known.has(`${blobId(bytes)} ${path}`)) life.written.delete(path);
      else if (Buffer.compare(bytesAt(life, path) ?? new Uint8Array(), bytes) !== 0)
        throw new LawBroken(`what a person wrote to ${path} is lost`);
    }
  }
  for (const id of life.removed)
    if (existsSync(join(life.root, "agents", id)))
      throw new LawBroken(`agents/${id}, which a person removed, is there again`);
}

/** "id path" of every version that a recent commit of this branch brought. */
function recentBlobs(life: Life): Set<string> {
  const args = ["-n", "40", "--raw", "--no-abbrev", "--no-renames", "--format=", "-z"];
  const fields = git(life.root, "log", "--relative", ...args).split("\0");
  const blobs = new Set<string>();
  fields.forEach((field, index) => {
    const id = /^\n?:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) [A-Z]/.exec(field)?.[1];
    if (id) blobs.add(`${id} ${fields[index + 1]}`);
  });
  return blobs;
}

function blobId(bytes: Uint8Array): string {
  const hasher = new Bun.CryptoHasher("sha1");
  return hasher.update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** Law 2: at rest the work tree is HEAD plus what a person has edited. */
function checkStatus(life: Life): void {
  const { prefix } = life;
  const args = ["--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", "."];
  for (const record of git(life.root, "status", ...args).split("\0")) {
    if (record === "") continue;
    const path = record.slice(3 + prefix.length);
    const known = [...life.dirty, ...life.staged];
    if (!known.some((own) => path === own || path.startsWith(`${own}/`)))
      throw new LawBroken(`git status: ${record}, and nobody has edited it`);
  }
}

const KNOWN = ["checked", "economy", "lock", "wanted", "lock-journal", "scratch", "holder.json"];
/** A daemon that was killed is named until the next one. */
const KEPT = ["serve", "serve-journal", "server.json", "server.json.new"];

/** No lock, journal, scratch or half-written file outlives a command. */
function checkLeftovers(life: Life): void {
  const own = join(life.root, ".econ");
  const known = [...KNOWN, ...KEPT];
  const left = readdirSync(own).filter((name) => !known.includes(name) || name === "holder.json");
  const scratch = join(own, "scratch");
  if (existsSync(scratch)) left.push(...readdirSync(scratch).map((name) => `scratch/${name}`));
  const folder = life.gitDir;
  const locks = [...new Bun.Glob("refs/**/*.lock").scanSync({ cwd: folder })];
  const indexes = readdirSync(folder).filter((name) => /^econ-index-|\.lock$/.test(name));
  const refs = [...new Bun.Glob("refs/econ/**").scanSync({ cwd: folder })];
  left.push(...locks, ...indexes, ...refs);
  if (left.length > 0) throw new LawBroken(`left behind: ${left.join(", ")}`);
}
