import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { refuseInWorkspace, refuseInWorld } from "../../src/world/path-rules.ts";

describe("an agent may make no file whose path", () => {
  const REFUSED: [what: string, path: string][] = [
    ["is empty", ""],
    ["has half a character", "\ud800"],
    ["is absolute", "/etc/passwd"],
    ["climbs", "a/../../b"],
    ["has an empty part", "a//b"],
    ["is .git", ".git/config"],
    ["is .git in capitals", "sub/.GIT/config"],
    ["is .git as Windows shortens it", "GIT~1/config"],
    ["is .git as a Windows stream", ".git::$INDEX_ALLOCATION/config"],
    ["is .git as old Macs read it", ".g\u200cit/config"],
    ["is .gitattributes", ".gitattributes"],
    ["is .gitmodules", "a/.gitmodules"],
    ["is .gitmodules as Windows shortens it", "a/GITMOD~1"],
    ["is .gitignore in capitals", ".GITIGNORE"],
    ["ends in a dot", "a./b"],
    ["ends in a space", "a "],
    ["is a device on Windows", "notes/Aux.md"],
    ["is a stream on Windows", "notes.md:hidden"],
    ["has a character that Windows keeps for itself", "why?.md"],
    ["has a backslash", "a\\b"],
    ["has an escape character", "a\u001b[2J"],
    ["reverses the reading direction", "a\u202egnp.md"],
    ["is not UTF-8", "a\ufffd"],
    ["has a part of over 255 bytes", "ü".repeat(128)],
    ["is over 1024 bytes", Array(9).fill("x".repeat(120)).join("/")],
    ["is deeper than 16", Array(17).fill("d").join("/")],
    ["is a package folder", "a/node_modules/b.js"],
    ["is Bun's configuration", "bunfig.toml"],
    ["is a list of packages", "sub/Package.json"],
    ["is a compiler's configuration", "tsconfig.json"],
    ["is an environment file", ".env.local"],
    ["is a name that econ writes under", "a/.econ-write-1-1"],
  ];
  for (const [what, path] of REFUSED) {
    test(what, () => expect(refuseInWorkspace(path)).toBeString());
  }
});

test("ordinary names are no problem", () => {
  for (const path of [".gitignore", "memory/day 1.md", "ünï/日本.md", "git~", "a..b", ".x"]) {
    expect(refuseInWorkspace(path)).toBeNull();
  }
});

test("what an agent may make, a world can hold: no agent's file stops a commit", () => {
  const name = fc.oneof(
    fc.constantFrom("GITMOD~1", "git~2", ".gitmodules", ".econ", "a", "..", "main.ts"),
    fc.string(),
  );
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
  fc.assert(
    fc.property(path, (path) => {
      if (refuseInWorkspace(path) === null)
        expect(refuseInWorld(`agents/a/workspace/${path}`)).toBeNull();
    }),
  );
});
