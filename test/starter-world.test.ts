import { expect, test } from "bun:test";
import { makeStarter, readStarter, STARTER } from "./starter-world.ts";

const AGAIN = "world/ is not what init makes now; write it anew: sh bin/bun test/starter-world.ts";

test("world/ is the world that init makes, file by file", async () => {
  const made = await makeStarter();
  const kept = readStarter(STARTER);
  const differing = [...new Set([...made.keys(), ...kept.keys()])].filter(
    (path) => made.get(path) !== kept.get(path),
  );
  expect(differing, AGAIN).toEqual([]);
});
