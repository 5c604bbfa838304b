import { afterEach, expect, test } from "bun:test";
import { removeHomes } from "../help.ts";
import { BID, lives } from "./help.ts";

afterEach(removeHomes);

test("a mind bids, and lives", async () => {
  const life = await lives([{ say: "First I bid.", use: [BID] }, { say: "That is all." }]);
  expect(life.code).toBe(0);
  expect(life.actions).toMatchObject([{ action: "bid", payload: ["econ", "model"] }]);
});
