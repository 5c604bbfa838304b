// Agents that travel between worlds as archives, and archives that mean harm.
import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { pack } from "tar-stream";
import { rulesSchema } from "../../src/economy/rules.ts";
import { newAgent } from "../../src/economy/state.ts";
import { packFolder } from "../../src/execution/tar.ts";
import { openParcel, packParcel } from "../../src/kernel.ts";
import { MANIFEST, measureOf } from "../../src/world/manifest.ts";
import { folderOf } from "../world/fixture.ts";
import { put, snapshot, temporaryFolder, type World, worldOf } from "./worlds.ts";

const CAST = { ann: { template: "saver" } };

async function exported(world: World, id: string, ...words: string[]): Promise<string> {
  const file = join(temporaryFolder(), `${id}.tar`);
  await world.done("agent", "export", id, "--out", file, ...words);
  return file;
}

describe("an agent that travels", () => {
  test("has the same bytes in the other world, its lineage on record, and no money of old", async () => {
    const home = await worldOf(CAST);
    await home.done("agent", "fork", "ann", "--as", "bea", "--credits", "77");
    put(home.path("agents/bea/workspace"), {
      "AGENTS.md": "# Bea\r\n",
      "bin/tool.sh": "true\n",
      [`deep/${"n".repeat(120)}/é.bin`]: new Uint8Array([0, 255, 10]),
    });
    const file = await exported(home, "bea");
    const away = await worldOf();
    const out = await away.done("agent", "import", file);
    expect(snapshot(away.path("agents/bea/workspace"))).toEqual(
      snapshot(home.path("agents/bea/workspace")),
    );
    expect(out).toMatch(/^ {2}lineage +bea ← ann$/m);
    expect(out).toMatch(/bea was imported from world [0-9a-f]{16}, with 1000 credits/);
    const bea = await away.json("agent", "bea");
    expect(bea).toMatchObject({ balance: 1000, lineage: [], bids: [{ id: "bea-0-1" }] });
    expect(bea.origins).toMatchObject([{ id: "bea", cycle: 0, lineage: ["ann"] }]);
    expect(await away.done("agent", "bea")).toMatch(
      /^ {2}before +bea ← ann in world [0-9a-f]{16}/m,
    );
    expect(await away.problems()).toEqual([]);
    // The one at home is none the poorer.
    expect(await home.json("agent", "bea")).toMatchObject({ balance: 77 });
  });

  test("is the same file each time, and another when it has changed", async () => {
    const world = await worldOf(CAST);
    const first = readFileSync(await exported(world, "ann"));
    expect(readFileSync(await exported(world, "ann"))).toEqual(first);
    put(world.path("agents/ann/workspace"), { "note.md": "new\n" });
    expect(readFileSync(await exported(world, "ann"))).not.toEqual(first);
  });

  test("remembers every world it came through", async () => {
    const first = await worldOf(CAST);
    const second = await worldOf();
    const third = await worldOf();
    await second.done("agent", "import", await exported(first, "ann"), "--name", "bob");
    await second.done("agent", "fork", "bob", "--as", "cleo");
    await third.done("agent", "import", await exported(second, "bob"), "--name", "dan");
    const { origins } = await third.json("agent", "dan");
    expect(origins.map(({ id }: { id: string }) => id)).toEqual(["bob", "ann"]);
    // A copy was born here: its parent came from elsewhere.
    const copy = await second.json("agent", "cleo");
    expect([copy.lineage, copy.origins]).toEqual([["bob"], []]);
  });

  test("may come from the graveyard, and lives again only elsewhere", async () => {
    const home = await worldOf(CAST);
    await home.bury("ann");
    const away = await worldOf();
    const out = await away.done("agent", "import", await exported(home, "ann"));
    expect(out).toMatch(/^ {2}died +cycle 1: it left no bid$/m);
    expect(await away.json("agent", "ann")).toMatchObject({ status: "alive", death: null });
    expect(await home.json("agent", "ann")).toMatchObject({ status: "dead" });
  });

  test("keeps its origins through death and revival", async () => {
    const away = await worldOf();
    await away.done("agent", "import", await exported(await worldOf(CAST), "ann"));
    await away.bury("ann");
    await away.done("revive", "ann");
    expect((await away.json("agent", "ann")).origins).toMatchObject([{ id: "ann" }]);
  });

  test("takes its mail along only when asked, and only for people to read", async () => {
    const home = await worldOf(CAST);
    await home.done("tell", "ann", "from one who is human here");
    const plain = readFileSync(await exported(home, "ann"));
    expect(plain.includes("human here")).toBe(false);
    const file = await exported(home, "ann", "--with-history");
    expect(readFileSync(file).includes("human here")).toBe(true);
    const away = await worldOf();
    expect(await away.done("agent", "import", file)).toMatch(/^ {2}history +1 file, left/m);
    expect((await away.json("agent", "ann")).inbox).toEqual([]);
    expect(Object.keys(snapshot(away.path("agents/ann")))).not.toContain("inbox/1-human.md");
  });

  test("leaves at home what may hold secrets, and says so", async () => {
    const home = await worldOf(CAST);
    put(home.path("agents/ann/workspace"), { ".env": "KEY=secret\n", "package.json": "{}\n" });
    const file = join(temporaryFolder(), "ann.tar");
    const out = await home.done("agent", "export", "ann", "--out", file);
    expect(out).toMatch(/^ {2}\.env /m);
    expect(readFileSync(file).includes("secret")).toBe(false);
    await (await worldOf()).done("agent", "import", file);
  });
});

describe("an archive", () => {
  test("is put outside of the world, and over no file", async () => {
    const world = await worldOf(CAST);
    await world.done("agent", "export", "ann");
    expect(readFileSync(world.path("../ann.tar")).length).toBeGreaterThan(1_024);
    const cases = [
      ["--out", "ann.tar", "inside the world"],
      ["--out", "agents/ann/workspace/ann.tar", "inside the world"],
      ["--out", "../ann.tar", "exists already"],
      ["--out", "../nowhere/ann.tar", "there is no folder"],
    ];
    for (const [option = "", file = "", why] of cases) {
      const { code, err } = await world.say("agent", "export", "ann", option, file);
      expect([file, code, err]).toEqual([file, 1, expect.stringContaining(why ?? "")]);
    }
    expect(world.git("status", "--porcelain")).toBe("");
  });

  test("of nobody is none", async () => {
    const world = await worldOf(CAST);
    expect((await world.say("agent", "export", "bob")).err).toContain('no agent "bob"');
  });
});

const RULES = rulesSchema.parse({ execution: { workspace_mb: 1, workspace_files: 10 } });
const HOME = { seed: "s", commit: "a".repeat(40), cycle: 3, time: "2026-01-31T12:00:00.000Z" };
const FOLDER = folderOf({ "AGENTS.md": "# Ann\n", "notes/day.md": "x".repeat(700) });
const AGENT = newAgent("ann", { cycle: 0, time: HOME.time });
const GOOD = (await packParcel(AGENT, { folder: FOLDER, history: new Map(), home: HOME })).bytes;
const TEXT = Buffer.from(GOOD).toString("latin1");
const JSON_TEXT = TEXT.slice(512, TEXT.indexOf("\0", 512));

type Piece = { name: string; bytes?: string; type?: "symlink" | "link" | "fifo" | "directory" };

/** The good archive's manifest and these things. */
async function archiveOf(pieces: Piece[], manifest: string | null = JSON_TEXT): Promise<Buffer> {
  const made = pack();
  if (manifest !== null) made.entry({ name: MANIFEST }, manifest);
  for (const { name, bytes = "", type } of pieces)
    made.entry({ name, ...(type ? { type } : {}), linkname: "AGENTS.md" }, type ? "" : bytes);
  made.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of made) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

const OWN: Piece[] = [
  { name: "workspace/AGENTS.md", bytes: "# Ann\n" },
  { name: "workspace/notes/day.md", bytes: "x".repeat(700) },
];

const edited = (from: RegExp, to: string) => archiveOf(OWN, JSON_TEXT.replace(from, to));
const withPiece = (...more: Piece[]) => archiveOf([...OWN, ...more]);

const HOSTILE: [what: string, bytes: () => Promise<Uint8Array> | Uint8Array, why: RegExp][] = [
  ["nothing", () => new Uint8Array(), /has no econ-agent\.json/],
  ["noise", () => Buffer.from("x".repeat(2_000)), /cut off, damaged or no archive/],
  ["cut off in a file", () => GOOD.subarray(0, 1_800), /cut off/],
  ["something behind its end", () => Buffer.concat([GOOD, Buffer.from("more")]), /cut off/],
  ["compressed", () => gzipSync(GOOD), /compressed: gunzip it first/],
  ["no manifest", () => archiveOf(OWN, null), /has no econ-agent\.json/],
  ["two manifests", () => withPiece({ name: MANIFEST, bytes: JSON_TEXT }), /json twice/],
  [
    "a second one by another path",
    () => withPiece({ name: `./${MANIFEST}`, bytes: "{}" }),
    /twice/,
  ],
  ["a later format", () => edited(/"format": 1/, '"format": 2'), /format 1, got 2/],
  ["no format", () => edited(/ *"format": 1,\n/, ""), /format: expected 1/],
  ["half a manifest", () => archiveOf(OWN, JSON_TEXT.slice(0, 99)), /econ-agent\.json/],
  ["a manifest not in UTF-8", () => archiveOf(OWN, "\ufffd{"), /econ-agent\.json/],
  ["a manifest without end", () => edited(/\}\s*$/, `${" ".repeat(2 ** 20)}}`), /json is longer/],
  ["a manifest of brackets", () => archiveOf(OWN, "[".repeat(500_000)), /econ-agent\.json/],
  ["a manifest of depths", () => archiveOf(OWN, `${'{"a":'.repeat(99_999)}1`), /econ-agent\.json/],
  ["a key that is none", () => edited(/\{/, '{"__proto__": {},'), /econ-agent\.json/],
  ["a key twice", () => edited(/\{/, '{"id": "eve",'), /econ-agent\.json/],
  ["an unknown key", () => edited(/"spent"/, '"spend": "0",\n"spent"'), /did you mean "spent"/],
  ["a name that is a path", () => edited(/"id": "ann"/, '"id": "../ann"'), /id: expected a name/],
  ["money that is none", () => edited(/"earned": "0"/, '"earned": "-1"'), /earned/],
  ["a world's id that is none", () => edited(/"id": "[0-9a-f]{16}"/, '"id": "x"'), /world's id/],
  [
    "too long a lineage",
    () => edited(/"lineage": \[\]/, `"lineage": [${Array(101).fill('"a"')}]`),
    /lineage: expected at most 100/,
  ],
  ["changed files", () => archiveOf([{ ...OWN[0]!, bytes: "# Eve\n" }, OWN[1]!]), /not the one/],
  ["a file less", () => archiveOf(OWN.slice(0, 1)), /is not the one/],
  ["a file more", () => withPiece({ name: "workspace/x" }), /is not the one/],
  ["a file twice", () => withPiece(OWN[0]!), /AGENTS\.md: .*there already/],
  ["the same file by another path", () => withPiece({ name: "workspace//x" }), /absolute/],
  ["a way up", () => withPiece({ name: "workspace/../../x" }), /has a "\.\."/],
  ["an absolute path", () => withPiece({ name: "/etc/x" }), /has no place in it/],
  ["a way around", () => withPiece({ name: "workspace/..", type: "directory" }), /"\.\."/],
  ["agent.json", () => withPiece({ name: "agent.json", bytes: "{}" }), /has no place in it/],
  ["git's own", () => withPiece({ name: "workspace/.git/config" }), /git's own/],
  ["secrets", () => withPiece({ name: "workspace/.env" }), /\.env: /],
  ["node_modules", () => withPiece({ name: "workspace/node_modules/a" }), /Bun would load/],
  ["a link", () => withPiece({ name: "workspace/l", type: "symlink" }), /is a symlink/],
  ["a hard link", () => withPiece({ name: "workspace/l", type: "link" }), /is a link/],
  ["a pipe in its history", () => withPiece({ name: "history/p", type: "fifo" }), /is a fifo/],
  ["a name with an escape", () => withPiece({ name: "workspace/\u001b[2J" }), /control character/],
  ["names of two cases", () => withPiece({ name: "workspace/agents.md" }), /only in case/],
  [
    "a repository",
    () => withPiece(...["HEAD", "objects/a", "refs/a"].map((n) => ({ name: `workspace/r/${n}` }))),
    /for a repository/,
  ],
  [
    "more files than a workspace may have",
    () => withPiece(...Array.from({ length: 10 }, (_, n) => ({ name: `workspace/${n}` }))),
    /more than 10 files/,
  ],
  [
    "more bytes than a workspace may have",
    () => withPiece({ name: "workspace/big", bytes: "x".repeat(2 ** 20) }),
    /more than 1 MB/,
  ],
  [
    "names without end",
    async () => {
      const names = Array.from({ length: 20_100 }, (_, n) => [`history/${n}`, ""]);
      return packFolder(folderOf(Object.fromEntries(names)));
    },
    /has no econ-agent\.json/,
  ],
];

describe("an archive that means harm", () => {
  for (const [what, bytes, why] of HOSTILE)
    test(`(${what}) is refused, with the reason`, async () => {
      const opened = await openParcel(await bytes(), RULES);
      expect(opened).toMatchObject({ ok: false });
      if (opened.ok) return;
      const [first] = opened.problems;
      expect(`${first?.file}: ${first?.message}`).toMatch(why);
    });

  test("of any bytes, cut or changed anywhere, is refused or whole, and never a failure", async () => {
    expect(await openParcel(GOOD, RULES)).toMatchObject({ ok: true, value: { folder: FOLDER } });
    const changes = fc.array(fc.tuple(fc.nat(GOOD.length - 1), fc.nat(255)), { maxLength: 8 });
    const property = fc.asyncProperty(changes, fc.nat(GOOD.length), async (edits, cut) => {
      const bytes = Uint8Array.from(GOOD);
      for (const [at, value] of edits) bytes[at] = value;
      const opened = await openParcel(bytes.subarray(0, cut), RULES);
      if (opened.ok) expect(measureOf(opened.value.folder)).toEqual(measureOf(FOLDER));
      else expect(opened.problems.length).toBeGreaterThan(0);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test("leaves the world as it was, and one line on the terminal", async () => {
    const world = await worldOf(CAST);
    const before = world.state();
    const file = join(temporaryFolder(), "x.tar");
    const cases: [bytes: Uint8Array, words: string[], why: string][] = [
      [await withPiece({ name: "workspace/.env" }), [], "cannot be imported: workspace/.env: "],
      [await edited(/"format": 1/, '"format": 9'), [], "econ-agent.json: format: this econ reads"],
      [GOOD, [], "the name ann is taken"],
      [GOOD, ["--name", "bob", "--credits", "1"], "bob cannot be born"],
      [GOOD, ["--name", "human"], "is a reserved name"],
      [await edited(/"id": "ann"/, '"id": "market"'), [], "is a reserved name"],
    ];
    for (const [bytes, words, why] of cases) {
      writeFileSync(file, bytes);
      const { code, out, err } = await world.say("agent", "import", file, ...words);
      expect([why, code, out, err.split("\n").length]).toEqual([why, 1, "", 1]);
      expect(err).toContain(why);
      expect([why, world.state()]).toEqual([why, before]);
    }
    for (const place of ["/nowhere.tar", "/dev/zero", world.root])
      expect((await world.say("agent", "import", place)).code).toBe(1);
  });

  test("that is larger than a world can hold is not read", async () => {
    const world = await worldOf();
    const file = join(temporaryFolder(), "giant.tar");
    Bun.spawnSync(["truncate", "-s", "1T", file]);
    expect((await world.say("agent", "import", file)).err).toContain("expected at most");
  });
});
