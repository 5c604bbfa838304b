// Loaded first of all: from here on the code that touches a world's files gets faulty-fs.ts in place
// of node:fs, and the daemon drawn-cron.ts in place of cron. The text of the modules is otherwise
// their own.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ours = (name: string) => JSON.stringify(join(import.meta.dir, name));

Bun.plugin({
  name: "a disk that fails when told to, and a clock",
  setup(build) {
    build.onLoad({ filter: /\/src\/(world|kernel|serve)\/[^/]+\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8")
        .replace(/(?<=from )"node:fs"/g, ours("faulty-fs.ts"))
        .replace(/(?<=from )"cron"/g, ours("drawn-cron.ts"));
      return { contents: text, loader: "ts" };
    });
  },
});
