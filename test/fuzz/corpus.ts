// The texts that fuzzing starts from, and those that once broke a parser: test/fuzz/corpus/<parser>/.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const CORPUS = join(import.meta.dir, "corpus");

/** Every file of a parser's, by its name. */
export function corpusOf(parser: string): [name: string, text: string][] {
  const folder = join(CORPUS, parser);
  return readdirSync(folder)
    .sort()
    .map((name) => [name, readFileSync(join(folder, name), "utf8")]);
}

/** Keep a text that broke a law; where. */
export function keep(parser: string, text: string): string {
  const folder = join(CORPUS, parser);
  mkdirSync(folder, { recursive: true });
  const hash = new Bun.CryptoHasher("sha1").update(text).digest("hex");
  const path = join(folder, `found-${hash.slice(0, 8)}.txt`);
  writeFileSync(path, text);
  return path;
}
