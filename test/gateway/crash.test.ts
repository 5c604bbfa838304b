import { afterEach, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { cleanUp, freshFolder, message, provider, streamed } from "./help.ts";

afterEach(cleanUp);

const QUESTIONS = 5;

async function life(url: string, folder: string, killAfter: number): Promise<string[]> {
  const victim = join(import.meta.dir, "victim.ts");
  const command = [process.execPath, victim, url, folder, String(QUESTIONS)];
  // What it leaves when it is killed goes with the folder.
  const env = { ...process.env, TMPDIR: folder };
  const child = Bun.spawn(command, { env, stdout: "pipe", stderr: "inherit" });
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (text.split("\n").length > killAfter) child.kill("SIGKILL");
  }
  await child.exited;
  return text.split("\n").slice(0, -1);
}

test("what an agent was answered before kill -9 is never paid for again", async () => {
  let n = 0;
  const { url, seen } = provider(({ body }) => {
    n += 1;
    return body.stream ? streamed({ pieces: [`${n}`] }) : message({ text: `${n}` });
  });
  const folder = freshFolder();
  const told: string[] = [];
  // Killed later each time, at the latest one call after the answer that was its sign.
  for (let answers = 1; answers < QUESTIONS; answers++) {
    const lines = (await life(url, folder, answers)).filter((line) => line.startsWith("["));
    expect(lines.slice(0, told.length)).toEqual(told.slice(0, lines.length));
    if (lines.length > told.length) told.splice(0, told.length, ...lines);
  }
  const last = await life(url, folder, Number.POSITIVE_INFINITY);
  expect(last.slice(0, told.length)).toEqual(told);
  expect(last).toHaveLength(QUESTIONS + 1);
  const asked = seen.map(({ body }) => JSON.stringify(body.messages));
  // At most one call was open at each of the four deaths.
  expect(asked.length).toBeLessThanOrEqual(QUESTIONS + 4);
  expect(new Set(asked).size).toBe(QUESTIONS);
  const { calls, costs } = JSON.parse(last.at(-1) as string);
  expect(costs).toBeGreaterThanOrEqual(calls);
  expect(calls).toBeGreaterThan(0);
  // Each of the killed has left the socket of its session; the last life has removed them all.
  expect(readdirSync(folder).filter((name) => name.startsWith("econ-gateway-"))).toEqual([]);
}, 60_000);
