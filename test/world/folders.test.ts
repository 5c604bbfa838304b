// No name comes into a folder of the world, or goes from it, unseen.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { areStill, changeFolders, seeFolders } from "../../src/world/folders.ts";
import { changes, removeTemporaryFolders, temporaryFolder, write } from "./worlds.ts";

const root = temporaryFolder();
const place = (path: string) => join(root, path);

/** What a person may do where nobody else is at work. */
const DOINGS: [string, () => void][] = [
  ["a new file", () => write(root, "a/new.md", "x")],
  ["a new file far below", () => write(root, "a/b/c/new.md", "x")],
  ["a new file in an empty folder", () => write(root, "empty/new.md", "x")],
  ["a new folder", () => mkdirSync(place("a/folder"))],
  ["a file removed", () => rmSync(place("d/1.md"))],
  ["a file renamed", () => renameSync(place("d/2.md"), place("d/0.md"))],
  ["a folder removed", () => rmSync(place("e"), { recursive: true })],
  ["a file moved to another folder", () => renameSync(place("f/1.md"), place("a/moved.md"))],
  ["a file in place of a folder", () => inPlaceOf("g", () => writeFileSync(place("g"), "x"))],
  [
    "another folder with the same names",
    () => inPlaceOf("h", () => ["1", "2"].map((n) => write(root, `h/${n}.md`, "x"))),
  ],
];

function inPlaceOf(path: string, make: () => void): void {
  rmSync(place(path), { recursive: true });
  make();
}

beforeAll(() => {
  mkdirSync(place(".econ"));
  for (const folder of ["a", "a/b/c", "d", "e", "f", "g", "h"])
    for (const n of ["1", "2"]) write(root, `${folder}/${n}.md`, "x");
  mkdirSync(place("empty"));
});

afterAll(removeTemporaryFolders);

describe("in folders that are old enough to tell by their times", () => {
  beforeAll(() => Bun.sleep(3_100));

  test.each(DOINGS)("%s is seen", async (_, change) => {
    const seen = await seeFolders(root);
    expect(await areStill(root, seen)).toBe(true);
    change();
    expect(await areStill(root, seen)).toBe(false);
  });
});

describe("in folders that have just been changed", () => {
  test("a new file and a removed one are seen", async () => {
    for (let n = 0; n < 20; n++) {
      write(root, `a/young-${n}.md`, "x");
      const seen = await seeFolders(root);
      write(root, `a/younger-${n}.md`, "x");
      expect(await areStill(root, seen)).toBe(false);
      const again = await seeFolders(root);
      rmSync(place(`a/young-${n}.md`));
      expect(await areStill(root, again)).toBe(false);
    }
  });

  test("what a commit changed is known, and nothing else", async () => {
    write(root, "p/q/1.md", "x");
    const seen = await seeFolders(root);
    rmSync(place("p"), { recursive: true });
    write(root, "k/l/m.md", "x");
    write(root, "d/3.md", "x");
    changeFolders(seen, changes({ "d/3.md": "x", "k/l/m.md": "x", "p/q/1.md": null }));
    expect(seen.has("k/l")).toBe(true);
    expect(seen.has("p")).toBe(false);
    expect(await areStill(root, seen)).toBe(true);
    write(root, "k/l/n.md", "x");
    expect(await areStill(root, seen)).toBe(false);
  });

  test("a file that a commit left in a folder's place, and the reverse", async () => {
    write(root, "r/1.md", "x");
    write(root, "s", "x");
    const seen = await seeFolders(root);
    inPlaceOf("r", () => write(root, "r", "x"));
    inPlaceOf("s", () => write(root, "s/1.md", "x"));
    changeFolders(seen, changes({ r: "x", "r/1.md": null, s: null, "s/1.md": "x" }));
    expect(await areStill(root, seen)).toBe(true);
  });
});
