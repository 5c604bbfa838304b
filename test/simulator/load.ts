// Loaded first of all: from here on the code that touches a world's files gets faulty-fs.ts in place
// of node:fs. The text of the modules is otherwise their own.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const FAULTY = JSON.stringify(join(import.meta.dir, "faulty-fs.ts"));

Bun.plugin({
  name: "a disk that fails when told to",
  setup(build) {
    build.onLoad({ filter: /\/src\/(world|kernel)\/[^/]+\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8").replace(/(?<=from )"node:fs"/g, FAULTY);
      return { contents: text, loader: "ts" };
    });
  },
});
