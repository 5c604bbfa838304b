import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { plainCopy } from "../../src/lab/plain.ts";

const throughJson = (value: unknown) => JSON.parse(JSON.stringify(value));

test("a plain copy is what JSON would give back, and shares nothing with what it was made of", () => {
  fc.assert(
    fc.property(fc.object({ withDate: true, withMap: true, withNullPrototype: true }), (value) => {
      const copy = plainCopy(value);
      expect(copy).toStrictEqual(throughJson(value));
      for (const part of Object.values(copy))
        if (typeof part === "object" && part !== null)
          expect(Object.values(value)).not.toContain(part);
    }),
  );
});

test("what JSON leaves out or cannot say is left out or null", () => {
  const odd = {
    none: undefined,
    call: () => 1,
    numbers: [Number.NaN, Number.POSITIVE_INFINITY, -0, 0.1],
    list: [undefined, () => 1, null],
    own: { toJSON: () => "itself" },
    ["__proto__"]: { inner: undefined },
  };
  expect(plainCopy(odd)).toStrictEqual(throughJson(odd));
});
