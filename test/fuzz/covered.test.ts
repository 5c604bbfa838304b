// Whoever reads bytes that econ did not write itself is fuzzed, or says here why not: a new parser
// that does neither fails this.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { corpusOf } from "./corpus.ts";
import { LAWS } from "./laws.ts";

const SOURCE = join(import.meta.dir, "../../src");
/** What turns bytes into values. */
const READS = /\b(JSON\.parse|parseJson|parseYaml|jsonOf|parseFrontMatter|frontOf|extract)\(/;

/** Files that read, and are tried through another's law, or have a reason for none. */
const OTHERWISE: Record<string, string> = {
  "agent/mind/front.ts": "by portrait and self",
  "agent/run.ts": "the agent's own state, read by its own program in its sandbox",
  "agent/session.ts": "environment.json, which the kernel writes, and lines as actions has them",
  "agent/trial.ts": "copies of its own values, in a trial",
  "agent/trial-minds.ts": "copies of its own values, in a trial",
  "commands/editing.ts": "by front-matter and mail",
  "commands/lab-run.ts": "the experiments that are shipped",
  "execution/bubblewrap.ts": "what bwrap says of itself, outside the sandbox",
  "execution/engine.ts": "the daemon's words, which is trusted with the machine",
  "gateway/open-call.ts": "by request",
  "gateway/replaying.ts": "by request and trace-calls",
  "gateway/whole-answer.ts": "by answer",
  "lab/experiment.ts": "a person's own file, through the YAML of config",
  "lab/plain.ts": "copies of its own values",
  "lab/results.ts": "its own files, bound to a hash of its code",
  "lab/run.ts": "genes that it wrote itself",
  "lab/reproduce/conservation.ts": "genes that it wrote itself",
  "lab/scribe.ts": "a simulated agent's own words",
  "world/json-scan.ts": "by json",
  "world/read-agents.ts": "by mail",
  "world/read-back.ts": "what was written a moment ago, by the same codecs",
  "world/verify.ts": "by balances and world",
  "world/yaml.ts": "by config and front-matter",
};

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .sort();
const laws = ["laws.ts", "kept.ts", "heard.ts"]
  .map((file) => readFileSync(join(import.meta.dir, file), "utf8"))
  .join("\n");

describe("parsers", () => {
  test("are fuzzed, or say why not", () => {
    const reading = files.filter((file) => READS.test(readFileSync(join(SOURCE, file), "utf8")));
    const isFuzzed = (file: string) => laws.includes(`../../src/${file}"`);
    expect(reading.filter((file) => !isFuzzed(file) && !(file in OTHERWISE))).toEqual([]);
    const stale = Object.keys(OTHERWISE).filter(
      (file) => !reading.includes(file) || isFuzzed(file),
    );
    expect(stale).toEqual([]);
  });

  test("have texts to start from, and no texts are left of others", () => {
    expect(Object.keys(LAWS).filter((parser) => corpusOf(parser).length === 0)).toEqual([]);
    const folders = readdirSync(join(import.meta.dir, "corpus"));
    expect(folders.filter((parser) => !(parser in LAWS))).toEqual([]);
  });
});
