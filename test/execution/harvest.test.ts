import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { harvest } from "../../src/execution/harvest.ts";
import { type Entry, packFolder, readTar } from "../../src/execution/tar.ts";
import { file, folder } from "./ground.ts";

const LIMITS = { diskMb: 1, files: 20 };

const entry = (name: string, more: Partial<Entry> = {}): Entry => ({
  name,
  kind: "file",
  executable: false,
  bytes: Buffer.from("new"),
  ...more,
});

function taken(entries: Entry[], before = folder({})) {
  const result = harvest(entries, before, LIMITS);
  if (result.kind === "over") throw new Error(result.detail);
  return { paths: [...result.workspace.keys()], ...result };
}

test("the order of the stream does not change the result", () => {
  const names = ["b", "B", "a/x", "A/x", "c", "HEAD", "d/../e", "é", "e\u0301"];
  const shuffled = fc.shuffledSubarray(names, { minLength: names.length });
  const expected = taken(names.map((name) => entry(name)));
  fc.assert(
    fc.property(shuffled, (order) => {
      const result = taken(order.map((name) => entry(name)));
      expect([result.paths, result.refused]).toEqual([expected.paths, expected.refused]);
    }),
  );
  expect(expected.paths).toEqual(["A/x", "B", "HEAD", "c", "e\u0301"]);
});

test("a file that was there before keeps its name against a newcomer that looks like it", () => {
  const { paths, refused } = taken(
    [entry("README.md"), entry("readme.md")],
    folder({ "readme.md": "new" }),
  );
  expect(paths).toEqual(["readme.md"]);
  expect(refused.map(({ path }) => path)).toEqual(["README.md"]);
});

test("what a person put there and the agent left alone stays, whatever its name", () => {
  const before = folder({ "package.json": "new", ".env": "old" });
  const { workspace, refused } = taken([entry("package.json"), entry(".env")], before);
  expect(workspace.get("package.json")?.bytes).toEqual(Buffer.from("new"));
  expect(workspace.get(".env")?.bytes).toEqual(Buffer.from("old"));
  expect(refused.map(({ path }) => path)).toEqual([".env"]);
});

test("what the agent deleted is gone", () => {
  expect(taken([entry("a")], folder({ a: "x", b: "x" })).paths).toEqual(["a"]);
});

test("a bare repository is refused whole, whatever the case of its names", () => {
  const names = ["r/head", "r/Objects/x", "r/refs/y", "r/config", "r/hooks/z", "s/HEAD"];
  expect(taken(names.map((name) => entry(name))).paths).toEqual(["s/HEAD"]);
});

test("of a hard link no name is taken over, whichever comes first", () => {
  const one = [entry("./a"), entry("./b", { kind: "link", other: "./a" })];
  expect(taken(one).paths).toEqual([]);
});

test("a file where a folder was claimed is refused", () => {
  expect(taken([entry("a"), entry("a/b")]).paths).toEqual(["a"]);
});

test("too many files or bytes are over the limit", () => {
  const many = Array.from({ length: 21 }, (_, n) => entry(`f${n}`));
  expect(harvest(many, folder({}), LIMITS)).toMatchObject({ kind: "over", limit: "files" });
  const big = [entry("a", { bytes: new Uint8Array(1024 * 1024 + 1) })];
  expect(harvest(big, folder({}), LIMITS)).toMatchObject({ kind: "over", limit: "disk" });
});

test("only the first of many refusals are told, in visible characters", () => {
  const many = Array.from({ length: 60 }, (_, n) => entry(`${n}\n`, { kind: "fifo" }));
  const { refused } = taken(many);
  expect(refused).toHaveLength(51);
  expect(refused[0]?.path).toBe("0\\u000a");
  expect(refused.at(-1)).toEqual({ path: "…", reason: "and 10 more" });
});

describe("a tar stream", () => {
  test("brings back what went in", async () => {
    const before = folder({ "a.md": "", [`long/${"n".repeat(200)}é`]: "x" });
    before.set("tool", { ...file("#!"), executable: true });
    const { entries, whole } = await readTar([await packFolder(before)], 10);
    expect(whole).toBe(true);
    expect(taken(entries).workspace).toEqual(
      new Map([...before].sort(([a], [b]) => (a < b ? -1 : 1))),
    );
  });

  test("of any bytes, cut or changed anywhere, is read without failing or hanging", async () => {
    const good = await packFolder(
      folder({ "a.md": "x".repeat(600), [`é${"n".repeat(120)}`]: "y" }),
    );
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    const changes = fc.array(change, { maxLength: 20 });
    const property = fc.asyncProperty(changes, fc.nat(good.length), async (edits, cut) => {
      const bytes = Uint8Array.from(good);
      for (const [at, value] of edits) bytes[at] = value;
      const { entries } = await readTar([bytes.subarray(0, cut)], 10);
      harvest(entries, folder({}), LIMITS);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test("with a broken end is not whole", async () => {
    const good = await packFolder(folder({ a: "x" }));
    expect((await readTar([good, Buffer.from("cut\n")], 10)).whole).toBe(false);
    expect((await readTar([good.subarray(0, 600)], 10)).whole).toBe(false);
    expect((await readTar([], 10)).whole).toBe(false);
  });

  test("with too many files is read no further than shows it", async () => {
    const names = Array.from({ length: 50 }, (_, n) => [`f${n}`, ""]);
    const many = await packFolder(folder(Object.fromEntries(names)));
    expect((await readTar([many], 10)).entries).toHaveLength(11);
  });
});

test("a file larger than a world can hold is refused, whatever the workspace may hold", () => {
  const large = entry("large", { bytes: new Uint8Array(16 * 1024 * 1024 + 1) });
  const result = harvest([large, entry("small")], folder({}), { diskMb: 64, files: 20 });
  expect(result.kind === "taken" && [...result.workspace.keys()]).toEqual(["small"]);
});
