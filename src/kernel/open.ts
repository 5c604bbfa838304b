// Opening a world to change it, always in this order: the lock, the repair of a crash, a person's
// edits as their own commit, the check of the books where a person has been, the reading.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { SCORE_NAMES } from "../economy/attention.ts";
import { accept } from "../economy/result.ts";
import type { Economy } from "../economy/state.ts";
import { isMoved } from "../world/branch.ts";
import type { Change, Problem } from "../world/change.ts";
import { commit } from "../world/commit.ts";
import { hostFailure, replaceFile } from "../world/durable.ts";
import { type Edit, personEdits } from "../world/edits.ts";
import { readText } from "../world/files.ts";
import { headCommit, openRepository, type Repository } from "../world/git.ts";
import { ACTIVE, CONFIG, COSTS, GRAVEYARD, LEDGER, PRIVATE, WORLD } from "../world/layout.ts";
import { type Holder, withLock } from "../world/lock.ts";
import { readWorld, type WorldRead } from "../world/read.ts";
import { readBack } from "../world/read-back.ts";
import type { ReadOptions } from "../world/reader.ts";
import { repair } from "../world/recover.ts";
import { changedSince } from "../world/trees.ts";
import { verifyWorld } from "../world/verify.ts";
import { timeOfCycle } from "./clock.ts";
import type { Continuity } from "./continuity.ts";
import { memoryOf } from "./glance.ts";
import { newbornOf } from "./newborn.ts";
import { blocked, blockedBy, type Outcome, withHost } from "./outcome.ts";
import { type Copied, keepOwnCopy, ownCopy } from "./own-copy.ts";
import { personOf } from "./people.ts";
import { meet, permitEdited } from "./permissions.ts";

export type OpenOptions = {
  /** What is run, for those who wait for the lock: "econ tick". */
  command: string;
  onWait?: (holder: Holder | null) => void;
  /** False: do not wait for the disk. Default: as the world's rules say. */
  durable?: boolean;
  /** For a process that runs many cycles: what each goes on from. */
  continuity?: Continuity;
};

/** A world that nobody else is writing, read and sound, with a person's edits committed. */
export type OpenWorld = {
  repo: Repository;
  /** The commit it stands at. */
  base: string;
  economy: Economy;
  read: WorldRead;
  /** Paths that a person edited since the last commit. */
  absorbed: string[];
  durable: boolean;
  /** The economy with these changes is committed: the next may go on from it. */
  committed: (head: string, changes: Change[]) => void;
};

/** Somebody may be committing in a loop; there must be an end. */
const ATTEMPTS_MAX = 20;

/** Do something in the world. If a person commits meanwhile, it is dropped and done again. */
export async function withWorld<T>(
  root: string,
  options: OpenOptions,
  fn: (world: OpenWorld) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  // What an attempt that was dropped had taken in stays taken in, and is told.
  const absorbed = new Set<string>();
  const retold = (world: OpenWorld) => {
    for (const path of world.absorbed) absorbed.add(path);
    return fn({ ...world, absorbed: [...absorbed] });
  };
  for (let attempt = 1; ; attempt++) {
    const done = await inLock(root, options, retold);
    const moved = !done.ok && done.problems.some(({ message }) => isMoved(message));
    if (!moved || attempt === ATTEMPTS_MAX) return done;
  }
}

async function inLock<T>(
  root: string,
  options: OpenOptions,
  fn: (world: OpenWorld) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const lock = { command: options.command, ...(options.onWait ? { onWait: options.onWait } : {}) };
  const locked = await withLock(root, lock, async () => {
    const outcome = await withHost(async () => {
      const opened = await openLocked(root, options);
      return opened.ok ? fn(opened.value) : opened;
    });
    return accept(outcome);
  });
  return locked.ok ? locked.value : blockedBy(locked);
}

async function openLocked(
  root: string,
  { durable: wished, continuity }: OpenOptions,
): Promise<Outcome<OpenWorld>> {
  const repo = await openRepository(root);
  if (!repo.ok) return blockedBy(repo);
  const repaired = await repair(repo.value, { durable: wished ?? true });
  if (!repaired.ok) return blockedBy(repaired);
  const goOn = ({ economy, head }: Copied) => {
    const read = { ...NOTHING_BY_HAND, economy };
    const durable = wished ?? economy.rules.durable;
    const opened = { base: head, economy, read, absorbed: [], durable };
    return accept(openedAt(repo.value, opened, continuity));
  };
  const resumed = await continuity?.resume(repo.value);
  if (resumed) return goOn(resumed);
  const edits = await personEdits(repo.value);
  if (!edits.ok) return edits.problems.length > 0 ? blocked(...edits.problems) : blockedBy(edits);
  const copied = edits.value.length === 0 ? await ownCopy(repo.value) : null;
  if (copied) return goOn(copied);
  const read = await readEdited(repo.value, edits.value);
  if (!read.ok) return read;
  const durable = wished ?? read.value.economy.rules.durable;
  const base = await absorb(repo.value, edits.value, { ...read.value, durable });
  if (!base.ok) return base;
  const absorbed = edits.value.map(({ path }) => path);
  // Who edits the rules here means what they ask for.
  if (absorbed.includes(CONFIG)) permitEdited(repo.value, read.value.economy.rules);
  meet(repo.value);
  return accept(
    openedAt(repo.value, { base: base.value, absorbed, durable, ...read.value }, continuity),
  );
}

/** What a reading finds in a world that nobody has touched. */
export const NOTHING_BY_HAND: Omit<WorldRead, "economy"> = {
  problems: [],
  newborn: [],
  removed: [],
  mail: [],
  answer: null,
  sheetStale: false,
};

function openedAt(
  repo: Repository,
  opened: Omit<OpenWorld, "repo" | "committed">,
  continuity: Continuity | undefined,
): OpenWorld {
  const { economy, read } = opened;
  const committed = (head: string, changes: Change[]) => {
    rememberChecked(repo, head);
    if (!isPlain(read) || isRevival(changes)) return;
    const after = { head, economy: readBack(economy, changes) };
    if (continuity) continuity.keep(after, changes);
    else keepOwnCopy(repo, after);
  };
  return { repo, ...opened, committed };
}

/** Nothing by a person's hand is left in the files, waiting for the next cycle to look at it. */
function isPlain({ newborn, removed, mail, answer, sheetStale }: WorldRead): boolean {
  const isScored = answer !== null && answer !== "incomplete";
  return newborn.length + removed.length + mail.length === 0 && !isScored && !sheetStale;
}

/** With the folder of one who was dead comes what the economy did not know of: its mail. */
function isRevival(changes: Change[]): boolean {
  return changes.some(({ path, file }) => !file && path.startsWith(`${GRAVEYARD}/`));
}

/** Read the world as the person left it, and check the books if they have been near them. */
async function readEdited(
  repo: Repository,
  edits: Edit[],
): Promise<Outcome<{ economy: Economy; read: WorldRead }>> {
  const deleted = edits.filter(({ kind }) => kind === "deleted").map(({ path }) => path);
  const memory = { ...memoryOf(repo), deleted: new Set(deleted) };
  const read = await readWorld(repo.root, memory);
  if (!read.economy) {
    // Where the ledger is wrong, the journal knows which line.
    const isLedger = read.problems.some(({ file }) => file.startsWith(`${LEDGER}/`));
    return { ok: false, problems: isLedger ? await verifyWorld(repo.root) : read.problems };
  }
  const born = newbornOf(read.economy, read);
  if (!born.ok) return born;
  const problems = await checkBooks(repo, edits, memory);
  if (problems.length > 0) return { ok: false, problems };
  return accept({ economy: read.economy, read });
}

const CHECKED = "checked";
const CHECKED_BYTES_MAX = 100;

/**
 * Law 2: what econ commits is sound. What a person commits or edits is checked: where the ledger
 * is concerned, by replaying the whole journal.
 */
async function checkBooks(
  repo: Repository,
  edits: Edit[],
  memory: ReadOptions,
): Promise<Problem[]> {
  const head = await headCommit(repo);
  // With .econ in a commit, `known` may be what somebody else wrote: no commit can name itself.
  const books = [LEDGER, COSTS, PRIVATE].map((folder) => `${folder}/`);
  const isLedger = (path: string) =>
    path === WORLD || books.some((folder) => `${path}/`.startsWith(folder));
  const edited = edits.some(({ path }) => isLedger(path));
  const known = lastChecked(repo);
  if (!edited && known === head) return [];
  // A commit that git has tidied away cannot be compared with.
  const since = known && head ? await changedSince(repo, known, head).catch(() => null) : null;
  if (!edited && since && !since.some(isLedger)) return [];
  return verifyWorld(repo.root, memory);
}

function lastChecked(repo: Repository): string | null {
  const read = readText(join(repo.root, PRIVATE, CHECKED), CHECKED_BYTES_MAX);
  return read.ok ? read.value.trim() : null;
}

/**
 * Remember that the world is sound at this commit. A cache: without it the check is only slower.
 */
export function rememberChecked(repo: Repository, head: string): void {
  try {
    mkdirSync(join(repo.root, PRIVATE), { recursive: true });
    replaceFile(join(repo.root, PRIVATE, CHECKED), `${head}\n`, false);
  } catch (error) {
    // The commit stands, whatever the disk says to this.
    if (hostFailure(error) === null) throw error;
  }
}

/** Law 3: what a person edited becomes that person's own commit. */
async function absorb(
  repo: Repository,
  edits: Edit[],
  { economy, read, durable }: { economy: Economy; read: WorldRead; durable: boolean },
): Promise<Outcome<string>> {
  const base = await headCommit(repo);
  if (edits.length === 0) {
    if (base) return accept(base);
    return blocked({ file: CONFIG, line: null, message: "the world has no commit yet" });
  }
  const done = await commit(repo, {
    message: scoreMessage(edits, read) ?? editMessage(edits),
    author: await personOf(repo),
    at: timeOfCycle(economy.rules, economy.cycle),
    base,
    changes: edits.map(({ path, file }) => ({ path, file })),
    worktree: "as it is",
    durable,
  });
  if (!done.ok) return blockedBy(done);
  return done;
}

/** A person who only filled in the score sheet has scored, and the history should say what. */
function scoreMessage(edits: Edit[], { answer }: WorldRead): string | null {
  const isOnlySheet = edits.length === 1 && edits[0]?.path === ACTIVE;
  if (!isOnlySheet || answer === null || answer === "incomplete") return null;
  const { by, prompt, scores } = answer;
  const given = SCORE_NAMES.map((name) => `${name} ${scores[name]}`).join(", ");
  return `${by} scored ${prompt}: ${given}\n`;
}

function editMessage(edits: Edit[]): string {
  const [first] = edits;
  const subject =
    edits.length === 1 && first ? `${first.kind} ${first.path}` : `${edits.length} files edited`;
  const listed = edits.slice(0, 50).map(({ kind, path }) => `${kind} ${path}`);
  return `by hand: ${subject}\n\n${listed.join("\n")}\n`;
}
