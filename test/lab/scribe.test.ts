// Agents whose behaviour is read from their files: what the writer does to instructions, how they
// and skills reach children and customers.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { rulesSchema } from "../../src/economy/rules.ts";
import { drawGenes, GENE_NAMES, type Genes } from "../../src/lab/forager.ts";
import {
  INSTRUCTIONS,
  instructionsFor,
  readInstructions,
  rewrite,
  SKILL_PATHS,
  scribe,
  skillText,
} from "../../src/lab/scribe.ts";
import { simulate, type Workspace } from "../../src/lab/simulate.ts";

const text = fc.string({ maxLength: 8 });
const genes = text.map((who) => drawGenes("seed", who));

describe("instructions", () => {
  test("say what a mind reads in them", () => {
    fc.assert(
      fc.property(genes, (own) => expect(readInstructions(instructionsFor(own))).toEqual(own)),
    );
  });

  test("may be any text: what they do not say is done as a careful agent would", () => {
    const careful = readInstructions("");
    fc.assert(
      fc.property(fc.string(), (any) => {
        for (const figure of Object.values(readInstructions(any)))
          expect(Number.isFinite(figure)).toBe(true);
      }),
    );
    const said = readInstructions("- I sleep 9 cycles between two runs.\nI sleep badly.");
    expect(said).toEqual({ ...careful, pause: 9 });
  });

  test("are rewritten in one sentence at most, and the rest of the text stays", () => {
    fc.assert(
      fc.property(genes, text, text, (own, seed, who) => {
        const before = `${instructionsFor(own)}\nBe kind.\n`;
        const after = rewrite(before, seed, who);
        expect(after).toEndWith("\nBe kind.\n");
        const changed = (gene: keyof Genes) =>
          readInstructions(after)[gene] !== readInstructions(before)[gene];
        expect(GENE_NAMES.filter(changed).length).toBeLessThanOrEqual(1);
        expect(rewrite(before, seed, who)).toBe(after);
      }),
    );
  });
});

const rules = rulesSchema.parse({
  economy: {
    spawn_cost: 1,
    attention_conversion_rates: { interesting: 8, useful: 8, understandable: 8 },
  },
  resources: { cpu_seconds: { supply: 24, initial_price: 1 } },
});

function folder(skilled: boolean, own: Partial<Genes> = {}): Workspace {
  const careful = { ...readInstructions(""), ...own };
  const files: Workspace = new Map([[INSTRUCTIONS, instructionsFor(careful)]]);
  if (skilled) for (const path of SKILL_PATHS) files.set(path, skillText(path));
  return files;
}

describe("a folder", () => {
  test.each([
    ["kept", 0],
    ["inherited", SKILL_PATHS.length],
  ] as const)(
    "of a child has its parent's instructions; skills that are %s: %p",
    async (teaching, count) => {
      const files = folder(true);
      const custom = { writing: "copy", teaching } as const;
      const born: Workspace[] = [];
      const { step, workspaces } = simulate({
        rules,
        seed: "1",
        cast: { parent: { strategy: scribe(files, custom), files } },
        hatch: (_, own) => {
          born.push(own);
          return scribe(own, custom);
        },
      });
      for (let cycle = 0; cycle < 20; cycle++) await step();
      const [child] = born;
      expect(child?.get(INSTRUCTIONS)).toBe(files.get(INSTRUCTIONS) ?? "");
      expect(SKILL_PATHS.filter((path) => child?.has(path)).length).toBe(count);
      expect([...workspaces.values()]).toContain(child as Workspace);
    },
  );

  test("gets a skill that its owner paid for, and its behaviour changes with what stands in it", async () => {
    const [seller, buyer] = [folder(true), folder(false)];
    const custom = { writing: "none", teaching: "sold" } as const;
    const { step, economy } = simulate({
      rules,
      seed: "1",
      cast: {
        seller: { strategy: scribe(seller, custom), files: seller },
        buyer: { strategy: scribe(buyer, custom), files: buyer },
      },
    });
    let paid = 0;
    for (let cycle = 0; cycle < 200; cycle++) {
      await step();
      paid += economy.changes.transfers.filter(({ kind }) => kind === "payment").length;
    }
    expect(SKILL_PATHS.filter((path) => buyer.has(path))).toEqual(SKILL_PATHS);
    expect(paid).toBe(SKILL_PATHS.length);
    buyer.set(INSTRUCTIONS, instructionsFor({ ...readInstructions(""), pause: 20 }));
    let ran = 0;
    for (let cycle = 0; cycle < 100; cycle++) {
      await step();
      ran += economy.changes.events.filter(
        ({ kind, agent }) => kind === "ran" && agent === "buyer",
      ).length;
    }
    expect(ran).toBeLessThan(8);
  });
});
