// A copy of the economy as econ's last commit left it, in .econ, so that the next command need not
// read ten thousand agents again. It is no second truth: it counts only where HEAD is still that
// commit and nobody has edited a file, and it can be deleted. Its digest covers what it is a copy
// of, the folder it was made in and the code that made it: another world's, another econ's, or half
// of one is none. Only a reading sees an empty folder, which to git is nothing.
import { deserialize, serialize } from "bun:jsc";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Economy } from "../economy/state.ts";
import { hostFailure, replaceFile } from "../world/durable.ts";
import { readBytes } from "../world/files.ts";
import { headCommit, type Repository } from "../world/git.ts";
import { PRIVATE } from "../world/layout.ts";
import { hidesEdits, isPlainIndex } from "../world/plain-index.ts";

export type Copied = { head: string; economy: Economy };

const FILE = "economy";
const BYTES_MAX = 1024 * 1024 * 1024;
const DIGEST_BYTES = 32;
const LOCKED = "../package-lock.json";

/** The economy at HEAD, for whoever has just found that nobody has edited a file; null: read it. */
export async function ownCopy(repo: Repository): Promise<Copied | null> {
  const head = await headCommit(repo);
  const file = readBytes(join(repo.root, PRIVATE, FILE), BYTES_MAX);
  if (!head || !file.ok) return null;
  if (!isPlainIndex(repo, head) && (await hidesEdits(repo))) return null;
  const { bytes } = file.value;
  const body = bytes.subarray(DIGEST_BYTES);
  if (!digestOf(repo, head, body).equals(bytes.subarray(0, DIGEST_BYTES))) return null;
  return { head, economy: deserialize(body) as Economy };
}

/** Without it the next command is only slower. */
export function keepOwnCopy(repo: Repository, { head, economy }: Copied): void {
  const body = new Uint8Array(serialize(economy));
  try {
    const whole = Buffer.concat([digestOf(repo, head, body), body]);
    replaceFile(join(repo.root, PRIVATE, FILE), whole, false);
  } catch (error) {
    if (hostFailure(error) === null) throw error;
  }
}

function digestOf(repo: Repository, head: string, body: Uint8Array): Buffer {
  const { dev, ino, birthtimeMs } = lstatSync(join(repo.root, PRIVATE));
  const hasher = new Bun.CryptoHasher("sha256");
  for (const part of [head, repo.root, dev, ino, birthtimeMs]) hasher.update(`${part}\0`);
  return hasher.update(codeOfEcon()).update(body).digest();
}

let code: string | null = null;

/** Another version may give an economy another shape, or read the same files differently. */
function codeOfEcon(): string {
  if (code !== null) return code;
  const hasher = new Bun.CryptoHasher("sha256").update(Bun.version);
  const source = join(import.meta.dir, "..");
  // What a folder of an agent means is said in src/agent; what YAML means, by a locked library.
  const rooms = ["agent", "economy", "world"].flatMap((room) =>
    readdirSync(join(source, room), { recursive: true, encoding: "utf8" }).map((name) =>
      join(room, name),
    ),
  );
  for (const name of [...rooms.filter((path) => path.endsWith(".ts")).sort(), LOCKED])
    hasher.update(`\0${name}\0`).update(readFileSync(join(source, name)));
  code = hasher.digest("hex");
  return code;
}
